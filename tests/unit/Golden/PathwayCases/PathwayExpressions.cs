using System.Globalization;
using Pathway.Core;

namespace Pathway.Tests.Unit.Golden.Cases;

/// <content>Expressions over numbers, truth values, nulls and tuples: those of C#, with what Python does otherwise spelled out.</content>
internal static partial class PathwayOperations
{
    private sealed record AB(long A, long B);

    private sealed record ANullableB(long A, long? B);

    private sealed record NullableAB(long? A, long? B);

    private sealed record NullableA(long? A);

    private sealed record FloatAB(double A, double B);

    private sealed record LongFloat(long A, double B);

    private sealed record FloatA(double A);

    private sealed record Truth(bool P, bool Q);

    private sealed record Castable(double F, long I, string S);

    private sealed record Failing(string S, double F);

    private sealed record Divided(long A, long B, double P, double Q);

    private sealed record Formatted(double F, long I, bool B);

    private sealed record Chosen(bool C, long A, long B, long? N, long? M);

    private sealed record NullableF(double? F);

    private sealed record Rounded(double F, long I);

    private sealed record ANumbered(long A);

    private sealed record AText(long A, string S);

    private static Dictionary<string, Action<PathwayCase>> Expressions() => new()
    {
        ["09-expressions/apply-udf"] = c => c.Result(c.Table<ANullableB>("x").Select(r => new { r.A, r.B, R = (r.A * 10) + r.B })),
        ["09-expressions/bool-ops"] = c => c.Result(c.Table<Truth>("x").Select(r => new { A = r.P & r.Q, O = r.P | r.Q, Xo = r.P ^ r.Q, N = !r.P })),
        ["09-expressions/cast-failures"] = c => c.Result(c.Table<Failing>("x").Select(r => new { Si = WholeOf(r.S) ?? -1, Sf = NumberOf(r.S) ?? -1, Fi = (long)r.F })),
        ["09-expressions/casts"] = c => c.Result(c.Table<Castable>("x").Select(r => new
        {
            Fi = (long)r.F, Sf = TextOf(r.F), Ib = r.I != 0, Fl = (double)r.I, Si = long.Parse(r.S, CultureInfo.InvariantCulture), Bi = r.I > 0 ? 1 : 0, Bs = (r.I > 0).ToString(),
        })),
        ["09-expressions/division-by-zero-values"] = c => c.Result(c.Table<Divided>("x").Select(r => new
        {
            r.A, r.B, D = Attempt.Of(() => Over(r.A, r.B)).Or(-1), F = Attempt.Of(() => Floor(r.A, r.B)).Or(-1), M = Attempt.Of(() => Mod(r.A, r.B)).Or(-1),
            Fd = Attempt.Of(() => Over(r.P, r.Q)).Or(-1), Ff = Attempt.Of(() => FloorOver(r.P, r.Q)).Or(-1), Fm = Attempt.Of(() => Modulo(r.P, r.Q)).Or(-1),
        })),
        ["09-expressions/float-division-modulo"] = c => c.Result(c.Table<FloatAB>("x").Select(r => new { r.A, r.B, Div = r.A / r.B, Fdiv = FloorOver(r.A, r.B), Mod = Modulo(r.A, r.B), Pw = Math.Pow(r.A, 2) })),
        ["09-expressions/float-formatting"] = c => c.Result(c.Table<Formatted>("x").Select(r => new { F = TextOf(r.F), I = r.I.ToString(CultureInfo.InvariantCulture), B = r.B.ToString() })),
        ["09-expressions/float-special"] = c => c.Result(c.Table<FloatA>("x").Select(r => new { Inf = r.A * r.A, Nan = (r.A * r.A) - (r.A * r.A) })
            .Select(r => new { r.Inf, r.Nan, Naneq = r.Nan == r.Inf - r.Inf, Lt = r.Nan < 1, Gt = r.Inf > 1, S = TextOf(r.Inf), Ns = TextOf(r.Nan) })),
        ["09-expressions/if-else-coalesce-require"] = c => c.Result(c.Table<Chosen>("x").Select(r => new
        {
            Ie = r.C ? r.A : r.B, Co = r.N ?? r.M ?? 0, Rq = r.N is null ? (long?)null : r.A + r.B, Nn = r.N is null, Lz = r.B != 0 ? Floor(r.A, r.B) : 0,
        })),
        ["09-expressions/if-else-laziness"] = c => c.Result(c.Table<AB>("x").Select(r => new { r.A, R = r.B == 0 ? -1 : Floor(r.A, r.B) })),
        ["09-expressions/int-division-modulo"] = c => c.Result(c.Table<AB>("x").Select(r => new { r.A, r.B, Div = (double)r.A / r.B, Fdiv = Floor(r.A, r.B), Mod = FloorModulo(r.A, r.B) })),
        ["09-expressions/int-float-mix"] = c => c.Result(c.Table<LongFloat>("x").Select(r => new { r.A, r.B, S = r.A + r.B, P = r.A * r.B, Q = r.A / r.B, Eq = r.A == r.B, Lt = r.A < r.B })),
        ["09-expressions/int-overflow"] = c => c.Result(c.Table<AB>("x").Select(r => new
        {
            r.A, r.B, Plus = unchecked(r.A + r.B), Minus = unchecked(r.A - r.B), Times = unchecked(r.A * r.B), Neg = unchecked(-r.A), Ab = r.A < 0 ? unchecked(-r.A) : r.A,
        })),
        ["09-expressions/int-power-negative"] = c => c.Result(c.Table<AB>("x").Select(r => new { r.A, r.B, Pow = Attempt.Of(() => Power(r.A, r.B)).Or(-999) })),
        ["09-expressions/int-power-shift"] = c => c.Result(c.Table<AB>("x").Select(r => new
        {
            r.A, r.B, Pow = Attempt.Of(() => Power(r.A, r.B)).Or(-999), Shl = r.A << (int)r.B, Shr = r.A >> (int)r.B, An = r.A & r.B, O = r.A | r.B, Xo = r.A ^ r.B,
        })),
        ["09-expressions/null-arithmetic"] = c => c.Result(c.Table<NullableA>("x").Select(r => new { S = r.A + 1 })),
        ["09-expressions/null-comparison"] = c => c.Result(c.Table<NullableAB>("x").Select(r => new { Eq = r.A == r.B, Ne = r.A != r.B, S = (r.A ?? 0) + (r.B ?? 0) })),
        ["09-expressions/num-fill-na"] = c => c.Result(c.Table<NullableF>("x").Select(r => new { R = r.F is { } f && !double.IsNaN(f) ? f : 0 })),
        ["09-expressions/num-round"] = c => c.Result(c.Table<Rounded>("x").Select(r => new
        {
            r.F, R0 = Math.Round(r.F), R2 = RoundExactly(r.F, 2), Rm = Math.Round(r.F / 10) * 10, I = (long)Math.Round(r.I / 10m) * 10, Ab = Math.Abs(r.F),
        })),
        ["09-expressions/tuple-ops"] = c => c.Result(c.Table<AText>("x").Select(r => new
        {
            T = (r.A, r.S), F = (r.A, r.S).A, L = (r.A, Next: r.A + 1).Next, G = -1, C = r.A < 1 || (r.A == 1 && string.CompareOrdinal(r.S, "m") < 0),
        })),
        ["09-expressions/udf-nondeterministic-memo"] = c =>
        {
            var calls = 0L;
            c.Result(c.Table<ANumbered>("x").Memoized(r => new { r.A, R = ++calls }).Aggregate(all => new { C = all.Count(), S = all.Sum(r => r.R) - all.Sum(r => r.R) }));
        },
    };

