using System.Text;
using Microsoft.Extensions.Logging;
using Npgsql;
using Pathway.Core;

namespace Pathway.Connectors.Postgres;

/// <summary>The loading of tables, some chunks at a time, while streaming goes on: those of the first start, those that came later, those that were asked for again.</summary>
/// <remarks>
/// <para>Chunks are read while the stream is held at a transaction boundary, so that everything handed on before is seen by the reading, and everything unseen comes after it. One mark ends all that were read together.</para>
/// <para>
/// Before the first chunk of a table of the first start no wait for writers is needed: the publication was there before the slot, and making the slot waited for every transaction that ran before. A table that came
/// later waits for those that ran when it was seen in the publication: what they wrote before is in no event.
/// </para>
/// </remarks>
internal sealed class InitialLoad : IAsyncDisposable
{
    private const long RowsAtFirst = 2000;

    private static readonly TimeSpan ReportEvery = TimeSpan.FromSeconds(10), AskAgainAfter = TimeSpan.FromMilliseconds(250);
    private readonly PostgresOptions _options;
    private readonly SourceDemand _demand;
    private readonly IReadOnlyDictionary<string, string> _known;
    private readonly SourceContext _context;
    private readonly ChunkReader[] _readers;
    private readonly Dictionary<string, long> _rowBytes = []; // of the last chunk of each table
    private readonly Dictionary<string, ulong> _waitFor = []; // tables that came later: the first transaction that hadn't begun when they were seen
    private readonly LoadReport _report;
    private List<FoundTable>? _tables;
    private IReadOnlyList<Chunk> _group = [];
    private byte[]? _mark;
    private bool _isMarked;
    private LoadCause _cause; // of what was loaded last
    private LoadProgress? _complete; // what was loaded in all, once it is
    private long _notBefore;

    /// <summary>A load from where it is.</summary>
    /// <param name="options">The database.</param>
    /// <param name="demand">What is asked for.</param>
    /// <param name="known">The tables that were asked for and published at the first start.</param>
    /// <param name="progress">How far it is.</param>
    /// <param name="context">Log and clock.</param>
    public InitialLoad(PostgresOptions options, SourceDemand demand, IReadOnlyDictionary<string, string> known, LoadProgress progress, SourceContext context)
    {
        (_options, _demand, _known, _context, Progress) = (options, demand, known, context, progress);
        _readers = [.. Enumerable.Range(0, Math.Max(1, options.LoadParallel)).Select(_ => new ChunkReader(options, context.Time))];
        _report = new LoadReport(options, context, progress.Rows);
        _notBefore = context.Time.GetTimestamp();
    }

    /// <summary>How far it is; null when it is complete.</summary>
    public LoadProgress? Progress { get; private set; }

    /// <summary>How long the stream may be waited for before the next chunk is due; zero if it is now.</summary>
    public TimeSpan Wait => Progress is null || _mark is not null ? TimeSpan.MaxValue
        : _context.Time.GetElapsedTime(_context.Time.GetTimestamp(), _notBefore) is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;

    /// <summary>One more table, or one more time.</summary>
    public void Add(string table, LoadCause cause)
    {
        var pending = Progress?.Pending?.Where(p => p.Table != table).ToList() ?? [];
        Progress = new LoadProgress([.. pending, new PendingTable(table, null, cause)], Progress?.Rows ?? 0, Progress?.Done ?? 0);
        _waitFor.Remove(table);
        _tables = null;
        _report.Begin(Progress.Rows);
    }

