using System.Text;
using Microsoft.Extensions.Logging;
using Npgsql;
using Pathway.Core;

namespace Pathway.Connectors.Postgres;

/// <summary>The initial load of a source's tables, chunk by chunk, while streaming goes on.</summary>
/// <remarks>
/// <para>A chunk is read while the stream is held at a transaction boundary, so that everything handed on before is seen by the reading, and everything unseen comes after it.</para>
/// <para>No wait for writers is needed before the first chunk of a table: the publication was there before the slot, and making the slot waited for every transaction that ran before.</para>
/// </remarks>
internal sealed class InitialLoad(PostgresOptions options, SourceDemand demand, LoadProgress progress, SourceContext context) : IAsyncDisposable
{
    private static readonly TimeSpan ReportEvery = TimeSpan.FromSeconds(10);
    private readonly ChunkReader _reader = new(options, context.Time);
    private readonly long _began = context.Time.GetTimestamp(), _rowsAtStart = progress.Rows;
    private long _reported = context.Time.GetTimestamp();
    private List<FoundTable>? _tables;
    private Chunk? _chunk;
    private bool _isMarked;

    /// <summary>How far it is; null when it is complete.</summary>
    public LoadProgress? Progress { get; private set; } = progress;

    /// <summary>Whether the next chunk should be read now.</summary>
    public bool WantsChunk => Progress is not null && _chunk is null;

    /// <summary>Reads the next chunk. The stream has to stand between two transactions.</summary>
    /// <returns>Whether there is anything to wait for; if not, <see cref="Progress"/> has moved on.</returns>
    public async Task<bool> ReadChunkAsync(CancellationToken stop)
    {
        _tables ??= await FindTablesAsync(stop).ConfigureAwait(false);
        var at = Progress!.Table is null ? 0 : _tables.FindIndex(t => t.FullName == Progress.Table);
        if (at < 0) throw new RefusalException($"table {Progress.Table} is gone in the middle of its initial load", "no such table", "the table", "Bring it back, or begin anew with an empty state directory.");
        if (at < _tables.Count)
        {
            var later = _tables.GetRange(at + 1, _tables.Count - at - 1);
            var chunk = await _reader.ReadAsync(_tables[at], Progress.Table is null ? null : Progress.After, isFirstTable: at == 0, later, stop).ConfigureAwait(false);
            if (chunk.Read > 0)
            {
                (_chunk, _isMarked) = (chunk, false);
                return true;
            }
        }

        MoveOn(at, isLast: true, null, 0);
        return false;
    }

    /// <summary>A logical message came by: is it the mark of our chunk?</summary>
    public void MeetMessage(in PgLogicalMessage message)
    {
        if (_chunk is { } chunk && message.IsTransactional && message.Prefix == ChunkReader.MessagePrefix && message.Content.Span.SequenceEqual(Encoding.UTF8.GetBytes(chunk.Mark))) _isMarked = true;
    }

    /// <summary>A change comes by before the mark.</summary>
    public ChangeEvent Meet(in ChangeEvent change) => _chunk is { } chunk ? chunk.Meet(change) : change;

    /// <summary>A transaction ended. If it held the mark, what is left of the chunk goes out with it.</summary>
    public void MeetCommit(SliceBuilder slice, Lsn end, Lsn? previousEnd)
    {
        if (_chunk is not { } chunk || !_isMarked) return;
        var transaction = new PgTransaction(0, end, chunk.ReadMicros, previousEnd);
        var rows = 0;
        foreach (var (row, place) in chunk.Left())
        {
            var memory = slice.Take(row.Memory.Length);
            row.Memory.CopyTo(memory);
            slice.Add(new ChangeEvent { Table = chunk.Table, Kind = ChangeKind.Load, Transaction = transaction, Lsn = end, New = new TupleData(memory), Place = place });
            rows++;
        }

        _chunk = null;
        MoveOn(_tables!.FindIndex(t => t.FullName == chunk.Table.FullName), chunk.IsLast, chunk.LastKey, rows);
    }

    /// <summary>The connection was lost: the chunk is read again.</summary>
    public void Reset() => _chunk = null;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _reader.DisposeAsync();

    private void MoveOn(int at, bool isLast, string[]? lastKey, int rows)
    {
        var total = Progress!.Rows + rows;
        if (!isLast) Progress = new LoadProgress(_tables![at].FullName, lastKey, total);
        else if (at + 1 < _tables!.Count) Progress = new LoadProgress(_tables[at + 1].FullName, null, total);
        else Progress = null;
        if (Progress is null) context.Logger.LoadComplete(total, _tables!.Count);
        else Report(total);
    }

    private void Report(long rows)
    {
        if (context.Time.GetElapsedTime(_reported) < ReportEvery) return;
        _reported = context.Time.GetTimestamp();
        var estimate = Math.Max(rows, _tables!.Sum(t => Math.Max(t.Estimate, 0)));
        context.Logger.LoadProgress(Progress!.Table!, rows, 100.0 * rows / Math.Max(estimate, 1), estimate, (rows - _rowsAtStart) / context.Time.GetElapsedTime(_began).TotalSeconds);
    }

    private async Task<List<FoundTable>> FindTablesAsync(CancellationToken stop)
    {
        await using var connection = new NpgsqlConnection(options.SqlConnection);
        await connection.OpenAsync(stop).ConfigureAwait(false);
        return await FoundTable.FindAsync(connection, demand.Patterns, stop).ConfigureAwait(false);
    }
}
