using System.Globalization;
using System.Text;
using System.Text.Json;
using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Tests.Unit.Golden.Cases;

/// <content>Expressions over text and JSON. The original counts code points, as runes do.</content>
internal static partial class PathwayOperations
{
    private static readonly IComparer<string> ByCodePoint = RowOrder.Of<string>();

    private sealed record OneS(string S);

    private sealed record TwoTexts(string S, string T);

    private sealed record OneJson(string? J);

    private static Dictionary<string, Action<PathwayCase>> Texts() => new()
    {
        ["09-expressions/str-case"] = c => c.Result(c.Table<OneS>("x").Select(r => new
        {
            r.S, Lo = r.S.ToLowerInvariant(), Up = r.S.ToUpperInvariant(), Sw = string.Concat(r.S.Select(ch => char.IsUpper(ch) ? char.ToLowerInvariant(ch) : char.ToUpperInvariant(ch))), Ti = TitleOf(r.S),
        })),
        ["09-expressions/str-concat-compare"] = c => c.Result(c.Table<TwoTexts>("x").Select(r => new { C = r.S + r.T, M = r.S + r.S, Lt = ByCodePoint.Compare(r.S, r.T) < 0, Eq = r.S == r.T })),
        ["09-expressions/str-length-reverse-slice"] = c => c.Result(c.Table<OneS>("x").Select(r => new
        {
            r.S, N = r.S.EnumerateRunes().Count(), Rv = Of(r.S.EnumerateRunes().Reverse()), Sl = Of(r.S.EnumerateRunes().Skip(1).Take(3)), Sn = Of(r.S.EnumerateRunes().TakeLast(3)),
            St = r.S.Trim(), Sc = r.S.Trim('H', 'd'),
        })),
        ["09-expressions/str-parse"] = c => c.Result(c.Table<OneS>("x").Select(r => new { r.S, I = WholeOf(r.S), F = NumberOf(r.S), B = TruthOf(r.S) })),
        ["09-expressions/str-search-replace"] = c => c.Result(c.Table<OneS>("x").Select(r => new
        {
            r.S, F = Find(r.S, r.S.IndexOf('o', StringComparison.Ordinal)), R = Find(r.S, r.S.LastIndexOf('o')), C = r.S.Count(ch => ch == 'X'), Ce = r.S.EnumerateRunes().Count() + 1,
            Fs = FindFrom(r.S, "t", 4), Sw = r.S.StartsWith("He", StringComparison.Ordinal), Ew = r.S.EndsWith('t'),
            Rp = r.S.Replace("X", "--", StringComparison.Ordinal), R1 = r.S.IndexOf('X', StringComparison.Ordinal) is var at and >= 0 ? r.S.Remove(at, 1) : r.S,
            Rmp = r.S.StartsWith("aX", StringComparison.Ordinal) ? r.S[2..] : r.S, Rms = r.S.EndsWith("Xc", StringComparison.Ordinal) ? r.S[..^2] : r.S,
        })),
        ["09-expressions/json-as"] = c => c.Result(c.Table<OneJson>("x").Select(r => new
        {
            I = Whole(Member(r.J, "a")), F = Real(Member(r.J, "a")), B = Flag(Member(r.J, "t")), Ff = Real(Member(r.J, "f")), Dv = Whole(Member(r.J, "b")) ?? -1,
        })),
        ["09-expressions/json-as-mismatch"] = c => c.Result(c.Table<OneJson>("x").Select(r => new
        {
            I = Attempt.Of(() => Whole(Member(r.J, "a"))).Or(-1), S = Attempt.Of(() => Words(Member(r.J, "a"))).Or("err"),
            F = Attempt.Of(() => Real(Member(r.J, "a"))).Or(-1), B = Attempt.Of(() => Flag(Member(r.J, "a"))).Or(false),
        })),
        ["09-expressions/json-get"] = c => c.Result(c.Table<OneJson>("x").Select(r => new
        {
            A = Raw(Member(r.J, "a")), E0 = Raw(Element(r.J, 0)), D = Raw(Member(r.J, "zz")) ?? "5", C1 = Raw(Element(Raw(Member(Raw(Member(r.J, "b")), "c")), 1)), N = (string?)null,
        })),
        ["09-expressions/json-index-missing"] = c => c.Result(c.Table<OneJson>("x").Select(r => new { V = Raw(Member(r.J, "a")) })),
    };

    private static string Of(IEnumerable<Rune> runes) => string.Concat(runes);

    private static int Find(string text, int at) => at < 0 ? -1 : text[..at].EnumerateRunes().Count();

    private static int FindFrom(string text, string sought, int rune)
    {
        var from = Of(text.EnumerateRunes().Take(rune)).Length;
        return Find(text, text.IndexOf(sought, from, StringComparison.Ordinal));
    }

    private static string TitleOf(string text)
    {
        var title = new StringBuilder();
        for (var i = 0; i < text.Length; i++) title.Append(i > 0 && char.IsLetter(text[i - 1]) ? char.ToLowerInvariant(text[i]) : char.ToUpperInvariant(text[i]));
        return title.ToString();
    }

    private static bool? TruthOf(string text) => text.ToUpperInvariant() switch
    {
        "TRUE" or "YES" or "ON" or "1" => true,
        "FALSE" or "NO" or "OFF" or "0" => false,
        _ => null,
    };

    private static JsonElement? Member(string? json, string name) => Json(json) is { ValueKind: JsonValueKind.Object } found && found.TryGetProperty(name, out var member) ? member : null;

    private static JsonElement? Element(string? json, int at) => Json(json) is { ValueKind: JsonValueKind.Array } found && at < found.GetArrayLength() ? found[at] : null;

    private static JsonElement? Json(string? json)
    {
        try
        {
            return json is null ? null : JsonElement.Parse(json);
        }
        catch (JsonException)
        {
            return null;    // a JSON string, of which the case has the text
        }
    }

    private static string? Raw(JsonElement? json) => json is { ValueKind: not JsonValueKind.Null } found ? found.GetRawText() : null;

    private static long? Whole(JsonElement? json) => json switch
    {
        null or { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.Number } number when number.TryGetInt64(out var value) => value,
        { } other => throw new FormatException($"{other} is no whole number."),
    };

    private static double? Real(JsonElement? json) => json switch
    {
        null or { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.Number } number => number.GetDouble(),
        { } other => throw new FormatException($"{other} is no number."),
    };

    private static bool? Flag(JsonElement? json) => json switch
    {
        null or { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        { } other => throw new FormatException($"{other} is no truth value."),
    };

    private static string? Words(JsonElement? json) => json switch
    {
        null or { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        { } other => throw new FormatException($"{other} is no text."),
    };
}