    /// <summary>Reads the next chunks. The stream has to stand between two transactions, with everything before handed on.</summary>
    /// <returns>Whether there is anything to wait for in the stream; if not, <see cref="Progress"/> may have moved on.</returns>
    public async Task<bool> ReadChunksAsync(SliceBuilder slice, Lsn at, CancellationToken stop)
    {
        _tables ??= await FindTablesAsync(stop).ConfigureAwait(false);
        if (Progress!.Pending is null) Progress = Progress with { Pending = [.. _tables.Where(t => t.HasKey && _known.ContainsKey(t.FullName)).Select(t => new PendingTable(t.FullName))] };
        if (Progress.Pending is [{ Cause: LoadCause.Added } added, ..] && !await HaveWritersEndedAsync(added.Table, stop).ConfigureAwait(false)) return true;
        if (Progress.Pending is [{ Cause: LoadCause.Again, After: null } again, ..] && Found(again) is { } table) slice.Add(await LoadEventAsync(ChangeKind.LoadBegin, table, at, stop).ConfigureAwait(false));
        FailPoint.Hit(FailPoints.LoadBeforeChunk);
        var ranges = await PlanAsync(stop).ConfigureAwait(false);
        var later = Progress.Pending.Skip(ranges.Select(r => r.Table).Distinct().Count()).Select(Found).OfType<FoundTable>().ToList();
        var reading = ranges.Select((range, i) => _readers[i].ReadAsync(range, i == ranges.Count - 1 ? later : [], stop)).ToList();
        var chunks = await Task.WhenAll(reading).ConfigureAwait(false);
        foreach (var chunk in chunks)
            if (chunk.Read > 0) _rowBytes[chunk.Pending] = Math.Max(1, chunk.Bytes / chunk.Read);
        FailPoint.Hit(FailPoints.LoadAfterChunkRead);
        if (chunks.All(c => c.Read == 0 && c.Cause != LoadCause.Again))
        {
            foreach (var chunk in chunks) MoveOn(chunk, 0);
            if (chunks.Length == 0) DropMissing();
            return false;
        }

        // The last chunk that has rows says that it is the last of all, if it is.
        if (chunks.LastOrDefault(c => c.Read > 0) is { } last) last.EndsLoad = chunks[^1].LaterAreEmpty && chunks.GroupBy(c => c.Pending).All(table => table.Last().IsLast);
        (_group, _isMarked) = (chunks, false);
        _mark = Encoding.UTF8.GetBytes(await _readers[0].MarkAsync(chunks[^1].Table.FullName, stop).ConfigureAwait(false));
        FailPoint.Hit(FailPoints.LoadAfterChunkMark);
        return true;
    }

    /// <summary>A logical message came by: is it our mark?</summary>
    public void MeetMessage(in PgLogicalMessage message)
    {
        if (_mark is not null && message.IsTransactional && message.Prefix == ChunkReader.MessagePrefix && message.Content.Span.SequenceEqual(_mark)) _isMarked = true;
    }

    /// <summary>A change comes by before the mark.</summary>
    public ChangeEvent Meet(in ChangeEvent change)
    {
        var met = change;
        foreach (var chunk in _group) met = chunk.Meet(met);
        return met;
    }

    /// <summary>A transaction ended. If it held the mark, what is left of the chunks goes out with it.</summary>
    public void MeetCommit(SliceBuilder slice, Lsn end, Lsn? previousEnd)
    {
        if (_mark is null || !_isMarked) return;
        var rows = 0;
        foreach (var chunk in _group)
        {
            var given = Give(chunk, slice, end, previousEnd);
            MoveOn(chunk, given);
            rows += given;
        }

        (_group, _mark) = ([], null);
        if (_options.LoadRate is { } rate) _notBefore = Math.Max(_notBefore, _context.Time.GetTimestamp()) + (long)((double)rows / rate * _context.Time.TimestampFrequency);
    }

    /// <summary>Says that it is complete: to be called once that is durable, so that it is true after a crash, too.</summary>
    public void TellComplete() => _report.Complete(_complete!, _cause);

