using System.Text.Json;
using Pathway.Connectors.Postgres;

namespace Pathway.Tests.Unit.Golden;

/// <summary>A recorded scenario: what the real Debezium emitted, beside the replication messages, catalog and rows that led to it.</summary>
internal sealed class GoldenScenario
{
    private readonly string _folder;

    private GoldenScenario(string name, string folder)
    {
        (Name, _folder) = (name, folder);
        Settings = ReadSettings(Path.Combine(folder, "connector.properties"));
        Records = [.. File.ReadLines(Path.Combine(folder, "records.jsonl")).Where(line => line.Length > 0).Select(GoldenRecord.Parse)];
        Messages = [.. File.ReadLines(Path.Combine(folder, "pgoutput.jsonl")).Where(line => line.Length > 0).Select(GoldenMessage.Parse)];
        Catalog = GoldenCatalog.Read(Path.Combine(folder, "catalog.json"));
        Snapshot = ReadSnapshot(Path.Combine(folder, "snapshot", "index.json"));
    }

    /// <summary>The scenario's name.</summary>
    public string Name { get; }

    /// <summary>The connector's settings.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; }

    /// <summary>What was emitted, in order.</summary>
    public IReadOnlyList<GoldenRecord> Records { get; }

    /// <summary>What came over the replication stream, in order.</summary>
    public IReadOnlyList<GoldenMessage> Messages { get; }

    /// <summary>The catalog at all times of the scenario.</summary>
    public GoldenCatalog Catalog { get; }

    /// <summary>The tables that had rows when the connector started, in its order.</summary>
    public IReadOnlyList<GoldenSnapshotTable> Snapshot { get; }

    /// <summary>The schemas that were registered, in order.</summary>
    public IReadOnlyList<(int Id, string Subject, string Schema)> Schemas
    {
        get
        {
            using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(_folder, "schemas.json")));
            return [.. document.RootElement.EnumerateArray().Select(schema => (schema.GetProperty("id").GetInt32(), schema.GetProperty("subject").GetString()!, schema.GetProperty("schema").GetString()!))];
        }
    }

    /// <summary>The SQL that was run, for a replay on a real server.</summary>
    public string Sql => File.ReadAllText(Path.Combine(_folder, "scenario.sql"));

    /// <summary>Reads a scenario.</summary>
    public static GoldenScenario Load(string name) => new(name, GoldenFolders.All[name]);

    /// <summary>A setting; null where it isn't set.</summary>
    public string? Setting(string name) => Settings.GetValueOrDefault(name);

    private IReadOnlyList<GoldenSnapshotTable> ReadSnapshot(string index)
    {
        if (!File.Exists(index)) return [];
        using var document = JsonDocument.Parse(File.ReadAllText(index));
        return [.. document.RootElement.EnumerateArray().Select(entry => new GoldenSnapshotTable(
            entry.GetProperty("schema").GetString()!,
            entry.GetProperty("table").GetString()!,
            [.. entry.GetProperty("columns").EnumerateArray().Select(column => column.GetString()!)],
            File.ReadAllBytes(Path.Combine(_folder, "snapshot", entry.GetProperty("file").GetString()!))))];
    }

    private static Dictionary<string, string> ReadSettings(string path)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in File.ReadLines(path))
        {
            var split = line.IndexOf('=', StringComparison.Ordinal);
            if (split > 0 && line[0] != '#') settings[line[..split].Trim()] = line[(split + 1)..].Trim();
        }

        return settings;
    }
}

/// <summary>A message of the replication stream.</summary>
/// <param name="Lsn">Its start LSN.</param>
/// <param name="Data">pgoutput, protocol version 1.</param>
internal sealed record GoldenMessage(Lsn Lsn, byte[] Data)
{
    /// <summary>Reads a line of pgoutput.jsonl.</summary>
    public static GoldenMessage Parse(string line)
    {
        var root = JsonDocument.Parse(line).RootElement;
        return new GoldenMessage(Lsn.Parse(root.GetProperty("lsn").GetString()!), root.GetProperty("data").GetBytesFromBase64());
    }
}

/// <summary>The rows of a table when the connector started.</summary>
/// <param name="Schema">The table's schema.</param>
/// <param name="Table">The table's name.</param>
/// <param name="Columns">The columns, in the order of <paramref name="Copy"/>.</param>
/// <param name="Copy">The rows in the text form of COPY.</param>
internal sealed record GoldenSnapshotTable(string Schema, string Table, IReadOnlyList<string> Columns, byte[] Copy);
