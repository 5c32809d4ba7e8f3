using Pathway.Connectors.Postgres;
using Pathway.Core;

namespace Pathway.Connectors.Debezium;

/// <summary>Parsers of records in the form of Debezium, for topics as sources.</summary>
public static class DebeziumParsers
{
    /// <summary>The rows under the keys of a table: creates and reads put a row, updates replace it, deletes take it away, a truncate takes all.</summary>
    /// <remarks>
    /// Members are found by the names of columns, in any case and without underscores, as for <see cref="Postgres.Postgres.Table"/>; the record's key gives the key. Values come back from what the record's schema says
    /// of them (dates, times, decimals, Uuid …); without schemas (<c>schemas.enable=false</c>) numbers, texts and booleans are read, and dates and decimals only where they stand as text. Of Mongo's documents the fields at the top are
    /// read, by their names; a member <c>Id</c> is <c>_id</c>.
    /// </remarks>
    /// <param name="options">The form.</param>
    /// <typeparam name="TKey">The key: a simple type for one column, a tuple or record for several.</typeparam>
    /// <typeparam name="TRow">The row.</typeparam>
    public static IRecordParser<Upsert<TKey, TRow>> Table<TKey, TRow>(DebeziumReadOptions? options = null)
        where TKey : notnull => new TableParser<TKey, TRow>(options ?? new());

    /// <summary>The changes as a stream of change events, as from a database itself: what a sync forwards.</summary>
    /// <remarks>
    /// Types of columns are those that the record's schema says; without schemas every column is text. An update comes without the old row. Mongo's documents become rows of <c>id</c>, the text of its JSON, and <c>document</c>, jsonb.
    /// </remarks>
    /// <param name="options">The form.</param>
    public static IRecordParser<ChangeEvent> Changes(DebeziumReadOptions? options = null) => new ChangeParser(options ?? new());

    private sealed class ChangeParser(DebeziumReadOptions options) : IRecordParser<ChangeEvent>
    {
        private readonly DebeziumDecoder _decoder = new(options, new DocumentShape(Members: null));

        public void Parse(in SourceRecord record, RowBuffer<ChangeEvent> rows)
        {
            if (_decoder.Decode(record) is { } change) rows.Add(change);
        }
    }

    private sealed class TableParser<TKey, TRow>(DebeziumReadOptions options) : IRecordParser<Upsert<TKey, TRow>>
        where TKey : notnull
    {
        private readonly DebeziumDecoder _decoder = new(options, new DocumentShape(RowBinding<TKey, TRow>.MemberNames()));
        private PgTable? _table;
        private RowBinding<TKey, TRow>? _binding;
        private RowBinding<TKey, NoColumns>? _keys; // of a delete nothing but the key has to be known

        public void Parse(in SourceRecord record, RowBuffer<Upsert<TKey, TRow>> rows)
        {
            if (_decoder.Decode(record) is not { } change) return;
            if (change.Kind == ChangeKind.Truncate)
            {
                rows.Add(Upsert<TKey, TRow>.Clear());
                return;
            }

            if (!ReferenceEquals(_table, change.Table)) (_table, _binding, _keys) = (change.Table, null, null);
            if (change.Kind == ChangeKind.Delete)
            {
                rows.Add(Upsert<TKey, TRow>.Delete((_keys ??= new RowBinding<TKey, NoColumns>(change.Table)).KeyOf(change.Old)));
                return;
            }

            _binding ??= new RowBinding<TKey, TRow>(change.Table);
            var key = _binding.KeyOf(change.New);
            rows.Add(_binding.PatchOf(change.New) is { } patch ? Upsert<TKey, TRow>.Change(key, patch) : Upsert<TKey, TRow>.Put(key, _binding.RowOf(change.New)));
        }
    }

    private sealed class NoColumns;
}
