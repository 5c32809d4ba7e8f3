using System.Buffers;
using System.ComponentModel;
using MessagePack;
using Pathway.Core;

namespace Pathway.Storage;

/// <summary>Makes rows of a type from rows that another form of it wrote: members may have come with a default, gone, changed their name where they say so (<see cref="FormerlyAttribute"/>), become wider or nullable. Nothing else.</summary>
/// <remarks>A default is that of the constructor's parameter, or a <see cref="DefaultValueAttribute"/>. What a row had isn't guessed from anything else.</remarks>
public sealed class RowConversion
{
    private readonly List<string> _changes = [];
    private readonly Convert? _convert;

    private RowConversion(string before, Type now)
    {
        try
        {
            _convert = Between(RowLayout.Parse(before), now, "the row");
        }
        catch (ConfigurationException e)
        {
            Refusal = e.Message;
        }
    }

    /// <summary>Writes the value whose bytes are <paramref name="value"/> in its new form.</summary>
    private delegate void Convert(in ReadOnlySequence<byte> value, ref MessagePackWriter writer);

    /// <summary>Why it can't be done, with the member's name; null if it can.</summary>
    public string? Refusal { get; }

    /// <summary>Whether stored rows get values that nobody sent: defaults of members that are new.</summary>
    public bool AddsMembers { get; private set; }

    /// <summary>What it does, in words.</summary>
    public string Description => string.Join(", ", _changes);

    /// <summary>How rows with the schema <paramref name="before"/> (the words of a <see cref="RowSchema"/>) become rows of <paramref name="now"/>.</summary>
    public static RowConversion Between(string before, Type now) => new(before, now);

    /// <summary>The bytes of a stored row in the form of the type now.</summary>
    public ReadOnlyMemory<byte> Apply(ReadOnlyMemory<byte> row)
    {
        Check.That(_convert is not null && row.Length > 0 && row.Span[0] == 1); // the number of the schema, of which there was only one so far
        var output = new ByteBuffer();
        output.Append(row.Span[0]);
        var writer = new MessagePackWriter(output);
        _convert(new ReadOnlySequence<byte>(row[1..]), ref writer);
        writer.Flush();
        return output.Memory;
    }

    private Convert Between(RowLayout before, Type now, string place)
    {
        if (before.Text == RowSchema.Of(now).ToString()) return Copy;
        if (Nullable.GetUnderlyingType(now) is { } underlying) return OrNull(Between(before is RowLayout.Optional { Value: var value } ? value : before, underlying, place));
        return before switch
        {
            RowLayout.Named named when now.IsEnum => Renumbered(named, now, place),
            RowLayout.Many many when ListType.ElementOf(now) is { } element => OrNull(EachOf(Between(many.Element, element, place))),
            RowLayout.Composite composite when !MemberCodecs.IsSimple(now) && ListType.ElementOf(now) is null && !TypeText.IsValueTuple(now) => OrNull(Members(composite, RowShape.Of(now), place)),
            RowLayout.Single single when WideNumbers.Fits(single.Text, now) => Wider(single, now, place),
            _ => throw new ConfigurationException($"{place} was {before.Text} and is {RowSchema.Of(now)}, which can't be made of it"),
        };
    }

    private Convert Wider(RowLayout.Single before, Type now, string place)
    {
        _changes.Add($"{place} was {before.Text} and is {TypeText.Of(now)}");
        if (now != typeof(decimal)) return Copy; // whole numbers stand there with the length that they need, and a double may stand there as a float
        return static (in value, ref writer) =>
        {
            var reader = new MessagePackReader(value);
            decimal number = reader.NextCode == MessagePackCode.UInt64 ? reader.ReadUInt64() : reader.ReadInt64();
            ((MemberCodec<decimal>)MemberCodecs.For(typeof(decimal))).Write(ref writer, in number);
        };
    }

