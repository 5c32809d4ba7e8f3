namespace Pathway.Engine;

/// <summary>How many rows, and the sum of a value over them. Beyond 64 bits it throws.</summary>
internal readonly record struct CountSum(long Count, long Sum)
{
    public static CountSum operator +(CountSum left, CountSum right) => new(checked(left.Count + right.Count), checked(left.Sum + right.Sum));

    public static CountSum operator -(CountSum left, CountSum right) => new(checked(left.Count - right.Count), checked(left.Sum - right.Sum));

    public static CountSum operator *(CountSum sum, long weight) => new(checked(sum.Count * weight), checked(sum.Sum * weight));
}
