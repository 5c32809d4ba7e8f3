using CsCheck;
using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Tests.Unit.Storage;

[Trait("suite", "unit")]
public sealed class KeyCodecTests
{
    private enum Level : short
    {
        Low = -5,
        Middle = 0,
        High = 900,
    }

    private sealed record Place(string Country, int Number);

    private readonly record struct Wide(int A, string? B, long? C, Guid D);

    private sealed record Node(int Value, Node? Next);

    private sealed class Plain(int value)
    {
        public int Value { get; } = value;
    }

    [Fact]
    public void Write_Integers_KeepsOrder()
    {
        Law(Gen.Bool);
        Law(Gen.Byte);
        Law(Gen.SByte);
        Law(Gen.Short);
        Law(Gen.UShort);
        Law(Gen.Int);
        Law(Gen.UInt);
        Law(Gen.Long);
        Law(Gen.ULong);
        Law(Gen.Select(Gen.Long, Gen.ULong, (high, low) => new Int128((ulong)high, low)));
        Law(Gen.Select(Gen.ULong, Gen.ULong, (high, low) => new UInt128(high, low)));
        Law(Gen.Char);
        Law(OneOf(Level.Low, Level.Middle, Level.High));
        Law(Gen.Int.Nullable());
    }

    [Fact]
    public void Write_FloatingPoint_KeepsTotalOrder()
    {
        Law(Gen.OneOf(Gen.Double.Special, Gen.Double, OneOf(0d, -0d, double.NaN, double.Epsilon, -double.Epsilon, double.MaxValue, double.NegativeInfinity)), Equal);
        Law(Gen.OneOf(Gen.Single.Special, Gen.Single, OneOf(0f, -0f, float.NaN, float.Epsilon, -float.Epsilon, float.MaxValue, float.NegativeInfinity)), Equal);
    }

    [Fact]
    public void Write_Decimals_KeepsNumericOrderAndForgetsTheScale()
    {
        var any = Gen.Select(Gen.Int, Gen.Int, Gen.Int, Gen.Bool, Gen.Byte[0, 28], (low, middle, high, negative, scale) => new decimal(low, middle, high, negative, scale));
        var near = Gen.Select(Gen.Int[-2000, 2000], Gen.Byte[0, 5], (number, scale) => new decimal(Math.Abs(number), 0, 0, number < 0, scale));
        Law(Gen.OneOf(any, near, OneOf(0m, 0.00m, 1m, 1.0m, 1.000m, decimal.MaxValue, decimal.MinValue, 1e-28m, -1e-28m, 1e28m)), Equal);
        Assert.Equal(Bytes(1.5m), Bytes(1.5000m));
        Assert.Equal(Bytes(0m), Bytes(-0.00m));
    }

    [Fact]
    public void Write_Times_KeepsOrder()
    {
        Law(Gen.DateTime, Equal);
        Law(Gen.DateTimeOffset, Equal);
        Law(Gen.DateOnly);
        Law(Gen.TimeOnly);
        Law(Gen.TimeSpan);
        Law(Gen.Guid);
    }

    [Fact]
    public void Write_Strings_KeepsOrderOfCodePoints() => Law(Texts, compare: CompareCodePoints);

    [Fact]
    public void Write_Tuples_KeepsOrderMemberByMember()
    {
        Law(Gen.Select(Texts, Gen.Int), compare: static (a, b) => CompareCodePoints(a.Item1, b.Item1) is var c && c != 0 ? c : a.Item2.CompareTo(b.Item2));
        Law(Gen.Select(Texts, Texts, (a, b) => Tuple.Create(a, b)), compare: static (a, b) => CompareCodePoints(a.Item1, b.Item1) is var c && c != 0 ? c : CompareCodePoints(a.Item2, b.Item2));
        Law(Gen.Select(Gen.Int[0, 2], Gen.Int[0, 2], Gen.Int[0, 2], Gen.Int[0, 2], Gen.Int[0, 2], Gen.Int[0, 2], Gen.Int[0, 2]).Select(Gen.Int[0, 2], Gen.Int, (t, eight, nine) =>
            (t.Item1, t.Item2, t.Item3, t.Item4, t.Item5, t.Item6, t.Item7, eight, nine)));
        Law(Gen.Select(Texts, Gen.Int[0, 3], (c, n) => new Place(c, n)), compare: static (a, b) => CompareCodePoints(a.Country, b.Country) is var c && c != 0 ? c : a.Number.CompareTo(b.Number));
        Law(Gen.Select(Gen.Int[0, 1], Gen.Int[0, 3], (a, b) => new { a, b }), compare: static (x, y) => (x.a, x.b).CompareTo((y.a, y.b)));
    }

