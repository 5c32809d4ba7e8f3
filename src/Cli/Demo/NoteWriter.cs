using System.Text;

namespace Pathway.Cli;

/// <summary>Keeps the last lines that were written, for a screen that would be torn apart by them.</summary>
internal sealed class NoteWriter : TextWriter
{
    private const int Most = 4;
    private readonly Queue<string> _lines = new();

    /// <inheritdoc/>
    public override Encoding Encoding => Encoding.UTF8;

    /// <summary>The last lines.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lines) return [.. _lines];
        }
    }

    /// <inheritdoc/>
    public override void WriteLine(string? value)
    {
        lock (_lines)
        {
            _lines.Enqueue(value ?? "");
            while (_lines.Count > Most) _lines.Dequeue();
        }
    }
}
