using Microsoft.Extensions.Logging;
using Npgsql;

namespace Pathway.Connectors.Postgres;

/// <summary>Writes the rows that wait for a table as far as the target takes them, and puts the others into the dead letters, within one transaction.</summary>
/// <remarks>Rows that are refused only together with others are tried again behind those. A letter always holds the whole row; a later row of its key closes it, or takes from it what wasn't sent again.</remarks>
internal sealed class RefusedRows(NpgsqlConnection connection, NpgsqlTransaction transaction, DeadLetterTable letters, ILogger logger)
{
    private const string Savepoint = "pathway_row";

    /// <summary>Whether open letters stand for rows that wait: then they can't be written without looking at those.</summary>
    public bool Concern(TableWriter writer) => letters.HasOpen(writer.Table)
        && (writer.Truncates || (writer.Move is { } move && (letters.IsOpen(writer.Table, RowText.OfKey(new TupleData(move.From))) || letters.IsOpen(writer.Table, RowText.OfKey(new TupleData(RowText.KeyOf(writer.Table, new TupleData(move.To)))))))
            || writer.Rows.Entries.ToArray().Any(e => letters.IsOpen(writer.Table, KeyOf(writer, e))));

    /// <summary>Writes what waits.</summary>
    public async Task WriteAsync(TableWriter writer, CancellationToken stop)
    {
        writer.ForgetStage();
        if (writer.Truncates)
        {
            await writer.TruncateAsync(connection, stop).ConfigureAwait(false);
            await letters.CloseAllAsync(connection, writer.Table, stop).ConfigureAwait(false);
        }

        await SortAsync(writer, stop).ConfigureAwait(false);
        if (writer.Move is { } move) await MoveAsync(writer, move.From, move.To, stop).ConfigureAwait(false);
        writer.Clear();
    }

    private async Task SortAsync(TableWriter writer, CancellationToken stop)
    {
        var patches = writer.Rows.Entries.ToArray().Where(e => e.Kind == RowKind.Patch && letters.IsOpen(writer.Table, KeyOf(writer, e))).ToList();
        var known = await letters.FindRowsAsync(connection, writer.Table, [.. patches.Select(e => KeyOf(writer, e)!)], stop).ConfigureAwait(false);
        foreach (var entry in patches)
        {
            // The target's row, if it has one, is older than the letter's.
            if (!known.TryGetValue(KeyOf(writer, entry)!, out var row)) continue;
            var whole = RowText.Filled(writer.Rows.Tuple(entry.Value), new TupleData(RowText.ToTuple(writer.Table, row)));
            writer.Rows.Put(writer.Rows.Tuple(entry.Key).Memory.ToArray(), whole);
        }

        var entries = writer.Rows.Entries.ToArray();
        var refused = new List<(RowFold.Entry Entry, PostgresException Refusal)>();
        await AcceptAsync(writer, entries, refused, stop).ConfigureAwait(false);
        for (var before = entries.Length; refused.Count > 0 && refused.Count < before;)
        {
            before = refused.Count;
            var again = refused.Select(r => r.Entry).ToArray();
            refused.Clear();
            foreach (var entry in again) await AcceptAsync(writer, [entry], refused, stop).ConfigureAwait(false);
        }

        var names = refused.Select(r => r.Entry).ToHashSet();
        string[] closed = [.. entries.Where(e => !names.Contains(e)).Select(e => KeyOf(writer, e)).Where(k => letters.IsOpen(writer.Table, k)).Select(k => k!)];
        if (closed.Length > 0) await letters.CloseAsync(connection, writer.Table, closed, stop).ConfigureAwait(false);
        var aside = new List<PutAside>();
        foreach (var (entry, refusal) in refused) aside.Add(await PutAsideAsync(writer, entry, refusal, stop).ConfigureAwait(false));
        if (aside.Count > 0) await letters.AddAsync(connection, writer.Table, aside, stop).ConfigureAwait(false);
    }

