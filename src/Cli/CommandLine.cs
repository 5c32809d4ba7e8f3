using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using System.Reflection;
using System.Runtime.CompilerServices;
using Pathway.Core;

namespace Pathway.Cli;

/// <summary>The command line: which commands there are, and how a run of one ends.</summary>
internal static class CommandLine
{
    /// <summary>The form of the log; every command has it.</summary>
    public static Option<string> Log { get; } = LogOption();

    /// <summary>The version that we say we are.</summary>
    public static string Version { get; } =
        typeof(CommandLine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>Runs one command and returns the exit code.</summary>
    public static async Task<int> RunAsync(string[] args, CliContext context)
    {
        var parsed = Build(context).Parse(args);
        if (parsed.Errors.Count > 0) return ReportUsage(parsed, context);
        var report = new Report(context, LogFormOf(parsed));
        try
        {
            // A fail point's misspelt name is to be met here, not in the middle of a commit.
            RuntimeHelpers.RunClassConstructor(typeof(FailPoint).TypeHandle);
            return await parsed.InvokeAsync(new InvocationConfiguration
            {
                Output = context.Output, Error = context.Error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null,
            }, context.Stop.Token);
        }
        catch (Exception failure)
        {
            var code = ExitCode.Of(failure, context.Stop.IsAsked);
            if (code != ExitCode.Stopped) report.Failure(ExitCode.Describe(failure, context.Debug), code);
            return code;
        }
    }

    /// <summary>The form of log that a command line asks for.</summary>
    public static LogForm LogFormOf(ParseResult parsed) => parsed.GetValue(Log) == "json" ? LogForm.Json : LogForm.Text;

    private static Command Build(CliContext context)
    {
        // Not a RootCommand: that is called by the name of the assembly.
        var root = new Command("pathway", "Pathway: an incremental, durable stream processor.")
        {
            SyncCommand.Create(context), DemoCommand.Create(context), InspectCommand.Create(context), SnapshotsCommand.Create(context), HealthCommand.Create(context),
            ReplayCommand.Create(context), PlanCommand.Create(context), DlqCommand.Create(context), FailPointsCommand.Create(context),
        };
        root.Options.Add(Log);
        root.Options.Add(new HelpOption());
        root.Options.Add(new VersionOption());
        root.SetAction(parsed => ShowHelp(parsed, ExitCode.BadUsage));
        root.Subcommands.Add(Say("version", "Print the version.", () => context.Output.WriteLine(Version)));
        root.Subcommands.Add(Say("help", "Print this help.", () => root.Parse("--help").Invoke(new InvocationConfiguration { Output = context.Output, Error = context.Error })));
        return root;
    }

    private static Command Say(string name, string description, Action action)
    {
        var command = new Command(name, description);
        command.SetAction(_ => action());
        return command;
    }

    private static int ShowHelp(ParseResult parsed, int code)
    {
        new HelpAction().Invoke(parsed);
        return code;
    }

    private static int ReportUsage(ParseResult parsed, CliContext context)
    {
        foreach (var error in parsed.Errors) context.Error.WriteLine($"pathway: {error.Message}");
        var names = new List<string>();
        for (SymbolResult? at = parsed.CommandResult; at is CommandResult command; at = at.Parent) names.Insert(0, command.Command.Name);
        context.Error.WriteLine($"`{string.Join(' ', names)} --help` shows what can be said.");
        return ExitCode.BadUsage;
    }

    private static Option<string> LogOption()
    {
        var option = new Option<string>("--log")
        {
            Description = "The form of the log on standard error: lines for people, or one JSON object a line.",
            DefaultValueFactory = _ => "text", HelpName = "text|json", Recursive = true,
        };
        option.AcceptOnlyFromAmong("text", "json");
        return option;
    }
}
