using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Pathway.Core;

/// <summary>Invariants of our own: what fails here is a bug of Pathway, never of its user or of the world.</summary>
public static class Check
{
    /// <summary>Stops the worker when <paramref name="holds"/> is false.</summary>
    public static void That([DoesNotReturnIf(false)] bool holds, [CallerArgumentExpression(nameof(holds))] string? text = null, [CallerMemberName] string? member = null)
    {
        if (!holds) Broken(text, member);
    }

    [DoesNotReturn]
    private static void Broken(string? text, string? member) => throw new InvariantException($"Broken invariant in {member}: {text}. This is a bug of Pathway; please report it with the log.");
}
