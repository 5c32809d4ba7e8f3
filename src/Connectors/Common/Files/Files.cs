using Pathway.Core;

namespace Pathway.Connectors;

/// <summary>Files as sources and sinks: JSON lines, CSV, plain text.</summary>
public static class Files
{
    /// <summary>A file of JSON objects, one a line, as a keyed table: a later line with the same key replaces the earlier one. It is read once to its end.</summary>
    /// <param name="path">The file.</param>
    /// <param name="key">The key of a row.</param>
    /// <param name="kind">Which lines are rows, where the file holds others, too; null for all.</param>
    /// <typeparam name="TKey">The key.</typeparam>
    /// <typeparam name="TRow">The row; members are found by name, in any case (<see cref="RowJson"/>).</typeparam>
    public static ISource<Upsert<TKey, TRow>> Table<TKey, TRow>(string path, Func<TRow, TKey> key, LineKind? kind = null) => Table(path, key, FileForm.Json<TRow>(kind));

    /// <summary>A file of any form as a keyed table: a later row with the same key replaces the earlier one.</summary>
    /// <param name="path">The file.</param>
    /// <param name="key">The key of a row.</param>
    /// <param name="form">How rows stand in it.</param>
    /// <param name="reading">How it is read; null: once to its end, and a bad line stops the pipeline.</param>
    public static ISource<Upsert<TKey, TRow>> Table<TKey, TRow>(string path, Func<TRow, TKey> key, FileForm<TRow> form, FileReading? reading = null) =>
        new FileSource<TRow, Upsert<TKey, TRow>>(new FileOrigin(path, (reading ?? new()).Checked(), form.Quote), form, row => Upsert<TKey, TRow>.Put(key(row), row));

    /// <summary>A file of JSON objects, one a line, as a stream in the order of its lines. It is read once to its end.</summary>
    /// <param name="path">The file.</param>
    /// <param name="kind">Which lines are rows, where the file holds others, too; null for all.</param>
    /// <typeparam name="TRow">The row.</typeparam>
    public static ISource<TRow> Stream<TRow>(string path, LineKind? kind = null) => Stream(path, FileForm.Json<TRow>(kind));

    /// <summary>A file of any form as a stream in the order of its lines.</summary>
    /// <param name="path">The file.</param>
    /// <param name="form">How rows stand in it.</param>
    /// <param name="reading">How it is read; null: once to its end, and a bad line stops the pipeline.</param>
    public static ISource<TRow> Stream<TRow>(string path, FileForm<TRow> form, FileReading? reading = null) =>
        new FileSource<TRow, TRow>(new FileOrigin(path, (reading ?? new()).Checked(), form.Quote), form, static row => row);

    /// <summary>A CSV file as a stream in the order of its lines; columns are found by the names of the row's members.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">Separator, quote, header; null for comma, double quote and a header.</param>
    /// <param name="reading">How it is read; null: once to its end, and a bad line stops the pipeline.</param>
    public static ISource<TRow> Csv<TRow>(string path, CsvOptions? options = null, FileReading? reading = null) => Stream(path, FileForm.Csv<TRow>(options), reading);

    /// <summary>The lines of a text file, in order.</summary>
    /// <param name="path">The file.</param>
    /// <param name="reading">How it is read; null: once to its end, and a bad line stops the pipeline.</param>
    public static ISource<string> Lines(string path, FileReading? reading = null) => Stream(path, FileForm.Text, reading);

    /// <summary>
    /// The rows of all files in a folder that match a pattern, by file and line, as they are now: a file that comes adds its rows, one that changes changes them, one that goes takes them away, each at once.
    /// </summary>
    /// <remarks>
    /// Files are taken in when their length and time have stayed the same for a while (<see cref="FileReading.LookEvery"/>); a change that alters neither isn't seen. The position names every file: meant for up to some thousands.
    /// </remarks>
    /// <param name="folder">The folder.</param>
    /// <param name="pattern">Names of files, such as <c>*.csv</c>: <c>*</c> and <c>?</c> stand for any characters. With <c>**/</c> in front, in all folders below, too.</param>
    /// <param name="form">How rows stand in them.</param>
    /// <param name="reading">How they are read; null: what is there once, and a bad line stops the pipeline. <see cref="FileReading.Follow"/> watches the folder.</param>
    public static ISource<Upsert<FileLine, TRow>> Folder<TRow>(string folder, string pattern, FileForm<TRow> form, FileReading? reading = null) =>
        new FolderSource<TRow>(new FolderOrigin(folder, pattern, (reading ?? new()).Checked(), form.Quote), form);

