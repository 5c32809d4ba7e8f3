using System.Buffers;
using System.Linq.Expressions;
using System.Text.Json;
using Pathway.Core;

namespace Pathway.Connectors;

/// <summary>Writes rows of one type as JSON, in the form that <see cref="RowJson"/> tells.</summary>
/// <remarks>Members of plain types are written by code made for the row type, anything else by the general serializer. Used by one thread.</remarks>
/// <typeparam name="TRow">The row.</typeparam>
internal sealed class JsonRowWriter<TRow>
{
    private static readonly WriteAll? Known = JsonRowMembers.Written(typeof(TRow)) is { } members ? Compile(members) : null;
    private readonly JsonValueWriter _values = new();
    private readonly ArrayBufferWriter<byte> _scratch = new();

    private delegate void WriteAll(JsonValueWriter values, in TRow row, OutputBuffer output);

    /// <summary>Appends the row.</summary>
    public void Write(in TRow row, OutputBuffer output)
    {
        if (Known is null || row is null)
        {
            _values.WriteOther(in row, output);
            return;
        }

        output.Write("{"u8);
        Known(_values, in row, output);
        output.Write("}"u8);
    }

    /// <summary>Appends the row's members as the beginning of an object, with a comma behind them: <c>{"id":1,</c>. A row that is no object becomes its member <c>row</c>.</summary>
    public void WriteBeginning(in TRow row, OutputBuffer output)
    {
        if (Known is not null && row is not null)
        {
            var before = output.Position;
            output.Write("{"u8);
            Known(_values, in row, output);
            if (output.Position > before + 1) output.Write(","u8);
            return;
        }

        _scratch.ResetWrittenCount();
        _values.WriteOther(in row, _scratch);
        var json = _scratch.WrittenSpan;
        if (json[0] != (byte)'{')
        {
            output.Write("{\"row\":"u8);
            output.Write(json);
            output.Write(","u8);
            return;
        }

        output.Write(json[..^1]);
        if (json.Length > 2) output.Write(","u8);
    }

    private static WriteAll Compile(IReadOnlyList<JsonRowMember> members)
    {
        var (values, row, output) = (Expression.Parameter(typeof(JsonValueWriter), "values"), Expression.Parameter(typeof(TRow).MakeByRefType(), "row"), Expression.Parameter(typeof(OutputBuffer), "output"));
        var steps = new List<Expression>();
        for (var i = 0; i < members.Count; i++)
        {
            byte[] before = [.. (i == 0 ? ""u8 : ","u8), .. JsonSerializer.SerializeToUtf8Bytes(members[i].Name, RowJson.Options), (byte)':'];
            steps.Add(Expression.Call(values, nameof(JsonValueWriter.WriteBefore), null, Expression.Constant(before), output));
            var value = Expression.MakeMemberAccess(row, members[i].Accessor);
            steps.Add(JsonValueWriter.IsPlain(members[i].Type)
                ? Expression.Call(values, nameof(JsonValueWriter.Write), null, value, output)
                : Expression.Call(values, nameof(JsonValueWriter.WriteOtherValue), [members[i].Type], value, output));
        }

        return Expression.Lambda<WriteAll>(Expression.Block(typeof(void), [.. steps, Expression.Empty()]), values, row, output).Compile();
    }
}
