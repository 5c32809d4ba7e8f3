using Pathway.Core;

namespace Pathway;

/// <summary>What a pipeline found and decided at start: the material of the start screen.</summary>
/// <param name="Name">The pipeline's name.</param>
/// <param name="StateDirectory">Where its state lives.</param>
/// <param name="Resumes">The commit it goes on behind; <see cref="CommitNumber.None"/> at the first start.</param>
/// <param name="Sources">What it reads.</param>
/// <param name="Targets">What it writes.</param>
public sealed record StartReport(string Name, string StateDirectory, CommitNumber Resumes, IReadOnlyList<StartReport.Source> Sources, IReadOnlyList<StartReport.Target> Targets)
{
    /// <summary>A source.</summary>
    /// <param name="Description">What it is and where.</param>
    /// <param name="Tables">The tables or streams read there.</param>
    /// <param name="Position">Where it goes on, in words; null: from its beginning.</param>
    public sealed record Source(string Description, IReadOnlyList<string> Tables, string? Position);

    /// <summary>A target.</summary>
    /// <param name="Description">What it is and where.</param>
    /// <param name="Outputs">What goes there.</param>
    /// <param name="Guarantee">What is promised.</param>
    /// <param name="RowsUndelivered">Rows of the log that it has yet to get.</param>
    public sealed record Target(string Description, IReadOnlyList<string> Outputs, Guarantee Guarantee, long RowsUndelivered);
}
