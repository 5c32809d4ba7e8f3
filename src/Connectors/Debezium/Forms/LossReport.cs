using System.Text;
using Pathway.Connectors.Postgres;
using Pathway.Core;

namespace Pathway.Connectors.Debezium;

/// <summary>Says which values of a column couldn't be carried.</summary>
internal sealed class LossReport(PgTable table, PgColumn column, DebeziumOptions options)
{
    /// <summary>A value is null instead; returns true, for whoever asks whether it vanishes.</summary>
    /// <exception cref="BadDataException">Such values are to stop the pipeline.</exception>
    public bool Null(ReadOnlySpan<byte> text)
    {
        if (options.Types.FailOnLoss)
            throw new BadDataException($"'{Encoding.UTF8.GetString(text)}' in column {column.Name} of {table.FullName} can't be carried as {column.Type.Name} in the Debezium form, "
                + "and event.converting.failure.handling.mode is fail. Change the value, or set the mode to warn, or decimal.handling.mode to string or double.");
        Changed(text, "null");
        return true;
    }

    /// <summary>A value is written as another one.</summary>
    public void Changed(ReadOnlySpan<byte> text, string written) => options.Lost?.Invoke(new LostValue(table.FullName, column.Name, Encoding.UTF8.GetString(text), written));
}