    private Convert Members(RowLayout.Composite before, RowShape now, string place)
    {
        var sources = new List<(int From, Convert Convert)>();
        var used = new HashSet<int>();
        foreach (var member in now.Members)
        {
            var from = IndexOf(before, [member.Name, .. now.FormerNamesOf(member)]);
            if (from >= 0)
            {
                var (name, layout) = before.Members[from];
                used.Add(from);
                if (name != member.Name) _changes.Add($"'{name}' is '{member.Name}' now");
                sources.Add((from, Between(layout, member.Type, $"member '{member.Name}'")));
                continue;
            }

            if (!now.TryDefaultOf(member, out var value))
                throw new ConfigurationException($"{place} has no member '{member.Name}' in the state: give it a default ({TypeText.Of(now.Type)}(… {TypeText.Of(member.Type)} {member.Name} = …)) that stored rows get, or [Formerly(\"…\")] if it had another name");
            _changes.Add($"'{member.Name}' is new, and {value ?? "null"} in stored rows");
            AddsMembers = true;
            var bytes = DefaultBytes(member.Type, value);
            sources.Add((-1, (in _, ref writer) => writer.WriteRaw(bytes)));
        }

        for (var i = 0; i < before.Members.Count; i++)
            if (!used.Contains(i)) _changes.Add($"'{before.Members[i].Name}' is gone");
        return MembersFrom(before.Members.Count, sources);
    }

    private static Convert MembersFrom(int count, List<(int From, Convert Convert)> sources) => (in value, ref writer) =>
    {
        var reader = new MessagePackReader(value);
        Check.That(reader.ReadArrayHeader() == count);
        var members = new ReadOnlySequence<byte>[count];
        for (var i = 0; i < count; i++) members[i] = reader.ReadRaw();
        writer.WriteArrayHeader(sources.Count);
        foreach (var (from, convert) in sources) convert(from < 0 ? default : members[from], ref writer);
    };

    private Convert Renumbered(RowLayout.Named before, Type now, string place)
    {
        var values = ((RowLayout.Named)RowLayout.Parse(RowSchema.Of(now).ToString())).Values;
        if (before.Values.FirstOrDefault(v => !values.Contains(v)) is { } lost) throw new ConfigurationException($"{place} may have the value {lost}, which {TypeText.Of(now)} hasn't");
        if (!before.Number.Equals(TypeText.Of(Enum.GetUnderlyingType(now)), StringComparison.Ordinal) && !WideNumbers.Fits(before.Number, Enum.GetUnderlyingType(now)))
            throw new ConfigurationException($"{place} was a number of type {before.Number}, and is one of {TypeText.Of(Enum.GetUnderlyingType(now))}");
        _changes.Add($"{place} has more values");
        return Copy;
    }

    private static int IndexOf(RowLayout.Composite before, IReadOnlyList<string> names)
    {
        foreach (var name in names)
            for (var i = 0; i < before.Members.Count; i++)
                if (before.Members[i].Name == name) return i;
        return -1;
    }

    private static void Copy(in ReadOnlySequence<byte> value, ref MessagePackWriter writer) => writer.WriteRaw(value);

    private static Convert OrNull(Convert convert) => (in value, ref writer) =>
    {
        if (new MessagePackReader(value).TryReadNil()) writer.WriteNil();
        else convert(in value, ref writer);
    };

    private static Convert EachOf(Convert convert) => (in value, ref writer) =>
    {
        var reader = new MessagePackReader(value);
        var count = reader.ReadArrayHeader();
        writer.WriteArrayHeader(count);
        for (var i = 0; i < count; i++) convert(reader.ReadRaw(), ref writer);
    };

    private static byte[] DefaultBytes(Type type, object? value) =>
        (byte[])typeof(RowConversion).GetMethod(nameof(BytesOf), System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Static)!.MakeGenericMethod(type).Invoke(null, [value])!;

    private static byte[] BytesOf<T>(object? value)
    {
        var output = new ByteBuffer();
        var writer = new MessagePackWriter(output);
        ((MemberCodec<T>)MemberCodecs.For(typeof(T))).Write(ref writer, value is null ? default! : (T)value);
        writer.Flush();
        return output.Span.ToArray();
    }
}
