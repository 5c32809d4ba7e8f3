namespace Pathway;

/// <summary>A changing table, with or without a key: what joins, groupings and set operations take.</summary>
/// <typeparam name="TRow">The rows.</typeparam>
public interface ITable<TRow>
{
    /// <summary>Its rows, without their keys if it has any.</summary>
    Table<TRow> Rows();
}