    // A half that is taken stays; of one that isn't, each half is tried.
    private async Task AcceptAsync(TableWriter writer, RowFold.Entry[] entries, List<(RowFold.Entry, PostgresException)> refused, CancellationToken stop)
    {
        if (entries.Length == 0 || await TryAsync(() => writer.ApplyAsync(connection, entries, mayCopy: false, stop), stop).ConfigureAwait(false) is not { } refusal) return;
        if (entries.Length == 1)
        {
            refused.Add((entries[0], refusal));
            return;
        }

        await AcceptAsync(writer, entries[..(entries.Length / 2)], refused, stop).ConfigureAwait(false);
        await AcceptAsync(writer, entries[(entries.Length / 2)..], refused, stop).ConfigureAwait(false);
    }

    private async Task<PutAside> PutAsideAsync(TableWriter writer, RowFold.Entry entry, PostgresException refusal, CancellationToken stop)
    {
        var reason = await new RefusedRow(connection, transaction, writer, refusal).ReasonAsync(entry, refusal, stop).ConfigureAwait(false);
        var row = entry.Kind switch
        {
            RowKind.Delete => null,
            RowKind.Put => RowText.Of(writer.Table, writer.Rows.Tuple(entry.Value)),
            // An update that the target refused has a row there.
            _ => RowText.Of(writer.Table, new TupleData(RowText.Filled(writer.Rows.Tuple(entry.Value), new TupleData((await writer.FindAsync(connection, writer.Rows.Tuple(entry.Key), stop).ConfigureAwait(false))!)))),
        };
        logger.RowPutAside(writer.Table.FullName, writer.KeyText(entry), reason);
        return new PutAside(KeyOf(writer, entry), row, reason, refusal.SqlState);
    }

    private async Task MoveAsync(TableWriter writer, byte[] from, byte[] to, CancellationToken stop)
    {
        var (old, table) = (RowText.OfKey(new TupleData(from)), writer.Table);
        var row = letters.IsOpen(table, old) && (await letters.FindRowsAsync(connection, table, [old], stop).ConfigureAwait(false)).TryGetValue(old, out var letter) ? RowText.ToTuple(table, letter) : null;
        if (row is null)
        {
            if (await TryAsync(() => writer.MoveAsync(connection, from, to, stop), stop).ConfigureAwait(false) is null)
            {
                var key = RowText.OfKey(new TupleData(RowText.KeyOf(table, new TupleData(to))));
                if (letters.IsOpen(table, key)) await letters.CloseAsync(connection, table, [key], stop).ConfigureAwait(false);
                return;
            }

            row = (await writer.FindAsync(connection, new TupleData(from), stop).ConfigureAwait(false))!;
        }

        // Whole, it is a row that goes and one that comes.
        var whole = RowText.Filled(new TupleData(to), new TupleData(row));
        writer.Rows.Clear();
        writer.Rows.Delete(from);
        writer.Rows.Put(RowText.KeyOf(table, new TupleData(whole)), whole);
        await SortAsync(writer, stop).ConfigureAwait(false);
    }

    private async Task<PostgresException?> TryAsync(Func<Task> act, CancellationToken stop)
    {
        await transaction.SaveAsync(Savepoint, stop).ConfigureAwait(false);
        try
        {
            await act().ConfigureAwait(false);
            await transaction.ReleaseAsync(Savepoint, stop).ConfigureAwait(false);
            return null;
        }
        catch (PostgresException e) when (TargetFaults.IsOfRow(e))
        {
            await transaction.RollbackAsync(Savepoint, stop).ConfigureAwait(false);
            await transaction.ReleaseAsync(Savepoint, stop).ConfigureAwait(false);
            return e;
        }
    }

    private static string? KeyOf(TableWriter writer, RowFold.Entry entry) => writer.Table.IsKeyed ? RowText.OfKey(writer.Rows.Tuple(entry.Key)) : null;
}
