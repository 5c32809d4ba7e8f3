using Pathway.Connectors.Postgres;

namespace Pathway.Tests.Unit.Golden;

/// <summary>Turns what was recorded of a scenario into the changes that the formatter gets.</summary>
internal static class GoldenReplay
{
    /// <summary>Loaded rows, then streamed changes.</summary>
    public static List<ChangeEvent> Changes(GoldenScenario scenario) => [.. Loaded(scenario), .. Streamed(scenario)];

    private static IEnumerable<ChangeEvent> Loaded(GoldenScenario scenario)
    {
        var places = new Queue<LoadPlace>(scenario.Records.Select(record => record.SnapshotPlace).OfType<string>().Select(Place));
        var reading = new PgTransaction(Xid: 1, CommitLsn: new Lsn(1), CommitMicros: 1_700_000_000_000_000, PreviousEnd: null);
        foreach (var snapshot in scenario.Snapshot)
        {
            var table = scenario.Catalog.First.Single(known => known.Schema == snapshot.Schema && known.Name == snapshot.Table);
            Assert.Equal(table.Columns.Select(column => column.Name), snapshot.Columns);
            foreach (var row in Rows(snapshot.Copy))
                yield return new ChangeEvent { Table = table, Kind = ChangeKind.Load, Transaction = reading, Lsn = new Lsn(1), New = row, Place = places.Dequeue() };
        }

        Assert.Empty(places);
    }

    private static List<ChangeEvent> Streamed(GoldenScenario scenario)
    {
        var decoder = new PgOutputDecoder(scenario.Catalog);
        var changes = new List<ChangeEvent>();
        foreach (var message in scenario.Messages)
        {
            decoder.Decode(message.Data, message.Lsn);
            changes.AddRange(decoder.Changes);
        }

        return changes;
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
