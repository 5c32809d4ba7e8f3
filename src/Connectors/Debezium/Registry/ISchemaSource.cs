namespace Pathway.Connectors.Debezium;

/// <summary>Gives schemas by their numbers.</summary>
public interface ISchemaSource
{
    /// <summary>The text of the Avro schema with this number.</summary>
    /// <exception cref="FormatException">There is none.</exception>
    /// <exception cref="Core.ConnectorException">The registry can't be reached for longer than was asked for.</exception>
    string SchemaOf(int id);
}
