namespace Pathway.Core;

/// <summary>The name that a member of a row type had before: rows that were stored under it are read with the new one.</summary>
/// <example><code>public sealed record Order(int Id, [Formerly("Price")] decimal Amount);</code></example>
/// <param name="name">The name before.</param>
[AttributeUsage(AttributeTargets.Parameter | AttributeTargets.Property | AttributeTargets.Field, AllowMultiple = true)]
public sealed class FormerlyAttribute(string name) : Attribute
{
    /// <summary>The name before.</summary>
    public string Name { get; } = name;
}