    [Fact]
    public void Write_RecordWithNulls_RoundTrips() =>
        Gen.Select(Gen.Int, Texts.Null(), Gen.Long.Nullable(), Gen.Guid, (a, b, c, d) => new Wide(a, b, c, d)).Sample(key => Equal(key, RoundTrip(key)));

    [Fact]
    public void Write_Null_ComesFirst()
    {
        Assert.True(Bytes<int?>(null).AsSpan().SequenceCompareTo(Bytes<int?>(int.MinValue)) < 0);
        Assert.True(Bytes<string>(null!).AsSpan().SequenceCompareTo(Bytes("")) < 0);
    }

    [Fact]
    public void Write_HalfASurrogatePair_IsRefused() => Assert.Contains("surrogate", Assert.Throws<BadDataException>(() => Bytes("a\ud800b")).Message);

    [Fact]
    public void Default_TypesWithoutStructuralEquality_AreRefusedByName()
    {
        Assert.Contains("byte[]", Refusal<byte[]>());
        Assert.Contains("array", Refusal<(int, int[])>());
        Assert.Contains("Item2", Refusal<(int, int[])>());
        Assert.Contains("record", Refusal<Plain>());
        Assert.Contains("collection", Refusal<List<int>>());
        Assert.Contains("contains itself", Refusal<Node>());
    }

    private static Gen<string> Texts { get; } = Gen.OneOf(
        Gen.Char["\0\u0001\u0002ab\u007f\u0080\u07ff\u0800\uffff"].Array[0, 4].Select(c => new string(c)),
        OneOf("", "a", "a\0", "a\0\0", "a\u0001", "\ud83d\ude00", "\uffff", "ü"));

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static void Law<T>(Gen<T> gen, Func<T, T, bool>? equals = null, Func<T, T, int>? compare = null)
    {
        compare ??= Comparer<T>.Default.Compare;
        equals ??= EqualityComparer<T>.Default.Equals;
        Gen.Select(gen, gen).Sample(
            (left, right) =>
            {
                if (!equals(left, RoundTrip(left))) return false;
                var (leftBytes, rightBytes) = (Bytes(left), Bytes(right));
                var prefixFree = equals(left, right) || (!leftBytes.AsSpan().StartsWith(rightBytes) && !rightBytes.AsSpan().StartsWith(leftBytes));
                return prefixFree && Math.Sign(leftBytes.AsSpan().SequenceCompareTo(rightBytes)) == Math.Sign(compare(left, right));
            },
            iter: 2000);
    }

    private static bool Equal<T>(T left, T right) => EqualityComparer<T>.Default.Equals(left, right);

    private static int CompareCodePoints(string left, string right) => System.Text.Encoding.UTF8.GetBytes(left).AsSpan().SequenceCompareTo(System.Text.Encoding.UTF8.GetBytes(right));

    private static byte[] Bytes<T>(T key)
    {
        using var buffer = new ByteBuffer();
        KeyCodec<T>.Default.Write(in key, buffer);
        return buffer.Span.ToArray();
    }

    private static T RoundTrip<T>(T key)
    {
        ReadOnlySpan<byte> rest = [.. Bytes(key), 0xAB];
        var read = KeyCodec<T>.Default.Read(ref rest);
        Assert.Equal(1, rest.Length);
        return read;
    }

    private static string Refusal<T>() => Assert.Throws<ConfigurationException>(() => KeyCodec<T>.Default).Message;
}
