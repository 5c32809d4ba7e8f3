using Pathway.Core;
using Pathway.Hosting;

namespace Pathway.Tests.Unit.Hosting;

[Trait("suite", "unit")]
public sealed class ControlSocketTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(10)]
    [InlineData(150)] // longer than a socket's address may be
    public async Task Ask_WhileItRuns_IsAnsweredOrRefusedInWords(int length)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), "pathway-control-" + Guid.NewGuid().ToString("N")[..8], new string('x', length))).FullName;
        try
        {
            Assert.Null(await ControlSocket.AskAsync(folder, ["echo", "a"], Stop));
            await using (ControlSocket.Start(folder, new Dictionary<string, Func<IReadOnlyList<string>, CancellationToken, Task<string>>>
            {
                ["echo"] = (words, _) => Task.FromResult(string.Join(' ', words)),
                ["fail"] = (_, _) => throw new ConnectorException("It can't."),
            }))
            {
                Assert.Equal("a \"b\"", await ControlSocket.AskAsync(folder, ["echo", "a", "\"b\""], Stop));
                Assert.Equal("It can't.", (await Assert.ThrowsAsync<ConfigurationException>(() => ControlSocket.AskAsync(folder, ["fail"], Stop))).Message);
                Assert.Contains("echo, fail", (await Assert.ThrowsAsync<ConfigurationException>(() => ControlSocket.AskAsync(folder, ["other"], Stop))).Message, StringComparison.Ordinal);
            }

            Assert.Null(await ControlSocket.AskAsync(folder, ["echo"], Stop));
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(folder)!, recursive: true);
        }
    }
}
