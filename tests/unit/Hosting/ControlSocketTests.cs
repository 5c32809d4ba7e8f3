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

    [Fact]
    public async Task Dispose_WhenASuccessorListens_LeavesItsSocketAlone()
    {
        var folder = Directory.CreateTempSubdirectory("pathway-control-").FullName;
        try
        {
            var before = ControlSocket.Start(folder, Saying("before"));
            await using (ControlSocket.Start(folder, Saying("after")))
            {
                await before.DisposeAsync();
                Assert.Equal("after", await ControlSocket.AskAsync(folder, ["who"], Stop));
            }

            Assert.Null(await ControlSocket.AskAsync(folder, ["who"], Stop));
            Assert.Equal(["control.sock"], Directory.GetFiles(folder).Select(Path.GetFileName));
            await using (ControlSocket.Start(folder, Saying("later"))) Assert.Equal("later", await ControlSocket.AskAsync(folder, ["who"], Stop));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        static Dictionary<string, Func<IReadOnlyList<string>, CancellationToken, Task<string>>> Saying(string word) => new() { ["who"] = (_, _) => Task.FromResult(word) };
    }
}
