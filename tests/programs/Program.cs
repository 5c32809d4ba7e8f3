// Pipelines that kill tests run as processes of their own: files that grow in, files out.
//   Pathway.Tests.Programs NAME FOLDER WORKERS [STATE]
using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Pathway;
using Pathway.Checkpointing;
using Pathway.Hosting;
using Pathway.S3;
using Pathway.Tests.Programs;

if (args is not [var name, var folder, var workers, .. var elsewhere] || !TestPrograms.All.TryGetValue(name, out var describe))
{
    Console.Error.WriteLine($"Usage: Pathway.Tests.Programs {string.Join('|', TestPrograms.All.Keys)} FOLDER WORKERS [STATE]");
    return 2;
}

var pipeline = Pipeline.Create(name, options => options with
{
    StateDirectory = elsewhere is [var state] ? state : Path.Combine(folder, "state"), Workers = int.Parse(workers, CultureInfo.InvariantCulture),
    AcceptPlan = Environment.GetEnvironmentVariable("ACCEPT_PLAN") is not null, CommitEvery = TimeSpan.FromMilliseconds(20), Checkpoints = new CheckpointOptions { Every = TimeSpan.FromMilliseconds(200) },
});
describe(pipeline, folder);
using var stop = new CancellationTokenSource();
using var onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
{
    signal.Cancel = true;
    stop.Cancel();
});
using var loggers = LoggerFactory.Create(logging => logging.AddSimpleConsole(console => console.SingleLine = true));
await using var control = PipelineControl.Start(pipeline, ObjectStores.At, logger: loggers.CreateLogger("control"));
Console.WriteLine("stops when asked");
await pipeline.RunAsync(loggers.CreateLogger(name), stop: stop.Token);
return 0;