    private static double Over(double value, double divisor) => divisor == 0 ? throw new DivideByZeroException() : value / divisor;

    /// <summary>The remainder with the sign of the divisor, without a product that could overflow.</summary>
    private static long FloorModulo(long value, long divisor) => value % divisor is var rest && rest != 0 && rest < 0 != divisor < 0 ? rest + divisor : rest;

    /// <summary>The remainder with the sign of the divisor.</summary>
    private static double Modulo(double value, double divisor) => divisor == 0 ? throw new DivideByZeroException() : value % divisor is var rest && rest != 0 && rest < 0 != divisor < 0 ? rest + divisor : rest;

    /// <summary>The quotient rounded down, by way of the remainder, so that 0.3 goes twice into 0.1's triple.</summary>
    private static double FloorOver(double value, double divisor)
    {
        var quotient = (value - Modulo(value, divisor)) / divisor;
        return Math.Abs(quotient - Math.Round(quotient)) < 0.5 ? Math.Round(quotient) : Math.Floor(quotient);
    }

    private static long Power(long value, long exponent)
    {
        if (exponent < 0) return value switch { 0 => throw new DivideByZeroException(), 1 => 1, -1 => exponent % 2 == 0 ? 1 : -1, _ => 0 };
        var power = 1L;
        for (var i = 0L; i < exponent; i++) power = unchecked(power * value);
        return power;
    }

    /// <summary>Rounds the number that the bits stand for; halves go to even.</summary>
    private static double RoundExactly(double value, int digits)
    {
        var exact = value.ToString("F60", CultureInfo.InvariantCulture);
        var rest = exact[(exact.IndexOf('.', StringComparison.Ordinal) + 1 + digits)..].TrimEnd('0');
        return rest == "5" ? (double)Math.Round((decimal)value, digits) : double.Parse(value.ToString($"F{digits}", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
    }

    private static long? WholeOf(string text) => long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var value) ? value : null;

    private static double? NumberOf(string text) => text.Trim().ToUpperInvariant() switch
    {
        "INF" or "+INF" or "INFINITY" => double.PositiveInfinity,
        "-INF" or "-INFINITY" => double.NegativeInfinity,
        _ => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : null,
    };

    /// <summary>A number as Python writes it: with a fraction, an exponent below 1e-4 and from 1e16 on.</summary>
    private static string TextOf(double value)
    {
        if (!double.IsFinite(value)) return double.IsNaN(value) ? "NaN" : value > 0 ? "inf" : "-inf";
        var text = value.ToString("E16", CultureInfo.InvariantCulture);
        var shortest = value.ToString("R", CultureInfo.InvariantCulture);
        if (value == 0) return double.IsNegative(value) ? "-0.0" : "0.0";
        var exponent = int.Parse(text[(text.IndexOf('E', StringComparison.Ordinal) + 1)..], CultureInfo.InvariantCulture);
        var digits = string.Concat(shortest.Split('E')[0].Where(char.IsAsciiDigit)).TrimStart('0').TrimEnd('0');
        var sign = value < 0 ? "-" : "";
        if (exponent is < -4 or >= 16) return $"{sign}{digits[0]}{(digits.Length > 1 ? $".{digits[1..]}" : "")}e{exponent}";
        if (exponent < 0) return $"{sign}0.{new string('0', -exponent - 1)}{digits}";
        digits = digits.PadRight(exponent + 1, '0');
        return $"{sign}{digits[..(exponent + 1)]}.{(digits.Length > exponent + 1 ? digits[(exponent + 1)..] : "0")}";
    }
}
