using System.Text;
using Pathway.Connectors.Postgres;

namespace Pathway.Tests.Unit.Connectors;

/// <summary>Tuples as texts: values between bars; - is NULL, ? a value that wasn't sent.</summary>
internal static class TupleText
{
    /// <summary>The tuple that a text stands for; an absent one for null.</summary>
    public static TupleData Tuple(string? text)
    {
        if (text is null) return default;
        using var writer = new TupleWriter();
        writer.Begin();
        foreach (var value in text.Split('|'))
        {
            if (value == "-") writer.Null();
            else if (value == "?") writer.Unchanged();
            else writer.Value(new TupleData.Value(TupleData.ValueKind.Text, Encoding.UTF8.GetBytes(value)));
        }

        return new TupleData(writer.Written.ToArray());
    }

    /// <summary>The text of a tuple.</summary>
    public static string Text(TupleData tuple)
    {
        var values = new List<string>();
        foreach (var value in tuple) values.Add(value.Kind switch { TupleData.ValueKind.Null => "-", TupleData.ValueKind.Unchanged => "?", _ => Encoding.UTF8.GetString(value.Bytes) });
        return string.Join('|', values);
    }
}
