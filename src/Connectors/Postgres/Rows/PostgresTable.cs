using Pathway.Core;

namespace Pathway.Connectors.Postgres;

/// <inheritdoc cref="Postgres.Table"/>
internal sealed record PostgresTable<TKey, TRow>(string Name, PostgresOrigin Place) : ISource<Upsert<TKey, TRow>>, IPostgresSource
    where TKey : notnull
{
    public ISourceOrigin Origin => Place;

    public IReadOnlyList<string> Patterns => [Name];

    public bool IsKeyed => true;

    public bool SaysAgain => true;

    public ITableInput Open() => new TableInput(Name);

    public string? FindMisfit(PgTable table)
    {
        try
        {
            return new RowBinding<TKey, TRow>(table).FindMisfit();
        }
        catch (BadDataException e)
        {
            return e.Message;
        }
    }

    private sealed class TableInput(string name) : ITableInput
    {
        private readonly Dictionary<PgTable, RowBinding<TKey, TRow>?> _bindings = [];
        private RowBuffer<Upsert<TKey, TRow>>? _rows;

        public StreamKinds Also => StreamKinds.Loads;

        public void Add(in ChangeEvent change, bool isLoading)
        {
            if (change.Kind is ChangeKind.LoadBegin or ChangeKind.LoadEnd && change.Table.FullName == name)
                (_rows ??= new RowBuffer<Upsert<TKey, TRow>>(64)).Add(change.Kind == ChangeKind.LoadBegin ? Upsert<TKey, TRow>.LoadBegin() : Upsert<TKey, TRow>.LoadEnd());
            if (change.Kind > ChangeKind.Truncate) return;
            if (!_bindings.TryGetValue(change.Table, out var binding))
                _bindings[change.Table] = binding = change.Table.FullName == name ? new RowBinding<TKey, TRow>(change.Table) : null;
            if (binding is not null) Add(binding, change, isLoading, _rows ??= new RowBuffer<Upsert<TKey, TRow>>(64));
        }

        public IRowBuffer? Take()
        {
            var rows = _rows;
            _rows = null;
            return rows;
        }

        private static void Add(RowBinding<TKey, TRow> binding, in ChangeEvent change, bool isLoading, RowBuffer<Upsert<TKey, TRow>> rows)
        {
            switch (change.Kind)
            {
                case ChangeKind.Delete:
                    rows.Add(Upsert<TKey, TRow>.Delete(binding.KeyOf(change.Old)));
                    break;
                case ChangeKind.Truncate:
                    rows.Add(Upsert<TKey, TRow>.Clear());
                    break;
                default:
                    rows.Add(Changed(binding, change, isLoading, rows));
                    break;
            }
        }

        private static Upsert<TKey, TRow> Changed(RowBinding<TKey, TRow> binding, in ChangeEvent change, bool isLoading, RowBuffer<Upsert<TKey, TRow>> rows)
        {
            var key = binding.KeyOf(change.New);
            var from = change.Old.IsAbsent ? key : binding.KeyOf(change.Old);
            var isMoved = !EqualityComparer<TKey>.Default.Equals(from, key);
            // A row that wasn't loaded yet comes whole with its chunk; one that moved may have gone to where the load has been already.
            if (binding.PatchOf(change.New) is { } patch && !change.OldIsWhole) return Upsert<TKey, TRow>.Change(key, new Patch<TKey, TRow>(from, patch, OnlyIfKnown: isLoading && !isMoved));
            if (isMoved) rows.Add(Upsert<TKey, TRow>.Delete(from));
            return Upsert<TKey, TRow>.Put(key, change.OldIsWhole ? binding.RowOf(change.New, change.Old) : binding.RowOf(change.New));
        }
    }
}
