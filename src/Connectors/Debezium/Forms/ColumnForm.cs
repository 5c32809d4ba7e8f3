namespace Pathway.Connectors.Debezium;

/// <summary>How the values of a column are carried: the schema, and the way from Postgres' text to it. One object for each column of a compiled table.</summary>
/// <remarks>Knows nothing of JSON and Avro: what is written is a value of Connect's data model; what a value is (numbers, bytes) stays with the readers in Values.</remarks>
internal abstract class ColumnForm(ConnectSchema schema)
{
    /// <summary>The schema of a required value without default; the column adds these.</summary>
    public ConnectSchema Schema { get; } = schema;

    /// <summary>Whether there are values that can't be carried.</summary>
    public virtual bool MayVanish => false;

    /// <summary>Whether a value can't be carried, so that null is written in its place; says so to whoever counts such values.</summary>
    public virtual bool Vanishes(ReadOnlySpan<byte> text) => false;

    /// <summary>Writes the value that Postgres prints as <paramref name="text"/>, unless it <see cref="Vanishes"/>.</summary>
    public abstract void Write(ReadOnlySpan<byte> text, ref RecordOutput output);

    /// <summary>Writes what stands for the value of a required column that Postgres didn't send.</summary>
    public abstract void WriteZero(ref RecordOutput output);

    /// <summary>Whether there is something that stands for a large value that an update didn't touch; else it is null.</summary>
    public virtual bool HasPlaceholder => false;

    /// <summary>Writes what stands for a large value that an update didn't touch.</summary>
    public virtual void WritePlaceholder(ReadOnlySpan<byte> placeholder, ref RecordOutput output)
    {
    }
}
