using System.Runtime.CompilerServices;

namespace Pathway.Storage;

/// <summary>Names of types as C# writes them.</summary>
internal static class TypeText
{
    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(bool)] = "bool", [typeof(byte)] = "byte", [typeof(sbyte)] = "sbyte", [typeof(short)] = "short", [typeof(ushort)] = "ushort", [typeof(int)] = "int",
        [typeof(uint)] = "uint", [typeof(long)] = "long", [typeof(ulong)] = "ulong", [typeof(char)] = "char", [typeof(float)] = "float", [typeof(double)] = "double",
        [typeof(decimal)] = "decimal", [typeof(string)] = "string", [typeof(object)] = "object",
    };

    public static string Of(Type type)
    {
        if (Keywords.TryGetValue(type, out var keyword)) return keyword;
        if (Nullable.GetUnderlyingType(type) is { } underlying) return Of(underlying) + "?";
        if (type.IsArray) return $"{Of(type.GetElementType()!)}[]";
        if (RowShape.IsAnonymous(type)) return "anonymous";
        if (IsValueTuple(type)) return $"({string.Join(", ", TupleElements(type).Select(Of))})";
        var name = type.IsGenericType ? $"{type.Name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(Of))}>" : type.Name;
        return name;
    }

    public static bool IsValueTuple(Type type) => type is { IsValueType: true, IsGenericType: true } && typeof(ITuple).IsAssignableFrom(type) && type.Namespace == "System";

    /// <summary>The elements of a tuple, those of its rest included.</summary>
    public static IEnumerable<Type> TupleElements(Type type)
    {
        var arguments = type.GetGenericArguments();
        return arguments.Length == 8 && IsValueTuple(arguments[7]) ? arguments.Take(7).Concat(TupleElements(arguments[7])) : arguments;
    }
}