    /// <summary>The connection was lost: the chunks are read again.</summary>
    public void Reset() => (_group, _mark) = ([], null);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _report.End();
        foreach (var reader in _readers) await reader.DisposeAsync().ConfigureAwait(false);
    }

    private static int Give(Chunk chunk, SliceBuilder slice, Lsn end, Lsn? previousEnd)
    {
        var transaction = new PgTransaction(0, end, chunk.ReadMicros, previousEnd);
        var rows = 0;
        foreach (var (row, place) in chunk.Left())
        {
            var memory = slice.Take(row.Memory.Length);
            row.Memory.CopyTo(memory);
            slice.Add(new ChangeEvent { Table = chunk.Table, Kind = ChangeKind.Load, Transaction = transaction, Lsn = end, New = new TupleData(memory), Place = place });
            rows++;
        }

        if (chunk is { IsLast: true, Cause: LoadCause.Again }) slice.Add(new ChangeEvent { Table = chunk.Table, Kind = ChangeKind.LoadEnd, Transaction = transaction, Lsn = end });
        return rows;
    }

    // One table after the other; of a large one several ranges at once, each behind the other, once it is known how wide its rows are.
    private async Task<List<ChunkRange>> PlanAsync(CancellationToken stop)
    {
        var ranges = new List<ChunkRange>();
        var passed = 0;
        foreach (var pending in Progress!.Pending!)
        {
            if (Found(pending) is not { } table || (passed > 0 && pending.Cause != LoadCause.First)) break;
            var isKnown = _rowBytes.TryGetValue(pending.Table, out var rowBytes);
            var rows = (int)Math.Clamp(isKnown ? _options.ChunkBytes / rowBytes : RowsAtFirst, 1, _options.ChunkRows);
            for (var after = pending.After; ;)
            {
                var end = isKnown && ranges.Count + 1 < _readers.Length ? await _readers[0].FindEndAsync(table, after, rows, stop).ConfigureAwait(false) : null;
                ranges.Add(new ChunkRange(table, after, end, rows, Progress.Done + passed == 0, pending.Cause));
                if (!isKnown || ranges.Count == _readers.Length) return ranges;
                if (end is null) break;
                after = end;
            }

            passed++;
        }

        return ranges;
    }

    private async Task<bool> HaveWritersEndedAsync(string table, CancellationToken stop)
    {
        var (next, oldest) = await _readers[0].HorizonAsync(stop).ConfigureAwait(false);
        if (!_waitFor.TryGetValue(table, out var first)) _waitFor[table] = first = next;
        if (oldest >= first) return true;
        _notBefore = _context.Time.GetTimestamp() + (long)(AskAgainAfter.TotalSeconds * _context.Time.TimestampFrequency);
        return false;
    }

    private async Task<ChangeEvent> LoadEventAsync(ChangeKind kind, FoundTable table, Lsn at, CancellationToken stop)
    {
        var described = await _readers[0].DescribeAsync(table, stop).ConfigureAwait(false);
        return new ChangeEvent { Table = described, Kind = kind, Transaction = new PgTransaction(0, at, (_context.Time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / 10, null), Lsn = at };
    }

    private FoundTable? Found(PendingTable pending) => _tables!.FirstOrDefault(t => t.FullName == pending.Table);

    // The table at work isn't there any more: of those of the first start that is refused, others have gone again.
    private void DropMissing()
    {
        var gone = Progress!.Pending is [var first, ..] ? first : null;
        if (gone is { Cause: LoadCause.First })
            throw new RefusalException($"table {gone.Table} is gone in the middle of its initial load", "no such table", "the table", "Bring it back, or begin anew with an empty state directory.");
        if (gone is not null) _context.Logger.LoadGone(gone.Table);
        SetPending([.. Progress!.Pending!.Skip(1)], 0, 0);
    }

    private void MoveOn(Chunk chunk, int rows)
    {
        var left = new List<PendingTable>(Progress!.Pending!.Count);
        foreach (var table in Progress.Pending)
        {
            if (table.Table != chunk.Pending) left.Add(table);
            else if (!chunk.IsLast) left.Add(table with { After = chunk.LastKey ?? table.After });
        }

        _cause = chunk.Cause;
        SetPending(left, rows, chunk.IsLast ? 1 : 0);
    }

    private void SetPending(IReadOnlyList<PendingTable> pending, int rows, int done)
    {
        var moved = new LoadProgress(pending, Progress!.Rows + rows, Progress.Done + done);
        Progress = pending.Count == 0 ? null : moved;
        if (Progress is null) _complete = moved;
        else _report.Tell(moved, _tables!);
    }

    private async Task<List<FoundTable>> FindTablesAsync(CancellationToken stop)
    {
        await using var connection = new NpgsqlConnection(_options.SqlConnection);
        await connection.OpenAsync(stop).ConfigureAwait(false);
        return await FoundTable.FindAsync(connection, _demand.Patterns, _options.PublicationName, stop).ConfigureAwait(false);
    }
}
