using System.CommandLine;
using Pathway.Core;

namespace Pathway.Cli;

/// <summary><c>pathway failpoints</c>: lists the places where tests may make the process die, fail or wait.</summary>
internal static class FailPointsCommand
{
    public static Command Create(CliContext context)
    {
        var command = new Command("failpoints", $"List the fail points, name and place. {FailPoint.Variable}=\"NAME=kill|throw|delay:200ms[@N];…\" arms them, on the N-th hit.");
        command.SetAction(_ => List(context.Output));
        return command;
    }

    private static void List(TextWriter output)
    {
        foreach (var (name, place) in FailPoints.All) output.WriteLine($"{name,-26} {place}");
    }
}
