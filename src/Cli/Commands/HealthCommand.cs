using System.CommandLine;
using Pathway.Core;

namespace Pathway.Cli;

/// <summary><c>pathway health</c>: asks a running sync how it is; for containers, whose images have no curl.</summary>
internal static class HealthCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public static Command Create(CliContext context)
    {
        var address = new Option<string>("--address") { Description = "Where its `http:` listens.", HelpName = "HOST:PORT", DefaultValueFactory = _ => "127.0.0.1:9180" };
        var ready = new Option<bool>("--ready") { Description = "Ask whether it streams, not only whether it lives." };
        var command = new Command("health", "Ask a running sync how it is: exit code 0 when well, 1 when not.") { address, ready };
        command.SetAction((parsed, stop) => AskAsync(context, parsed.GetValue(address)!, parsed.GetValue(ready) ? "ready" : "live", stop));
        return command;
    }

    private static async Task<int> AskAsync(CliContext context, string address, string what, CancellationToken stop)
    {
        if (!Quantity.TryAddress(address, out _)) throw new ConfigurationException($"--address is '{address}'; it must be {Quantity.AddressForm}.");
        using var client = new HttpClient { Timeout = Patience };
        try
        {
            using var answer = await client.GetAsync(new Uri($"http://{address}/health/{what}"), stop);
            context.Output.WriteLine(await answer.Content.ReadAsStringAsync(stop));
            return answer.IsSuccessStatusCode ? ExitCode.Stopped : ExitCode.Failed;
        }
        catch (HttpRequestException failure)
        {
            throw new ConnectorException($"Nothing answers at http://{address}: {failure.Message}", failure);
        }
        catch (TaskCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new ConnectorException($"http://{address} gave no answer in {Patience.TotalSeconds:0} s.");
        }
    }
}
