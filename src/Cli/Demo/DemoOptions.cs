using Pathway.Connectors;

namespace Pathway.Cli;

/// <summary>What the demo was asked for.</summary>
/// <param name="State">Its directory, absolute.</param>
/// <param name="Rows">Rows after which it ends, counted from the very beginning; null: never.</param>
/// <param name="Rate">Rows a second; 0: as fast as it goes.</param>
/// <param name="Seed">The seed of the shop.</param>
/// <param name="Memory">Memory that the process should stay within; null: half of what there is.</param>
internal sealed record DemoOptions(string State, long? Rows, long Rate, long Seed, long? Memory = null)
{
    /// <summary>The pipeline's name.</summary>
    public const string Name = "demo";

    /// <summary>The options of its pipeline.</summary>
    public PipelineOptions In(PipelineOptions options) => options with { StateDirectory = State, MemoryBytes = Memory ?? options.MemoryBytes };

    /// <summary>The shop.</summary>
    public ShopGenerator Shop => new() { Seed = Seed };

    /// <summary>The view, as a file of changes.</summary>
    public string ViewPath => Path.Combine(State, "output", "orders-per-customer.jsonl");
}
