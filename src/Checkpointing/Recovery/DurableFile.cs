using Pathway.Storage;

namespace Pathway.Checkpointing;

/// <summary>Small files that are replaced as a whole.</summary>
internal static class DurableFile
{
    /// <summary>Writes beside, syncs, renames, syncs the folder: at every moment the old or the new content is there.</summary>
    public static void Replace(string path, ReadOnlySpan<byte> content)
    {
        var disk = new LocalDisk();
        var beside = path + ".new";
        using (var file = disk.Create(beside))
        {
            file.Write(0, content);
            file.Sync();
        }

        disk.Rename(beside, path);
        disk.SyncFolder(Path.GetDirectoryName(path)!);
    }
}
