using Pathway.Connectors.Postgres;

namespace Pathway.Tests.Unit.Golden;

/// <summary>Turns what was recorded of a scenario into the changes that the formatter gets.</summary>
internal static class GoldenReplay
{
    /// <summary>Loaded rows, then streamed changes.</summary>
    public static List<ChangeEvent> Changes(GoldenScenario scenario) => [.. Loaded(scenario), .. Streamed(scenario)];

    private static IEnumerable<ChangeEvent> Loaded(GoldenScenario scenario)
    {
        var reading = new PgTransaction(Xid: 1, CommitLsn: new Lsn(1), CommitMicros: 1_700_000_000_000_000, PreviousEnd: null);
        var recorded = new Queue<LoadPlace>(scenario.Records.Select(record => record.SnapshotPlace).OfType<string>().Select(Place));
        var tables = scenario.Snapshot.Select(snapshot => (Table: scenario.Catalog.First.Single(known => known.Schema == snapshot.Schema && known.Name == snapshot.Table), Snapshot: snapshot, Rows: Rows(snapshot.Copy))).ToList();
        var places = new Queue<LoadPlace>(recorded.Count > 0 ? recorded : Places([.. tables.Select(table => table.Rows.Count)]));
        foreach (var (table, snapshot, rows) in tables)
        {
            Assert.Equal(table.Columns.Select(column => column.Name), snapshot.Columns);
            foreach (var row in rows)
                yield return new ChangeEvent { Table = table, Kind = ChangeKind.Load, Transaction = reading, Lsn = new Lsn(1), New = row, Place = places.Dequeue() };
        }

        Assert.Empty(places);
    }

    private static List<ChangeEvent> Streamed(GoldenScenario scenario)
    {
        var decoder = new PgOutputDecoder(scenario.Catalog);
        var changes = new List<ChangeEvent>();
        PgTransaction? last = null;
        foreach (var message in scenario.Messages)
        {
            switch (decoder.Decode(message.Data, message.Lsn))
            {
                case PgMessageKind.Begin:
                    last = decoder.Transaction;
                    changes.Add(StreamEvents.Begin(last!, message.Lsn));
                    break;
                case PgMessageKind.Commit:
                    changes.Add(StreamEvents.Commit(last!, decoder.End!.Value));
                    break;
                case PgMessageKind.Message:
                    var size = StreamEvents.Size(decoder.Message);
                    changes.Add(StreamEvents.Message(decoder.Message, message.Lsn, last!, new byte[size]));
                    break;
                default:
                    changes.AddRange(decoder.Changes);
                    break;
            }
        }

        if (scenario.Setting("heartbeat.interval.ms") is { } interval && interval != "0") changes.Add(StreamEvents.Heartbeat(last!, decoder.End!.Value));
        return changes;
    }

    /// <summary>Where the rows of tables of these sizes stand in a load.</summary>
    private static IEnumerable<LoadPlace> Places(int[] sizes)
    {
        for (var table = 0; table < sizes.Length; table++)
        {
            for (var row = 0; row < sizes[table]; row++)
            {
                var isLast = row == sizes[table] - 1;
                if (isLast && sizes.Skip(table + 1).All(size => size == 0)) yield return LoadPlace.Last;
                else if (isLast) yield return LoadPlace.LastInTable;
                else if (row == 0) yield return table == 0 ? LoadPlace.First : LoadPlace.FirstInTable;
                else yield return LoadPlace.Within;
            }
        }
    }

    private static List<TupleData> Rows(ReadOnlySpan<byte> copy)
    {
        var rows = new List<TupleData>();
        foreach (var line in copy.TrimEnd((byte)'\n').Split((byte)'\n')) rows.Add(CopyText.ToTuple(copy[line]));
        return rows;
    }

    private static LoadPlace Place(string snapshot) => snapshot switch
    {
        "first" => LoadPlace.First,
        "first_in_data_collection" => LoadPlace.FirstInTable,
        "true" => LoadPlace.Within,
        "last_in_data_collection" => LoadPlace.LastInTable,
        "last" => LoadPlace.Last,
        _ => throw new ArgumentOutOfRangeException(nameof(snapshot), snapshot, "Unknown place of a loaded row."),
    };
}
