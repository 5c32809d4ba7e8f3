using System.Text;
using Pathway.Core;

namespace Pathway.Connectors.Debezium;

/// <summary>Which names Avro takes: a letter or an underscore, then letters, digits and underscores.</summary>
internal static class AvroNames
{
    /// <summary>Refuses a name that isn't legal.</summary>
    /// <param name="name">The name of a field or record.</param>
    /// <param name="record">The record it is in.</param>
    public static void Check(string name, string record)
    {
        var isFirst = true;
        foreach (var rune in name.EnumerateRunes())
        {
            if (rune.Value != '_' && !(isFirst ? Rune.IsLetter(rune) : Rune.IsLetterOrDigit(rune))) throw Illegal(name, record);
            isFirst = false;
        }

        if (isFirst) throw Illegal(name, record);
    }

    private static ConfigurationException Illegal(string name, string record) => new(
        $"'{name}' in {record} is no name for Avro, which takes letters, digits and underscores and no digit first. Set field.name.adjustment.mode and schema.name.adjustment.mode to avro or avro_unicode, or rename it.");
}
