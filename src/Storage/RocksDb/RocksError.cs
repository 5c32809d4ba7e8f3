using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Pathway.Core;

namespace Pathway.Storage;

/// <summary>RocksDB's errors as ours.</summary>
internal static partial class RocksError
{
    /// <summary>Throws what <paramref name="error"/>, a text that RocksDB allocated, says; nothing if it is null.</summary>
    public static void ThrowIf(IntPtr error, string folder)
    {
        if (error != IntPtr.Zero) Throw(error, folder);
    }

    /// <summary>The refusal of a damaged database.</summary>
    public static RefusalException Refusal(string folder, string found)
    {
        var file = SortedFile().Match(found) is { Success: true } match ? Path.Combine(folder, match.Value) : folder;
        return new RefusalException(
            $"the state in {file} is damaged", found, "files as they were written, all of them and whole",
            "Check the disk and restore the state directory from a snapshot; don't delete single files, since what they held would be lost silently.");
    }

    private static void Throw(IntPtr error, string folder)
    {
        var text = Marshal.PtrToStringUTF8(error)!;
        StateDb.Api.rocksdb_free(error);
        // A missing file is an error of input and output to RocksDB; so are a full disk and missing rights, which are the world's.
        if (text.StartsWith("Corruption", StringComparison.Ordinal) || text.Contains("No such file", StringComparison.Ordinal) || text.Contains("Can't access", StringComparison.Ordinal))
            throw Refusal(folder, text);
        throw new ConnectorException($"RocksDB in {folder}: {text}");
    }

    [GeneratedRegex(@"\d{6,}\.sst")]
    private static partial Regex SortedFile();
}
