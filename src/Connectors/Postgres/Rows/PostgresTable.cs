using Pathway.Core;

namespace Pathway.Connectors.Postgres;

/// <inheritdoc cref="Postgres.Table"/>
internal sealed record PostgresTable<TKey, TRow>(string Name, PostgresOrigin Place) : ISource<Upsert<TKey, TRow>>, IPostgresSource
    where TKey : notnull
{
    public ISourceOrigin Origin => Place;

    public IReadOnlyList<string> Patterns => [Name];

    public bool IsKeyed => true;

    public ITableInput Open() => new TableInput(Name);

    private sealed class TableInput(string name) : ITableInput
    {
        private readonly Dictionary<PgTable, RowBinding<TKey, TRow>?> _bindings = [];
        private RowBuffer<Upsert<TKey, TRow>>? _rows;

        public void Add(in ChangeEvent change)
        {
            if (!_bindings.TryGetValue(change.Table, out var binding))
                _bindings[change.Table] = binding = change.Table.FullName == name ? new RowBinding<TKey, TRow>(change.Table) : null;
            if (binding is not null) Add(binding, change, _rows ??= new RowBuffer<Upsert<TKey, TRow>>(64));
        }

        public IRowBuffer? Take()
        {
            var rows = _rows;
            _rows = null;
            return rows;
        }

        private static void Add(RowBinding<TKey, TRow> binding, in ChangeEvent change, RowBuffer<Upsert<TKey, TRow>> rows)
        {
            switch (change.Kind)
            {
                case ChangeKind.Delete:
                    rows.Add(Upsert<TKey, TRow>.Delete(binding.KeyOf(change.Old)));
                    break;
                case ChangeKind.Truncate:
                    throw new BadDataException($"Table {change.Table.FullName} was truncated, which a keyed table can't follow yet. Delete its rows instead (DELETE FROM), and begin anew with an empty state directory.");
                default:
                    var key = binding.KeyOf(change.New);
                    if (!change.Old.IsAbsent && binding.KeyOf(change.Old) is var old && !EqualityComparer<TKey>.Default.Equals(old, key)) rows.Add(Upsert<TKey, TRow>.Delete(old));
                    rows.Add(binding.PatchOf(change.New) is { } patch ? Upsert<TKey, TRow>.Change(key, patch) : Upsert<TKey, TRow>.Put(key, binding.RowOf(change.New)));
                    break;
            }
        }
    }
}
