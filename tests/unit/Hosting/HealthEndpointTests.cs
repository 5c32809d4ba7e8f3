using System.Net;
using Pathway.Cli;
using Pathway.Core;
using Pathway.Hosting;
using Pathway.Tests.Unit.Cli;

namespace Pathway.Tests.Unit.Hosting;

[Trait("suite", "unit")]
public sealed class HealthEndpointTests
{
    private static readonly EndPoint Free = new IPEndPoint(IPAddress.Loopback, 0);

    [Fact]
    public async Task Get_BeforeWhileAndAfterStreaming_TellsTheTruth()
    {
        var health = new PipelineHealth();
        await using var endpoint = await HealthEndpoint.StartAsync(Free, health, TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.OK, """{"status":"live","reason":"starting"}"""), await GetAsync(endpoint, "/health/live"));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, """{"status":"not ready","reason":"starting"}"""), await GetAsync(endpoint, "/health/ready"));
        health.Streaming();
        Assert.Equal((HttpStatusCode.OK, """{"status":"live"}"""), await GetAsync(endpoint, "/health/live"));
        Assert.Equal((HttpStatusCode.OK, """{"status":"ready"}"""), await GetAsync(endpoint, "/health/ready"));
        health.NotReady("stopping");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await GetAsync(endpoint, "/health/ready")).Code);
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(endpoint, "/")).Code);
    }

    [Fact]
    public async Task StartAsync_AddressTaken_SaysSo()
    {
        await using var first = await HealthEndpoint.StartAsync(new DnsEndPoint("localhost", 0), new PipelineHealth(), TestContext.Current.CancellationToken);
        var address = new IPEndPoint(IPAddress.Loopback, new Uri(first.Address).Port);
        var refused = await Assert.ThrowsAsync<ConfigurationException>(() => HealthEndpoint.StartAsync(address, new PipelineHealth(), TestContext.Current.CancellationToken));
        Assert.StartsWith($"The health endpoint can't listen at {address}: it is taken.", refused.Message);
    }

    [Fact]
    public async Task HealthCommand_AgainstTheEndpoint_EndsByItsAnswer()
    {
        var health = new PipelineHealth();
        await using var endpoint = await HealthEndpoint.StartAsync(Free, health, TestContext.Current.CancellationToken);
        var address = new Uri(endpoint.Address).Authority;
        Assert.Equal(ExitCode.Stopped, (await CommandLineTests.RunAsync($"health --address {address}")).Code);
        Assert.Equal(ExitCode.Failed, (await CommandLineTests.RunAsync($"health --ready --address {address}")).Code);
        health.Streaming();
        Assert.Equal((ExitCode.Stopped, "{\"status\":\"ready\"}" + Environment.NewLine, ""), await CommandLineTests.RunAsync($"health --ready --address {address}"));
    }

    private static async Task<(HttpStatusCode Code, string Text)> GetAsync(HealthEndpoint endpoint, string path)
    {
        using var client = new HttpClient();
        using var answer = await client.GetAsync(new Uri(endpoint.Address + path), TestContext.Current.CancellationToken);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
