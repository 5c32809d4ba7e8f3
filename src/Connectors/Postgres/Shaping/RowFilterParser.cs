using System.Globalization;

namespace Pathway.Connectors.Postgres;

/// <summary>Reads the text of a <see cref="RowFilter"/>.</summary>
internal sealed class RowFilterParser(string text)
{
    private static readonly string[] Operators = ["<=", ">=", "<>", "=", "<", ">"];
    private int _at;

    public RowFilter Parse()
    {
        var conditions = new List<RowCondition> { Condition() };
        while (!AtEnd())
        {
            if (!Word("and")) throw Expected("'and' or the end (nothing but conditions joined by 'and' is taken)");
            conditions.Add(Condition());
        }

        return new RowFilter(text.Trim(), conditions);
    }

    private RowCondition Condition()
    {
        var column = Name();
        if (Word("is"))
        {
            var not = Word("not");
            return Word("null") ? new RowCondition(column, not ? "is not null" : "is null", [], RowCondition.ConstantKind.None) : throw Expected("'null' or 'not null'");
        }

        if (Word("in")) return In(column);
        Space();
        if (Operators.FirstOrDefault(o => string.CompareOrdinal(text, _at, o, 0, o.Length) == 0) is not { } found) throw Expected("one of =, <>, <, <=, >, >=, in, is null, is not null");
        _at += found.Length;
        var (constant, kind) = Constant();
        if (kind != RowCondition.ConstantKind.Number && found is not ("=" or "<>")) throw new FormatException($"'{column} {found} …' orders what is no number, which depends on the database; only = and <> can compare it");
        return new RowCondition(column, found, [constant], kind);
    }

    private RowCondition In(string column)
    {
        if (!Symbol('(')) throw Expected("'('");
        var constants = new List<string>();
        RowCondition.ConstantKind? kind = null;
        do
        {
            var (constant, of) = Constant();
            if (kind is not null && kind != of) throw new FormatException($"the constants after '{column} in' are of different kinds");
            kind = of;
            constants.Add(constant);
        }
        while (Symbol(','));
        return Symbol(')') ? new RowCondition(column, "in", constants, kind.Value) : throw Expected("',' or ')'");
    }

    private string Name()
    {
        Space();
        var start = _at;
        if (_at < text.Length && text[_at] == '"') return Quoted('"', "a column's name");
        while (_at < text.Length && (char.IsAsciiLetterLower(text[_at]) || text[_at] == '_' || (_at > start && char.IsAsciiDigit(text[_at])))) _at++;
        return _at > start ? text[start.._at] : throw Expected("a column's name");
    }

    private (string Constant, RowCondition.ConstantKind Kind) Constant()
    {
        Space();
        if (_at < text.Length && text[_at] == '\'') return (Quoted('\'', "a text"), RowCondition.ConstantKind.Text);
        if (Word("true")) return ("t", RowCondition.ConstantKind.Flag);
        if (Word("false")) return ("f", RowCondition.ConstantKind.Flag);
        var start = _at;
        while (_at < text.Length && (char.IsAsciiDigit(text[_at]) || text[_at] is '.' or '-' or '+')) _at++;
        var number = text[start.._at];
        return decimal.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out _) ? (number, RowCondition.ConstantKind.Number) : throw Expected("a number, a 'text', true or false", start);
    }

    // The quote itself is written twice.
    private string Quoted(char quote, string what)
    {
        var start = _at++;
        var value = new System.Text.StringBuilder();
        while (_at < text.Length)
        {
            var letter = text[_at++];
            if (letter != quote) value.Append(letter);
            else if (_at < text.Length && text[_at] == quote) value.Append(text[_at++]);
            else return value.ToString();
        }

        throw new FormatException($"{what} begins at character {start + 1} and has no end");
    }

    private bool Word(string word)
    {
        Space();
        if (string.Compare(text, _at, word, 0, word.Length, StringComparison.OrdinalIgnoreCase) != 0) return false;
        if (_at + word.Length < text.Length && (char.IsAsciiLetterOrDigit(text[_at + word.Length]) || text[_at + word.Length] == '_')) return false;
        _at += word.Length;
        return true;
    }

    private bool Symbol(char symbol)
    {
        Space();
        if (_at >= text.Length || text[_at] != symbol) return false;
        _at++;
        return true;
    }

    private bool AtEnd()
    {
        Space();
        return _at == text.Length;
    }

    private void Space()
    {
        while (_at < text.Length && char.IsWhiteSpace(text[_at])) _at++;
    }

    private FormatException Expected(string what, int? at = null)
    {
        var place = at ?? _at;
        var found = place >= text.Length ? "the end" : $"'{text[place..Math.Min(text.Length, place + 20)]}'";
        return new FormatException($"at character {place + 1} {found} stands where {what} was expected");
    }
}
