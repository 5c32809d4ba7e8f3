using System.ComponentModel;
using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Tests.Unit.Evolution;

public enum Size
{
    Small = 1,
    Large = 2,
}

public enum MoreSizes
{
    Small = 1,
    Large = 2,
    Huge = 3,
}

public sealed record Place(string City, int Zip);

public sealed record LongPlace(int Zip, string City, string Country = "none");

public sealed record Before(int Id, string Title, Size Size, float Weight, Place? Home, ValueList<Place> Others, int? Stock, int Gone);

public sealed record After(
    decimal Id, [property: Formerly("Title")] string Name, MoreSizes Size, double Weight, LongPlace? Home, ValueList<LongPlace> Others, long? Stock, string Note = "new", MoreSizes? Kind = MoreSizes.Huge, int? Count = null)
{
    [DefaultValue(7)]
    public int Seven { get; init; }
}

public sealed record WithoutDefault(int Id, string Title, string Added);

public sealed record Narrow(int Id, string Title, Size Size, float Weight, Place? Home, ValueList<Place> Others, int Stock, int Gone);

/// <summary>Rows that one form of a type wrote, read by another one.</summary>
[Trait("suite", "unit")]
public sealed class RowConversionTests
{
    [Fact]
    public void Apply_AllThatIsAllowed_GivesTheRowAsItWouldBeNow()
    {
        var conversion = RowConversion.Between(RowSchema.Of(typeof(Before)).ToString(), typeof(After));
        Assert.Null(conversion.Refusal);
        Place[] others = [new("Bonn", 1), new("Rom", -2)];
        AssertBecomes(
            new Before(int.MaxValue, "a", Size.Large, 1.5f, new("Oslo", 3), others.ToValueList(), 70_000, 1),
            new After(int.MaxValue, "a", MoreSizes.Large, 1.5, new(3, "Oslo"), others.Select(o => new LongPlace(o.Zip, o.City)).ToValueList(), 70_000) { Seven = 7 });
        AssertBecomes(new Before(-5, null!, Size.Small, float.NaN, null, null!, null, 0), new After(-5, null!, MoreSizes.Small, double.NaN, null, null!, null) { Seven = 7 });
        Assert.Contains("'Title' is 'Name' now", conversion.Description, StringComparison.Ordinal);
        Assert.Contains("'Gone' is gone", conversion.Description, StringComparison.Ordinal);
        Assert.Contains("'Note' is new, and new in stored rows", conversion.Description, StringComparison.Ordinal);

        void AssertBecomes(Before before, After after)
        {
            var bytes = new ByteBuffer();
            RowCodec<Before>.Default.Write(before, bytes);
            Assert.Equal(after, RowCodec<After>.Default.Read(conversion.Apply(bytes.Memory)));
        }
    }

    [Theory]
    [InlineData(typeof(WithoutDefault), "no member 'Added' in the state: give it a default (WithoutDefault(… string Added = …))")]
    [InlineData(typeof(Narrow), "member 'Stock' was int? and is int")]
    [InlineData(typeof(Place), "no member 'City'")]
    [InlineData(typeof(int), "which can't be made of it")]
    public void Between_WhatWouldBeAGuess_NamesTheMember(Type now, string says) =>
        Assert.Contains(says, RowConversion.Between(RowSchema.Of(typeof(Before)).ToString(), now).Refusal, StringComparison.Ordinal);

    [Fact]
    public void Between_EnumThatLostAValue_IsRefused() =>
        Assert.Contains("may have the value Huge = 3", RowConversion.Between(RowSchema.Of(typeof((int, MoreSizes))).ToString().Trim('(', ')').Split(", ", 2)[1], typeof(Size)).Refusal, StringComparison.Ordinal);
}
