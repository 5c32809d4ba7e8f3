using System.Text.Json;

namespace Pathway.Connectors;

/// <summary>How the lines of a file are put together, learned from one of them: what stands before each value, and which member the value is of.</summary>
/// <remarks>Programs write the members of their objects in one order and with the same blanks, so that what the next line looks like is known before it is read.</remarks>
internal sealed class JsonLineShape
{
    private readonly Step[] _steps;
    private readonly byte[] _end;

    private JsonLineShape(Step[] steps, byte[] end) => (_steps, _end) = (steps, end);

    /// <summary>What stands before each value, in order.</summary>
    public ReadOnlySpan<Step> Steps => _steps;

    /// <summary>What stands behind the last value.</summary>
    public ReadOnlySpan<byte> End => _end;

    /// <summary>The shape of a line that could be read; null if it lacks a member, has one twice, or holds values that aren't single.</summary>
    /// <param name="line">An object.</param>
    /// <param name="memberOf">The number of the member that stands under a name, or -1.</param>
    /// <param name="members">How many members there are.</param>
    public static JsonLineShape? Of(ReadOnlySpan<byte> line, Func<string, int> memberOf, int members)
    {
        var (steps, seen) = (new List<Step>(), new bool[members]);
        var json = new Utf8JsonReader(line);
        json.Read();
        var from = 0;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var member = memberOf(json.GetString()!);
            json.Read();
            if (json.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray || (member >= 0 && seen[member])) return null;
            if (member >= 0) seen[member] = true;
            steps.Add(new Step(line[from..(int)json.TokenStartIndex].ToArray(), member));
            from = (int)json.BytesConsumed;
        }

        return seen.AsSpan().Contains(false) ? null : new JsonLineShape([.. steps], line[from..].ToArray());
    }

    /// <summary>What stands before a value, and which member the value is of; -1 for none.</summary>
    public readonly record struct Step(byte[] Before, int Member);
}
