namespace Pathway.Connectors.Debezium;

/// <summary>Gives schemas their numbers.</summary>
public interface ISchemaRegistry
{
    /// <summary>The number of a schema; registers it where it is new.</summary>
    /// <param name="topic">The topic of the records.</param>
    /// <param name="isKey">Whether it is the schema of their keys, or of their values.</param>
    /// <param name="record">The full name of the schema's record.</param>
    /// <param name="schema">The schema's text.</param>
    /// <exception cref="Core.RefusalException">The registry refuses the schema, or us.</exception>
    /// <exception cref="Core.ConnectorException">The registry can't be reached for longer than was asked for.</exception>
    /// <exception cref="OperationCanceledException">We were asked to stop while waiting.</exception>
    int IdOf(string topic, bool isKey, string record, string schema);
}
