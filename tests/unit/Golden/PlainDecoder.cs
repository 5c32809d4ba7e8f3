using System.Buffers.Binary;
using System.Text;
using Pathway.Connectors.Postgres;

namespace Pathway.Tests.Unit.Golden;

/// <summary>A small decoder of pgoutput, protocol version 1.</summary>
internal sealed class PlainDecoder(GoldenCatalog catalog)
{
    private const long MicrosFrom1970To2000 = 946_684_800_000_000;
    private readonly Dictionary<uint, PgTable> _tables = [];
    private PgTransaction? _transaction;
    private Lsn? _lastEnd;

    public IEnumerable<ChangeEvent> Decode(IEnumerable<GoldenMessage> messages)
    {
        foreach (var message in messages)
        {
            var data = message.Data;
            switch ((char)data[0])
            {
                case 'B':
                    _transaction = new PgTransaction(
                        Xid: BinaryPrimitives.ReadUInt32BigEndian(data.AsSpan(17)),
                        CommitLsn: new Lsn(BinaryPrimitives.ReadUInt64BigEndian(data.AsSpan(1))),
                        CommitMicros: BinaryPrimitives.ReadInt64BigEndian(data.AsSpan(9)) + MicrosFrom1970To2000,
                        PreviousEnd: _lastEnd);
                    break;
                case 'C':
                    _lastEnd = new Lsn(BinaryPrimitives.ReadUInt64BigEndian(data.AsSpan(10)));
                    break;
                case 'R':
                    ReadRelation(data);
                    break;
                case 'I' or 'U' or 'D':
                    yield return ReadRow(message);
                    break;
                default:
                    break;
            }
        }
    }

    private ChangeEvent ReadRow(GoldenMessage message)
    {
        var data = message.Data;
        var (table, at) = (_tables[BinaryPrimitives.ReadUInt32BigEndian(data.AsSpan(1))], 5);
        TupleData old = default, @new = default;
        var oldIsWhole = false;
        while (at < data.Length)
        {
            var part = (char)data[at++];
            var tuple = Tuple(data, ref at);
            if (part == 'N') @new = tuple;
            else (old, oldIsWhole) = (tuple, part == 'O');
        }

        var kind = (char)data[0] switch { 'I' => ChangeKind.Insert, 'U' => ChangeKind.Update, _ => ChangeKind.Delete };
        return new ChangeEvent { Table = table, Kind = kind, Transaction = _transaction!, Lsn = message.Lsn, Old = old, OldIsWhole = oldIsWhole, New = @new };
    }

    private static TupleData Tuple(byte[] data, ref int at)
    {
        var start = at;
        int columns = BinaryPrimitives.ReadInt16BigEndian(data.AsSpan(at));
        at += 2;
        for (var i = 0; i < columns; i++)
            if (data[at++] == 't') at += 4 + BinaryPrimitives.ReadInt32BigEndian(data.AsSpan(at));
        return new TupleData(data.AsMemory(start, at - start));
    }

    private void ReadRelation(byte[] data)
    {
        var oid = BinaryPrimitives.ReadUInt32BigEndian(data.AsSpan(1));
        var at = 5;
        var schema = Name(data, ref at);
        var name = Name(data, ref at);
        at++;                                                     // replica identity; the catalog says it, too
        int count = BinaryPrimitives.ReadInt16BigEndian(data.AsSpan(at));
        at += 2;
        var known = catalog.Find(oid, _transaction!.CommitLsn)!;
        var columns = new List<PgColumn>();
        for (var i = 0; i < count; i++)
        {
            var isIdentity = data[at++] == 1;
            var column = Name(data, ref at);
            var type = BinaryPrimitives.ReadUInt32BigEndian(data.AsSpan(at));
            var modifier = BinaryPrimitives.ReadInt32BigEndian(data.AsSpan(at + 4));
            at += 8;
            var now = known.Columns.FirstOrDefault(candidate => candidate.Name == column);
            columns.Add(new PgColumn
            {
                Name = column, Type = now?.Type.Oid == type ? now.Type : new PgType { Oid = type, Name = "unknown" }, TypeModifier = modifier,
                IsIdentity = isIdentity, IsNotNull = now?.IsNotNull ?? false, Default = now?.Default, IsGenerated = now?.IsGenerated ?? false,
            });
        }

        _tables[oid] = new PgTable
        {
            Oid = oid, Schema = schema, Name = name, Columns = columns, ReplicaIdentity = known.ReplicaIdentity, PrimaryKey = known.PrimaryKey, UniqueIndexes = known.UniqueIndexes,
        };
    }

    private static string Name(byte[] data, ref int at)
    {
        var end = Array.IndexOf(data, (byte)0, at);
        var name = Encoding.UTF8.GetString(data, at, end - at);
        at = end + 1;
        return name;
    }
}
