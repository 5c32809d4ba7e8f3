using Pathway.Storage;

namespace Pathway.Checkpointing;

/// <summary>State changes as records of the commit log, each of whole entries.</summary>
internal static class StateRecord
{
    /// <summary>Above this many bytes the changes are cut into several records.</summary>
    private const int PayloadBytes = 4 << 20;

    /// <summary>Appends all of <paramref name="changes"/> to the open commit.</summary>
    public static void Append(CommitLog log, StateChanges changes)
    {
        var rest = changes.Bytes.Span;
        while (!rest.IsEmpty)
        {
            var cut = rest.Length <= PayloadBytes ? rest.Length : Cut(rest);
            log.Append(RecordKind.State, default, rest[..cut]);
            rest = rest[cut..];
        }
    }

    private static int Cut(ReadOnlySpan<byte> bytes)
    {
        var rest = bytes;
        var length = 0;
        while (StateChanges.TryRead(ref rest, out _, out _, out _))
        {
            var next = bytes.Length - rest.Length;
            if (length > 0 && next > PayloadBytes) break;
            length = next;
        }

        return length;
    }
}
