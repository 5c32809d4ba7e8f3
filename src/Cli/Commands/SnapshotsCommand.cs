using System.CommandLine;
using Pathway.Checkpointing;
using Pathway.Core;
using Pathway.Hosting;
using Pathway.S3;
using Pathway.Storage;

namespace Pathway.Cli;

/// <summary><c>pathway snapshots</c>: restorable copies of a pipeline's state.</summary>
internal static class SnapshotsCommand
{
    private static readonly Option<string?> Name = new("--name") { Description = "The pipeline; needed only where the store has snapshots of several.", HelpName = "NAME" };

    public static Command Create(CliContext context) => new("snapshots", "Make, list, verify, restore and delete restorable copies of a pipeline's state.")
    {
        CreateSnapshot(context), List(context), Verify(context), Restore(context), Prune(context),
    };

    private static Command CreateSnapshot(CliContext context)
    {
        var (directory, store) = (new Argument<string>("DIR") { Description = "The pipeline's state directory. One that runs is asked to make the snapshot itself, and goes on meanwhile." }, Store("--to"));
        var command = new Command("create", "Make a snapshot. Files that an earlier one has are not stored again.") { directory, store };
        command.SetAction(async (parsed, stop) =>
        {
            var objects = ObjectStores.At(parsed.GetValue(store)!);
            if (await ControlSocket.AskAsync(parsed.GetValue(directory)!, ["snapshot", objects.Place], stop) is { } answer)
            {
                context.Output.WriteLine(answer);
                return;
            }

            using var state = FrozenState.Of(parsed.GetValue(directory)!);
            context.Output.WriteLine(SnapshotText.Made(await new SnapshotStore(objects, state.Found.Manifest.Name).CreateAsync(state, DateTimeOffset.UtcNow, stop), objects.Place));
        });
        return command;
    }

    private static Command List(CliContext context)
    {
        var store = Store("--from");
        var command = new Command("list", "List snapshots, oldest first.") { store, Name };
        command.SetAction(async (parsed, stop) =>
        {
            var objects = ObjectStores.At(parsed.GetValue(store)!);
            foreach (var name in await NamesAsync(objects, parsed.GetValue(Name), stop))
            {
                context.Output.WriteLine(name);
                foreach (var snapshot in await new SnapshotStore(objects, name).ListAsync(stop)) context.Output.WriteLine($"  {snapshot.Id,-28} {SnapshotText.Of(snapshot)}");
            }
        });
        return command;
    }

    private static Command Verify(CliContext context)
    {
        var (store, id) = (Store("--from"), Id());
        var command = new Command("verify", "Read every file of a snapshot: exit code 0 when it is whole, 1 when not.") { id, store, Name };
        command.SetAction(async (parsed, stop) =>
        {
            var snapshots = await OfOneAsync(ObjectStores.At(parsed.GetValue(store)!), parsed.GetValue(Name), stop);
            var snapshot = await snapshots.FindAsync(parsed.GetValue(id)!, stop);
            var wrong = await snapshots.VerifyAsync(snapshot, stop);
            foreach (var file in wrong) context.Error.WriteLine($"{snapshot.Id}: {file}");
            if (wrong.Count == 0) context.Output.WriteLine($"{snapshot.Id} is whole: {SnapshotText.Of(snapshot)}");
            return wrong.Count == 0 ? ExitCode.Stopped : ExitCode.Failed;
        });
        return command;
    }

    private static Command Restore(CliContext context)
    {
        var (store, id) = (Store("--from"), Id());
        var directory = new Option<string>("--to") { Description = "The new state directory; it must be empty.", HelpName = "DIR", Required = true };
        var command = new Command("restore", "Write a snapshot into a new state directory, every file verified.") { id, store, directory, Name };
        command.SetAction(async (parsed, stop) =>
        {
            var snapshots = await OfOneAsync(ObjectStores.At(parsed.GetValue(store)!), parsed.GetValue(Name), stop);
            var snapshot = await snapshots.FindAsync(parsed.GetValue(id)!, stop);
            await snapshots.RestoreAsync(snapshot, parsed.GetValue(directory)!, stop);
            context.Output.WriteLine($"{snapshot.Id} of {snapshot.Name} restored into {Path.GetFullPath(parsed.GetValue(directory)!)}: {SnapshotText.Of(snapshot)}");
            context.Output.WriteLine("Run only this copy. If a target has what was delivered after the snapshot, the start replays input up to there where sources keep it, and else refuses.");
        });
        return command;
    }

    private static Command Prune(CliContext context)
    {
        var store = Store("--from");
        var keep = new Option<int>("--keep") { Description = "How many to keep, the newest.", HelpName = "N", Required = true };
        keep.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1) result.AddError("--keep must be 1 at least.");
        });
        var command = new Command("prune", "Delete all but the newest snapshots, and the files that only they needed.") { store, keep, Name };
        command.SetAction(async (parsed, stop) =>
        {
            var gone = await (await OfOneAsync(ObjectStores.At(parsed.GetValue(store)!), parsed.GetValue(Name), stop)).PruneAsync(parsed.GetValue(keep), stop);
            foreach (var snapshot in gone) context.Output.WriteLine($"{snapshot.Id} deleted");
        });
        return command;
    }

    private static Option<string> Store(string name) => new(name) { Description = "What holds the snapshots: a directory, or s3://bucket/prefix.", HelpName = "STORE", Required = true };

    private static Argument<string> Id() => new("ID") { Description = "The snapshot; the newest if none is named.", DefaultValueFactory = _ => "latest" };

    private static async Task<SnapshotStore> OfOneAsync(IObjectStore objects, string? name, CancellationToken stop)
    {
        var names = await NamesAsync(objects, name, stop);
        return names.Count == 1
            ? new SnapshotStore(objects, names[0])
            : throw new ConfigurationException($"{objects.Place} has snapshots of several pipelines: {string.Join(", ", names)}. Name one with --name.");
    }

    private static async Task<IReadOnlyList<string>> NamesAsync(IObjectStore objects, string? name, CancellationToken stop)
    {
        if (name is not null) return [name];
        var names = (await objects.ListAsync("", stop)).Where(key => key.Contains("/snapshots/", StringComparison.Ordinal)).Select(key => key[..key.IndexOf('/')]).Distinct(StringComparer.Ordinal).ToList();
        return names.Count > 0 ? names : throw new ConfigurationException($"There is no snapshot in {objects.Place}.");
    }
}
