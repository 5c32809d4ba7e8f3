using System.Text;

namespace Pathway.Cli;

/// <summary>Puts environment variables and secret files into values: <c>${NAME}</c>, <c>${NAME:-default}</c>, <c>${file:/run/secrets/x}</c>; <c>$${</c> stands for <c>${</c> itself.</summary>
/// <remarks>Works on values after parsing, so that what is put in can't become YAML. Failures name the variable or the file, never what is in it.</remarks>
/// <param name="environment">Looks a variable up; null where it isn't set.</param>
/// <param name="readFile">Reads a secret file.</param>
internal sealed class Substitution(Func<string, string?> environment, Func<string, string> readFile)
{
    /// <summary>The environment of this process and the files of this machine.</summary>
    public static Substitution OfThisProcess { get; } = new(Environment.GetEnvironmentVariable, File.ReadAllText);

    /// <summary>The text with everything put in.</summary>
    /// <exception cref="FormatException">A variable that isn't set, a file that can't be read, a form that doesn't exist; the message goes on after "…: ".</exception>
    public string Apply(string text)
    {
        if (!text.Contains("${", StringComparison.Ordinal)) return text;
        var result = new StringBuilder();
        for (var at = 0; at < text.Length;)
        {
            var rest = text.AsSpan(at);
            if (rest.StartsWith("$${"))
            {
                result.Append("${");
                at += 3;
            }
            else if (rest.StartsWith("${"))
            {
                var end = text.IndexOf('}', at);
                if (end < 0) throw new FormatException("a '${' without its '}'. Write ${NAME}, ${NAME:-default} or ${file:/path}; $${ stands for ${ itself.");
                result.Append(Lookup(text[(at + 2)..end]));
                at = end + 1;
            }
            else
            {
                result.Append(text[at++]);
            }
        }

        return result.ToString();
    }

    private string Lookup(string reference)
    {
        if (reference.StartsWith("file:", StringComparison.Ordinal)) return ReadSecret(reference["file:".Length..]);
        var (name, fallback) = reference.IndexOf(":-", StringComparison.Ordinal) is var cut and >= 0 ? (reference[..cut], reference[(cut + 2)..]) : (reference, null);
        if (!IsName(name)) throw new FormatException($"'${{{name}}}' names no environment variable. Write ${{NAME}}, ${{NAME:-default}} or ${{file:/path}}.");
        var value = environment(name);
        if (fallback is not null) return string.IsNullOrEmpty(value) ? fallback : value;
        return value ?? throw new FormatException($"the environment variable {name} isn't set. Set it, or write ${{{name}:-default}}.");
    }

    private string ReadSecret(string path)
    {
        try
        {
            // Secret files mostly end with the newline that an editor or `echo` put there; it is no part of the secret.
            return readFile(path).TrimEnd('\r', '\n');
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            var reason = failure is FileNotFoundException or DirectoryNotFoundException ? "isn't there" : $"can't be read ({failure.GetType().Name})";
            throw new FormatException($"the secret file '{path}' {reason}.", failure);
        }
    }

    private static bool IsName(string name) => name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');
}
