using Pathway.Connectors.Postgres;
using Pathway.Core;

namespace Pathway.Connectors.Debezium;

/// <summary>A part of the envelope that is added to plain rows, as a field or as a header.</summary>
internal sealed class AddedPart
{
    private readonly string _part;
    private readonly byte[] _fixed;
    private readonly byte[] _label, _nothing;

    /// <summary>Compiles it for a table.</summary>
    /// <param name="setting">The part: op, lsn, source.ts_ms, transaction.id; another name after a colon.</param>
    /// <param name="prefix">What stands before its name.</param>
    /// <param name="table">The table.</param>
    /// <param name="options">How events are written.</param>
    /// <param name="wire">What is written.</param>
    public AddedPart(string setting, string prefix, PgTable table, DebeziumOptions options, Wire wire)
    {
        var colon = setting.IndexOf(':', StringComparison.Ordinal);
        var path = (colon < 0 ? setting : setting[..colon]).Trim();
        var dot = path.IndexOf('.', StringComparison.Ordinal);
        var name = path[(dot + 1)..];
        var (found, isOfSource) = Find(path, dot < 0 ? null : path[..dot], name);
        _part = isOfSource ? "source." + name : path;
        var field = colon < 0 ? prefix + path.Replace('.', '_') : prefix + setting[(colon + 1)..].Trim();
        Field = new ConnectField(field, found.Schema with { IsOptional = true, DefaultJson = null });
        _fixed = Section.Utf8(_part switch
        {
            "source.version" => options.Version,
            "source.connector" => "postgresql",
            "source.name" => options.TopicPrefix,
            "source.db" => options.Database,
            "source.schema" => table.Schema,
            "source.table" => table.Name,
            _ => "",
        });
        _label = Section.Compile(wire, (ref output) => output.Field(Field));
        _nothing = Section.Compile(wire, (ref output) => output.NullField(Field));
    }

    /// <summary>Its name and schema.</summary>
    public ConnectField Field { get; }

    /// <summary>Writes it as a field of a struct.</summary>
    public void WriteField(in RowEvent row, ref RecordOutput output)
    {
        if (!HasValue(row))
        {
            output.Raw(_nothing);
            return;
        }

        output.Raw(_label);
        WriteValue(row, ref output);
    }

    /// <summary>Whether the event has such a part.</summary>
    public bool HasValue(in RowEvent row) => _part switch
    {
        "source.snapshot" => row.Change.Place != LoadPlace.None,  // streamed events have none; that it is false is the default of another schema
        "source.xmin" or "source.origin" or "source.origin_lsn" => false,
        "transaction.id" or "transaction.total_order" or "transaction.data_collection_order" => row.Place.Total > 0,
        "source.txId" => row.Change.Transaction.Xid != 0,
        _ => true,
    };

    /// <summary>Writes its value.</summary>
    public void WriteValue(in RowEvent row, ref RecordOutput output)
    {
        var micros = row.Change.Transaction.CommitMicros;
        switch (_part)
        {
            case "op": output.Ascii([row.Operation]); break;
            case "ts_ms": output.Number(row.Clock.Millis); break;
            case "ts_us": output.Number(row.Clock.Millis * 1000); break;
            case "ts_ns": output.Number(row.Clock.Millis * 1_000_000); break;
            case "source.ts_ms": output.Number(micros / 1000); break;
            case "source.ts_us": output.Number(micros); break;
            case "source.ts_ns": output.Number(micros * 1000); break;
            case "source.txId": output.Number(row.Change.Transaction.Xid); break;
            case "source.lsn": output.Number((long)row.Change.Lsn.Value); break;
            case "source.snapshot": output.Ascii(SourceEncoder.Snapshot(row.Change.Place)); break;
            case "source.sequence": SourceEncoder.WriteSequence(row.Change, ref output); break;
            case "transaction.id":
                Span<byte> id = stackalloc byte[48];
                output.Ascii(id[..TransactionCounter.WriteId(row.Change.Transaction, row.Change.Lsn, id)]);
                break;
            case "transaction.total_order": output.Number(row.Place.Total); break;
            case "transaction.data_collection_order": output.Number(row.Place.InTable); break;
            default: output.Text(_fixed); break;
        }
    }

    private static (ConnectField Field, bool IsOfSource) Find(string path, string? parent, string name)
    {
        var ofEnvelope = EnvelopeSchema.Times.Append(new ConnectField("op", new ConnectSchema(ConnectType.String))).FirstOrDefault(field => field.Name == name);
        if (parent is null && ofEnvelope is not null) return (ofEnvelope, false);
        if (parent is null or "source" && EnvelopeSchema.Source.Fields.FirstOrDefault(field => field.Name == name) is { } ofSource) return (ofSource, true);
        if (parent == "transaction" && EnvelopeSchema.Transaction.Fields.FirstOrDefault(field => field.Name == name) is { } ofTransaction) return (ofTransaction, false);
        throw new ConfigurationException($"'{path}' is no part of an event that can be added to rows; known are op, ts_ms, ts_us, ts_ns, transaction.id, transaction.total_order, "
            + $"transaction.data_collection_order and source.{string.Join(", source.", EnvelopeSchema.Source.Fields.Select(field => field.Name))}.");
    }
}
