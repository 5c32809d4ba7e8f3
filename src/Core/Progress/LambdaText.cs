using System.Text.RegularExpressions;

namespace Pathway.Core;

/// <summary>The text of a step's lambdas, compared by what it says: spaces, comments and the names of parameters don't count, nor names that the compiler makes up.</summary>
/// <remarks>Texts that aren't understood for certain are taken as they stand: a change too many is asked about, a change too few would keep a wrong state.</remarks>
public static partial class LambdaText
{
    /// <summary>Words within which names may mean something else than a parameter, or count by themselves.</summary>
    private static readonly HashSet<string> Unclear = ["switch", "nameof", "is", "as", "from", "let"];

    /// <summary>Whether two texts say the same.</summary>
    public static bool AreSame(string one, string other) => one == other || Normal(one) == Normal(other);

    private static string Normal(string text)
    {
        if (text.Contains("$\"", StringComparison.Ordinal) || text.Contains("$@", StringComparison.Ordinal) || text.Contains("@$", StringComparison.Ordinal)) return text; // code within a literal
        var tokens = Token().Matches(MadeUp().Replace(text, "")).Select(m => m.Value).Where(t => !IsBlank(t)).ToList();
        return string.Join(' ', WithoutNames(tokens) ?? tokens);
    }

    private static bool IsBlank(string token) => string.IsNullOrWhiteSpace(token) || token.StartsWith("//", StringComparison.Ordinal) || token.StartsWith("/*", StringComparison.Ordinal);

    /// <summary>The tokens with numbers in place of the parameters' names; null where it isn't certain what a name means.</summary>
    private static List<string>? WithoutNames(List<string> tokens)
    {
        if (tokens.Exists(Unclear.Contains)) return null;
        var (named, count) = (tokens.ToList(), 0);
        var isBound = new bool[tokens.Count];
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var arrow = tokens.IndexOf("=>"); arrow >= 0; arrow = tokens.IndexOf("=>", arrow + 1))
        {
            if (ParametersBefore(tokens, arrow) is not { } parameters) return null;
            var end = EndOfBody(tokens, arrow + 1);
            foreach (var parameter in parameters)
            {
                var (name, number) = (tokens[parameter], $"${count++}");
                names.Add(name);
                // An inner lambda comes later, and takes what is its own.
                for (var i = parameter; i < end; i++)
                {
                    if ((i != parameter && i < arrow) || tokens[i] != name || IsMember(tokens, i)) continue;
                    if (i > arrow && i + 1 < tokens.Count && tokens[i + 1] is "=" or ":") return null;
                    (named[i], isBound[i]) = (number, true);
                }
            }
        }

        for (var i = 0; i < tokens.Count; i++)
            if (!isBound[i] && names.Contains(tokens[i]) && !IsMember(tokens, i)) return null; // something else of the same name
        return named;
    }

    private static bool IsMember(List<string> tokens, int at) => at > 0 && tokens[at - 1] is "." or "?.";

    /// <summary>Where the parameters stand: one name, or names in parentheses; null for anything else.</summary>
    private static List<int>? ParametersBefore(List<string> tokens, int arrow)
    {
        if (arrow == 0) return null;
        if (IsName(tokens[arrow - 1])) return arrow > 1 && IsName(tokens[arrow - 2]) && tokens[arrow - 2] is not ("static" or "async" or "by") ? null : [arrow - 1];
        if (tokens[arrow - 1] != ")") return null;
        var found = new List<int>();
        for (var i = arrow - 2; i >= 0; i--)
        {
            if (tokens[i] == "(") return found;
            if (IsName(tokens[i])) found.Add(i);
            if (IsName(tokens[i]) != (tokens[i + 1] is ")" or ",") || !(IsName(tokens[i]) || tokens[i] == ",")) return null;
        }

        return null;
    }

    /// <summary>Where the body of a lambda ends that begins at <paramref name="begin"/>: before what closes, parts or follows it.</summary>
    private static int EndOfBody(List<string> tokens, int begin)
    {
        var (depth, questions) = (0, 0);
        for (var i = begin; i < tokens.Count; i++)
        {
            if (tokens[i] is "(" or "[" or "{" or "?[") depth++;
            else if (tokens[i] is ")" or "]" or "}" && --depth < 0) return i;
            if (depth != 0) continue;
            if (tokens[i] is "," or ";") return i;
            if (tokens[i] == "?") questions++;
            else if (tokens[i] == ":" && --questions < 0) return i;
        }

        return tokens.Count;
    }

    private static bool IsName(string token) => token[0] == '_' || token[0] == '@' || char.IsLetter(token[0]);

    // Literals whole, names, what belongs together of signs, and else one sign at a time.
    [GeneratedRegex("""\s+|//[^\n]*|/\*.*?\*/|"{3,}.*?"{3,}|@"(?:[^"]|"")*"|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])+'|@?[\p{L}_][\w]*|\d[\w.]*|=>|\+\+|--|<<|>>|==|!=|<=|>=|&&|\|\||\?\?|\?\.|\?\[|\.\.|::|.""", RegexOptions.Singleline)]
    private static partial Regex Token();

    // What holds captured variables, and the number of an anonymous type.
    [GeneratedRegex(@"value\([^()]*<>c__DisplayClass\w*\)\.|(?<=<>f__AnonymousType)\d+")]
    private static partial Regex MadeUp();
}