    /// <summary>A file whose rows come at the pace of a time that they have: for demos and tests with what happened once.</summary>
    /// <param name="path">The file; its rows should be ordered by that time.</param>
    /// <param name="form">How rows stand in it, such as <see cref="FileForm.Csv{TRow}"/>.</param>
    /// <param name="time">The time of a row.</param>
    /// <param name="speed">How many times faster than it was. Default 1.</param>
    /// <remarks>The first row that is read comes at once, also after a restart.</remarks>
    public static ISource<TRow> Replay<TRow>(string path, FileForm<TRow> form, Func<TRow, DateTimeOffset> time, double speed = 1)
    {
        if (!double.IsFinite(speed) || speed <= 0) throw new ConfigurationException(FormattableString.Invariant($"A replay {speed} times as fast can't be: the speed has to be a number above 0."));
        return new ReplaySource<TRow>(new ReplayOrigin(path, form.Quote, speed), form, time);
    }

    /// <summary>A keyed table as lines <c>{"key":…,"row":…}</c>, appended; the row is null where the key went.</summary>
    /// <param name="path">The file.</param>
    /// <param name="target">The target's name in the pipeline. All sinks of one folder and name are delivered together; sinks of different folders need different names.</param>
    /// <param name="name">What the file is called in the plan; null for its path as it is written. Give a name where the path isn't the same at each start.</param>
    /// <typeparam name="TKey">The key.</typeparam>
    /// <typeparam name="TRow">The row.</typeparam>
    public static KeyedSink<TKey, TRow> KeyedSink<TKey, TRow>(string path, string target = "files", string? name = null)
    {
        var (factory, file) = Target(path, target);
        return new(factory, new JsonKeyedFormatter<TKey, TRow>(file), $"file {name ?? path}") { Destinations = [file] };
    }

    /// <summary>The changes of a table without key as lines with the row's members and <c>"time"</c> and <c>"diff"</c>, appended.</summary>
    /// <param name="path">The file.</param>
    /// <param name="target">The target's name in the pipeline. All sinks of one folder and name are delivered together; sinks of different folders need different names.</param>
    /// <param name="name">What the file is called in the plan; null for its path as it is written. Give a name where the path isn't the same at each start.</param>
    /// <typeparam name="TRow">The row.</typeparam>
    /// <exception cref="ConfigurationException">The row has a member of one of those names.</exception>
    public static ChangeSink<TRow> ChangeSink<TRow>(string path, string target = "files", string? name = null)
    {
        var (factory, file) = Target(path, target);
        return new(factory, new JsonChangeFormatter<TRow>(file), $"file {name ?? path}") { Destinations = [file] };
    }

    /// <summary>The changes of a table without key as CSV, appended: the row's members, then <c>time</c> and <c>diff</c>, under a header.</summary>
    /// <param name="path">The file.</param>
    /// <param name="target">The target's name in the pipeline. All sinks of one folder and name are delivered together; sinks of different folders need different names.</param>
    /// <param name="name">What the file is called in the plan; null for its path as it is written. Give a name where the path isn't the same at each start.</param>
    /// <typeparam name="TRow">The row.</typeparam>
    /// <exception cref="ConfigurationException">The row has a member of one of those names, or one that is no single value.</exception>
    public static ChangeSink<TRow> CsvSink<TRow>(string path, string target = "files", string? name = null)
    {
        var (factory, file) = Target(path, target);
        return new(factory, new CsvChangeFormatter<TRow>(file), $"file {name ?? path}") { Destinations = [file] };
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
