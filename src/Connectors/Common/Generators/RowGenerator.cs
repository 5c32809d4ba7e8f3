using Pathway.Core;

namespace Pathway.Connectors;

/// <summary>Makes up one table, row by row: row <c>n</c>, from 0, is a function of <c>n</c>.</summary>
internal sealed record RowGenerator<TRow>(string Title, string Described, Func<long, TRow> Row) : Generator
{
    public override string Name => Title;

    public override string Settings => Described;

    public override GeneratedBatch NewBatch(int rows) => new(new RowBuffer<TRow>(rows));

    public override void Generate(long number, GeneratedBatch into) => into.Table<TRow>(0).Add(Row(number - 1));
}

/// <summary>A point of a made-up line.</summary>
/// <param name="X">Where.</param>
/// <param name="Y">How high: about what the line has there.</param>
public readonly record struct LinePoint(double X, double Y);
