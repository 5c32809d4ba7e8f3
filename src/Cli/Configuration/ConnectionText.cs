using System.Data.Common;
using Npgsql;

namespace Pathway.Cli;

/// <summary>Checks a connection string without ever repeating what is in it: it may hold a password.</summary>
internal static class ConnectionText
{
    /// <summary>What is wrong with it, as the rest of a sentence; null for nothing.</summary>
    public static string? Problem(string text)
    {
        if (Settings(text) is not { } settings) return "this is no connection string. Write Host=…;Port=5432;Database=…;Username=…;Password=….";
        var builder = new NpgsqlConnectionStringBuilder();
        foreach (var (keyword, value) in settings)
        {
            if (!builder.ContainsKey(keyword)) return $"Npgsql knows no keyword '{keyword}' in a connection string.";
            try
            {
                builder[keyword] = value;
            }
            catch (Exception failure) when (failure is ArgumentException or FormatException or InvalidCastException or OverflowException)
            {
                return $"Npgsql takes no such value for '{keyword}' in a connection string.";
            }
        }

        string[] missing = [.. Missing("Host", builder.Host), .. Missing("Database", builder.Database), .. Missing("Username", builder.Username)];
        return missing.Length == 0 ? null : $"the connection string lacks {string.Join(" and ", missing)}.";
    }

    private static List<(string Keyword, string Value)>? Settings(string text)
    {
        try
        {
            var plain = new DbConnectionStringBuilder { ConnectionString = text };
            return [.. plain.Keys.Cast<string>().Select(k => (k, (string)plain[k]))];
        }
        catch (ArgumentException)
        {
            // Its message repeats a part of the text.
            return null;
        }
    }

    private static string[] Missing(string keyword, string? value) => string.IsNullOrEmpty(value) ? [keyword] : [];
}
