using System.Text;

namespace Pathway.Connectors.Debezium;

/// <content>Structs, arrays, maps, and values that may be missing.</content>
internal ref partial struct RecordOutput
{
    /// <summary>Begins a struct.</summary>
    public void BeginStruct()
    {
        if (!IsAvro) Raw("{"u8);
        _isFirst = true;
    }

    /// <summary>Ends a struct.</summary>
    public void EndStruct()
    {
        if (!IsAvro) Raw("}"u8);
        _isFirst = false;
    }

    /// <summary>Begins a field whose value, which is there, follows.</summary>
    public void Field(ConnectField field)
    {
        Label(field.Name);
        Present(field.Schema);
    }

    /// <summary>Writes a field without value: null, which its schema must allow.</summary>
    public void NullField(ConnectField field)
    {
        Label(field.Name);
        Null(field.Schema);
    }

    /// <summary>Writes the comma, where one is due, and the name of a field; nothing in Avro.</summary>
    public void Label(string name)
    {
        if (IsAvro) return;
        if (!_isFirst) Raw(","u8);
        _isFirst = false;
        Quoted(Encoding.UTF8.GetBytes(name), escapeSupplementary: true);
        Raw(":"u8);
    }

    /// <summary>What stands before a value that is there: in Avro the number of its branch.</summary>
    public void Present(ConnectSchema schema)
    {
        if (IsAvro && schema.IsOptional) VarInt(schema.DefaultJson is null ? 1 : 0);
    }

    /// <summary>Writes what stands for a value that isn't there.</summary>
    public void Null(ConnectSchema schema)
    {
        if (!IsAvro) Raw("null"u8);
        else VarInt(schema.DefaultJson is null ? 0 : 1);
    }

    /// <summary>Begins an array of <paramref name="count"/> elements.</summary>
    public void BeginArray(int count)
    {
        if (!IsAvro) Raw("["u8);
        else if (count > 0) VarInt(count);
        _isFirst = true;
    }

    /// <summary>Begins an element of an array.</summary>
    public void Element()
    {
        if (!IsAvro && !_isFirst) Raw(","u8);
        _isFirst = false;
    }

    /// <summary>Ends an array.</summary>
    public void EndArray()
    {
        Raw(IsAvro ? [0] : "]"u8);
        _isFirst = false;
    }

    /// <summary>Begins a map of <paramref name="count"/> entries.</summary>
    public void BeginMap(int count)
    {
        if (!IsAvro) Raw("{"u8);
        else if (count > 0) VarInt(count);
        _isFirst = true;
    }

    /// <summary>Begins an entry of a map.</summary>
    public void MapKey(string key)
    {
        if (IsAvro) Sized(Encoding.UTF8.GetBytes(key));
        else Label(key);
    }

    /// <summary>Ends a map.</summary>
    public void EndMap()
    {
        Raw(IsAvro ? [0] : "}"u8);
        _isFirst = false;
    }
}
