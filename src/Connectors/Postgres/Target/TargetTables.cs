using Microsoft.Extensions.Logging;
using Npgsql;
using Pathway.Core;

namespace Pathway.Connectors.Postgres;

/// <summary>The tables of a target: creates what is missing where that is wanted, else says everything that is missing at once.</summary>
internal static class TargetTables
{
    /// <summary>Makes sure that rows for <paramref name="destinations"/> can be written, and finds out what their values are cast to.</summary>
    /// <exception cref="RefusalException">A table or column is missing, or doesn't fit the rows.</exception>
    public static async Task<Dictionary<string, ResolvedTable>> EnsureAsync(NpgsqlConnection connection, PostgresTargetOptions options, IReadOnlyList<string> destinations, ILogger logger, CancellationToken stop)
    {
        var (resolved, problems) = (new Dictionary<string, ResolvedTable>(StringComparer.Ordinal), new List<string>());
        foreach (var destination in destinations)
        {
            var table = TargetTable.FromDestination(destination);
            var found = await FoundTarget.FindAsync(connection, table, stop).ConfigureAwait(false);
            if (options.Tables == TableCreation.Create && await CreateAsync(connection, table, found, options, logger, stop).ConfigureAwait(false))
                found = await FoundTarget.FindAsync(connection, table, stop).ConfigureAwait(false);
            problems.AddRange(TargetFit.FindProblems(table, found));
            if (problems.Count == 0) resolved.Add(destination, new ResolvedTable(table, [.. table.Columns.Select(c => found!.Columns.First(f => f.Name == c.Name).Cast)]));
        }

        if (problems.Count == 0) return resolved;
        throw new RefusalException(
            $"the tables of the Postgres target {options.Place} don't take the rows", string.Concat(problems.Distinct().Select(p => Environment.NewLine + "  - " + p)) + Environment.NewLine,
            "tables with the columns of the rows", options.Tables == TableCreation.Create ? "Correct them." : "Create or correct them, or let Pathway create what is missing.");
    }

    /// <summary>What would keep rows from being written, changing nothing.</summary>
    public static async Task<IReadOnlyList<string>> FindProblemsAsync(NpgsqlConnection connection, PostgresTargetOptions options, IReadOnlyList<TargetTable> tables, CancellationToken stop)
    {
        var problems = new List<string>();
        foreach (var table in tables)
        {
            var found = await FoundTarget.FindAsync(connection, table, stop).ConfigureAwait(false);
            if (options.Tables == TableCreation.Create && found is null) continue;
            var wanted = options.Tables == TableCreation.Create ? table with { Columns = [.. table.Columns.Where(c => found!.Columns.Any(f => f.Name == c.Name))] } : table;
            problems.AddRange(TargetFit.FindProblems(wanted, found));
        }

        return problems;
    }

    /// <returns>Whether anything was created.</returns>
    private static async Task<bool> CreateAsync(NpgsqlConnection connection, TargetTable table, FoundTarget? found, PostgresTargetOptions options, ILogger logger, CancellationToken stop)
    {
        TargetColumn[] missing = [.. table.Columns.Where(c => found is null || !found.Columns.Any(f => f.Name == c.Name))];
        if (missing.Length == 0) return false;
        foreach (var column in missing.Where(c => c.Labels is not null).DistinctBy(c => c.TypeSql)) await CreateTypeAsync(connection, column, stop).ConfigureAwait(false);
        if (found is null)
        {
            if (!await ExistsAsync(connection, "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1)", [table.Schema], stop).ConfigureAwait(false))
                await ExecuteAsync(connection, $"CREATE SCHEMA IF NOT EXISTS {FoundTable.Quote(table.Schema)}", stop).ConfigureAwait(false);
            var key = table.IsKeyed ? $", PRIMARY KEY ({string.Join(", ", table.Key.Select(FoundTable.Quote))})" : "";
            await ExecuteAsync(connection, $"CREATE TABLE {table.Sql} ({string.Join(", ", table.Columns.Select(Definition))}{key})", stop).ConfigureAwait(false);
            logger.TargetTableMade(table.FullName, options.Place);
            return true;
        }

        // Rows that are there already have no value for it.
        await ExecuteAsync(connection, $"ALTER TABLE {table.Sql} {string.Join(", ", missing.Select(c => "ADD COLUMN " + Definition(c with { IsNotNull = false })))}", stop).ConfigureAwait(false);
        logger.TargetColumnsAdded(table.FullName, string.Join(", ", missing.Select(c => c.Name)));
        return true;
    }

    private static async Task CreateTypeAsync(NpgsqlConnection connection, TargetColumn column, CancellationToken stop)
    {
        var schema = column.TypeSchema ?? "public";
        if (await ExistsAsync(connection, "SELECT EXISTS (SELECT FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE n.nspname = $1 AND t.typname = $2)", [schema, column.Type], stop).ConfigureAwait(false)) return;
        if (!await ExistsAsync(connection, "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1)", [schema], stop).ConfigureAwait(false))
            await ExecuteAsync(connection, $"CREATE SCHEMA IF NOT EXISTS {FoundTable.Quote(schema)}", stop).ConfigureAwait(false);
        // The type of an array's elements is what is created; its array type comes with it.
        var name = column.Type.StartsWith('_') ? column.Type[1..] : column.Type;
        await ExecuteAsync(connection, $"CREATE TYPE {FoundTable.Quote(schema)}.{FoundTable.Quote(name)} AS ENUM ({string.Join(", ", column.Labels!.Select(FoundTable.Literal))})", stop).ConfigureAwait(false);
    }

    private static string Definition(TargetColumn column) => $"{FoundTable.Quote(column.Name)} {column.TypeSql}{column.Modifier}{(column.IsNotNull ? " NOT NULL" : "")}";

    private static async Task<bool> ExistsAsync(NpgsqlConnection connection, string sql, string[] values, CancellationToken stop)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
        return (bool)(await command.ExecuteScalarAsync(stop).ConfigureAwait(false))!;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken stop)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(stop).ConfigureAwait(false);
    }
}
