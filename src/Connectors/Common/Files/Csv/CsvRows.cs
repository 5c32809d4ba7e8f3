using System.Linq.Expressions;
using System.Reflection;
using Pathway.Core;

namespace Pathway.Connectors;

/// <summary>What a row type is for CSV: which members it has, and how one is made of the values of a record.</summary>
internal static class CsvRows<TRow>
{
    private static readonly (ConstructorInfo? Constructor, IReadOnlyList<JsonRowMember> Members)? Shape = JsonRowMembers.Read(typeof(TRow));
    private static Func<CsvFields, TRow>? _make;

    /// <summary>The members, in order.</summary>
    public static IReadOnlyList<JsonRowMember> Members => Shape!.Value.Members;

    /// <summary>Makes a row.</summary>
    public static Func<CsvFields, TRow> Make => _make ??= Compile();

    /// <exception cref="ConfigurationException">A member can't be read from a text.</exception>
    public static void Check()
    {
        if (Shape is not { Members.Count: > 0 } shape) throw new ConfigurationException($"Rows of {typeof(TRow).Name} can't be read from CSV: it has no members, or attributes of its own that say how it stands in JSON. Use a plain record.");
        foreach (var member in shape.Members)
        {
            if (!(bool)typeof(CsvValue<>).MakeGenericType(member.Type).GetProperty(nameof(CsvValue<>.IsReadable))!.GetValue(null)!)
                throw new ConfigurationException($"Rows of {typeof(TRow).Name} can't be read from CSV: the member {member.Accessor.Name} is {member.Type.Name}, and a value there is a number, text, truth, date, time, Guid or enum.");
        }
    }

    private static Func<CsvFields, TRow> Compile()
    {
        var (constructor, members) = Shape!.Value;
        var fields = Expression.Parameter(typeof(CsvFields), "fields");
        var values = members.Select((m, i) => (Expression)Expression.Condition(
            Expression.Call(fields, nameof(CsvFields.Has), null, Expression.Constant(i)),
            m.Type == typeof(string) && m.CanBeNull
                ? Expression.Call(fields, nameof(CsvFields.ReadOptionalText), null, Expression.Constant(i), Expression.Constant(m.Accessor.Name))
                : Expression.Call(fields, nameof(CsvFields.Read), [m.Type], Expression.Constant(i), Expression.Constant(m.Accessor.Name)),
            m.Default is null ? Expression.Default(m.Type) : Expression.Convert(Expression.Constant(m.Default), m.Type))).ToArray();
        return Expression.Lambda<Func<CsvFields, TRow>>(JsonRowMembers.Make(typeof(TRow), constructor, members, values), fields).Compile();
    }
}
