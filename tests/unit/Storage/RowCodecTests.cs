using System.Collections.Immutable;
using CsCheck;
using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Tests.Unit.Storage;

[Trait("suite", "unit")]
public sealed class RowCodecTests
{
    internal enum Status : byte
    {
        Open = 0,
        Paid = 3,
    }

    internal sealed record Address(string Street, string? City);

    internal sealed record Order(int Id, string? Customer, decimal Amount, Status Status, Address? To, DateTime At, double? Rate)
    {
        public string? Note { get; init; }

        public decimal Double => Amount * 2;
    }

    internal readonly record struct Point(float X, float Y);

    private record Animal(string Name);

    private sealed record Dog(string Name, int Age) : Animal(Name);

    private sealed record WithList(int Id, List<int> Numbers);

    private sealed record WithImmutable(int Id, ImmutableArray<int> Numbers);

    private sealed record WithObject(object Anything);

    private sealed record WithBytes(byte[] Bytes);

    private sealed record WithHidden(int Id)
    {
        private readonly int _hidden = Id * 2;

        public int Twice() => _hidden;
    }

    private sealed class Plain;

    private struct Bare;

    [Fact]
    public void Read_Written_EqualsRowInEveryPart()
    {
        var addresses = Gen.Select(Gen.String, Gen.String.Null(), (street, city) => new Address(street, city));
        Gen.Select(Gen.Int, Gen.String.Null(), Gen.Decimal, OneOf(Status.Open, Status.Paid), addresses.Null(), Gen.DateTime, Gen.Double.Nullable())
            .Select(Gen.String.Null(), (o, note) => new Order(o.Item1, o.Item2, o.Item3, o.Item4, o.Item5, o.Item6, o.Item7) { Note = note })
            .Sample(order =>
            {
                var read = RoundTrip(order);
                Assert.Equal(order, read);
                Assert.Equal(decimal.GetBits(order.Amount), decimal.GetBits(read.Amount));
                Assert.Equal(order.At.Kind, read.At.Kind);
            });
    }

    [Fact]
    public void Read_EveryPrimitive_RoundTrips()
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
        Law(Gen.Char);
        Law(Gen.Single);
        Law(Gen.Double);
        Law(Gen.Decimal);
        Law(Gen.Guid);
        Law(Gen.DateOnly);
        Law(Gen.TimeOnly);
        Law(Gen.TimeSpan);
        Law(Gen.Select(Gen.ULong, Gen.ULong, (high, low) => new Int128(high, low)));
        Law(Gen.Select(Gen.ULong, Gen.ULong, (high, low) => new UInt128(high, low)));
        Law(Gen.Select(Gen.Single, Gen.Single, (x, y) => new Point(x, y)));
        Law(Gen.Select(Gen.Int, Gen.String, (a, b) => new { a, b }));
        Law(Gen.Select(Gen.Int, Gen.Int, Gen.Int, Gen.Int, Gen.Int, Gen.Int, Gen.Int).Select(Gen.String, Gen.Long, (t, eight, nine) =>
            (t.Item1, t.Item2, t.Item3, t.Item4, t.Item5, t.Item6, t.Item7, eight, nine)));
        Law(Gen.Select(Gen.Int, Gen.String, Tuple.Create));
    }

    [Fact]
    public void Read_TimeWithOffset_KeepsTheOffset()
    {
        var time = new DateTimeOffset(2024, 5, 6, 7, 8, 9, TimeSpan.FromMinutes(-210)).AddTicks(3);
        Assert.Equal(time.Offset, RoundTrip(time).Offset);
        Assert.Equal(time, RoundTrip(time));
    }

    [Fact]
    public void Write_SameRow_SameBytes() => Assert.Equal(Bytes(Some("x")), Bytes(Some("x")));

    [Fact]
    public void Write_HalfASurrogatePair_IsRefused() => Assert.Throws<BadDataException>(() => Bytes(Some("\udc00")));

    [Fact]
    public void Write_DerivedRecord_IsRefusedByName() => Assert.Contains("Dog", Assert.Throws<BadDataException>(() => Bytes<Animal>(new Dog("Rex", 3))).Message);

    [Fact]
    public void Read_OtherSchema_IsRefused()
    {
        var bytes = Bytes(Some("x"));
        bytes[0] = 9;
        Assert.Contains("schema 9", Assert.Throws<RefusalException>(() => RowCodec<Order>.Default.Read(bytes)).Message);
    }

    [Fact]
    public void Read_Torn_IsRefused() => Enumerable.Range(0, Bytes(Some("x")).Length).ToList().ForEach(length =>
        Assert.Throws<RefusalException>(() => RowCodec<Order>.Default.Read(Bytes(Some("x")).AsMemory(0, length))));

    [Fact]
    public void Default_TypesWithoutStructuralEquality_AreRefusedByMember()
    {
        Assert.Contains("WithList.Numbers", Refusal<WithList>());
        Assert.Contains("WithImmutable.Numbers", Refusal<WithImmutable>());
        Assert.Contains("WithObject.Anything", Refusal<WithObject>());
        Assert.Contains("WithBytes.Bytes", Refusal<WithBytes>());
        Assert.Contains("array", Refusal<WithBytes>());
        Assert.Contains("_hidden", Refusal<WithHidden>());
        Assert.Contains("record", Refusal<Plain>());
        Assert.Contains("IEquatable<Bare>", Refusal<Bare>());
        Assert.Contains("IReadOnlyList<int>", Refusal<IReadOnlyList<int>>());
    }

    [Fact]
    public void RowSchema_OfARow_NamesMembersAndTypesInOrder() =>
        Assert.Equal(
            "Order(Id: int, Customer: string, Amount: decimal, Status: Status = byte {Open = 0, Paid = 3}, To: Address(Street: string, City: string), At: DateTime, Rate: double?, Note: string)",
            RowSchema.Of(typeof(Order)).ToString());

    [Fact]
    public void RowSchema_OfATuple_NamesTypes() => Assert.Equal("(int, string, long, long, long, long, long, Guid)", RowSchema.Of(typeof((int, string, long, long, long, long, long, Guid))).ToString());

    private static Order Some(string customer) => new(1, customer, 2.50m, Status.Paid, new Address("street", null), new DateTime(2024, 1, 2, 3, 4, 5, DateTimeKind.Utc), null);

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static void Law<T>(Gen<T> gen) => gen.Sample(row => EqualityComparer<T>.Default.Equals(row, RoundTrip(row)), iter: 500);

    private static byte[] Bytes<T>(T row)
    {
        using var buffer = new ByteBuffer();
        RowCodec<T>.Default.Write(in row, buffer);
        return buffer.Span.ToArray();
    }

    private static T RoundTrip<T>(T row)
    {
        byte[] bytes = [.. Bytes(row), 0xC1];
        var read = RowCodec<T>.Default.Read(bytes, out var length);
        Assert.Equal(bytes.Length - 1, length);
        return read;
    }

    private static string Refusal<T>() => Assert.Throws<ConfigurationException>(() => RowCodec<T>.Default).Message;
}
