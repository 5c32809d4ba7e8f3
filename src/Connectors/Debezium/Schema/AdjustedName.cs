using System.Globalization;
using System.Text;

namespace Pathway.Connectors.Debezium;

/// <summary>Makes names legal for Avro, as Debezium's adjustment modes do.</summary>
internal static class AdjustedName
{
    /// <summary>A field's name.</summary>
    public static string OfField(string name, NameAdjustment mode) => Adjust(name, mode, isDotKept: false);

    /// <summary>A schema's full name; of its parts only the first may not begin with a digit.</summary>
    public static string OfSchema(string name, NameAdjustment mode) => Adjust(name, mode, isDotKept: true);

    private static string Adjust(string name, NameAdjustment mode, bool isDotKept)
    {
        if (mode == NameAdjustment.None || name.Length == 0) return name;
        var adjusted = new StringBuilder(name.Length + 8);
        for (var i = 0; i < name.Length; i++)
        {
            var character = name[i];
            if (mode == NameAdjustment.Avro && i == 0 && char.IsAsciiDigit(character)) adjusted.Append('_').Append(character);
            else if (IsLegal(character, i, mode) || (isDotKept && character == '.')) adjusted.Append(character);
            else if (mode == NameAdjustment.Avro) adjusted.Append('_');
            else adjusted.Append(CultureInfo.InvariantCulture, $"_u{(int)character:x4}");
        }

        return adjusted.ToString();
    }

    private static bool IsLegal(char character, int place, NameAdjustment mode) =>
        char.IsAsciiLetter(character) || (char.IsAsciiDigit(character) && place > 0) || (character == '_' && mode == NameAdjustment.Avro);
}
