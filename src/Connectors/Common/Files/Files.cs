using Pathway.Core;

namespace Pathway.Connectors;

/// <summary>Files of JSON lines as sources and sinks.</summary>
public static class Files
{
    /// <summary>A file of JSON objects, one a line, as a keyed table: a later line with the same key replaces the earlier one. It is read once to its end.</summary>
    /// <param name="path">The file.</param>
    /// <param name="key">The key of a row.</param>
    /// <param name="kind">Which lines are rows, where the file holds others, too; null for all.</param>
    /// <typeparam name="TKey">The key.</typeparam>
    /// <typeparam name="TRow">The row; members are found by name, in any case (<see cref="RowJson"/>).</typeparam>
    public static ISource<Upsert<TKey, TRow>> Table<TKey, TRow>(string path, Func<TRow, TKey> key, LineKind? kind = null) =>
        new FileSource<TRow, Upsert<TKey, TRow>>(new FileOrigin(path), kind, row => Upsert<TKey, TRow>.Put(key(row), row));

    /// <summary>A file of JSON objects, one a line, as a stream in the order of its lines. It is read once to its end.</summary>
    /// <param name="path">The file.</param>
    /// <param name="kind">Which lines are rows, where the file holds others, too; null for all.</param>
    /// <typeparam name="TRow">The row.</typeparam>
    public static ISource<TRow> Stream<TRow>(string path, LineKind? kind = null) => new FileSource<TRow, TRow>(new FileOrigin(path), kind, static row => row);

    /// <summary>A keyed table as lines <c>{"key":…,"row":…}</c>, appended; the row is null where the key went.</summary>
    /// <param name="path">The file.</param>
    /// <param name="target">The target's name in the pipeline. All sinks of one folder and name are delivered together; sinks of different folders need different names.</param>
    /// <typeparam name="TKey">The key.</typeparam>
    /// <typeparam name="TRow">The row.</typeparam>
    public static KeyedSink<TKey, TRow> KeyedSink<TKey, TRow>(string path, string target = "files")
    {
        var (factory, file) = Target(path, target);
        return new(factory, new JsonKeyedFormatter<TKey, TRow>(file), $"file {path}") { Destinations = [file] };
    }

    /// <summary>The changes of a table without key as lines with the row's members and <c>"time"</c> and <c>"diff"</c>, appended.</summary>
    /// <param name="path">The file.</param>
    /// <param name="target">The target's name in the pipeline. All sinks of one folder and name are delivered together; sinks of different folders need different names.</param>
    /// <typeparam name="TRow">The row.</typeparam>
    /// <exception cref="ConfigurationException">The row has a member of one of those names.</exception>
    public static ChangeSink<TRow> ChangeSink<TRow>(string path, string target = "files")
    {
        var (factory, file) = Target(path, target);
        return new(factory, new JsonChangeFormatter<TRow>(file), $"file {path}") { Destinations = [file] };
    }

    /// <summary>How many bytes of a sink's file are delivered; what lies behind them may be taken back.</summary>
    /// <param name="delivered">The last delivery on record.</param>
    /// <param name="path">The sink's file.</param>
    public static long DeliveredLength(DeliveredMarker delivered, string path) => FileLengths.Parse(delivered.Note)[Path.GetFileName(path)];

    private static (ITargetFactory Factory, string File) Target(string path, string target)
    {
        var full = Path.GetFullPath(path);
        if (Path.GetFileName(full) is not { Length: > 0 } file || Directory.Exists(full)) throw new ConfigurationException($"'{path}' names no file. Give the path of a file, such as out/totals.jsonl.");
        return (new FileTargetFactory(Path.GetDirectoryName(full)!, target), file);
    }
}
