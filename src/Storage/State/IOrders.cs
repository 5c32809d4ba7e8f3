namespace Pathway.Storage;

/// <summary>What a state keeps in memory beside its entries, and can make anew from them.</summary>
internal interface IOrders
{
    /// <summary>What the budget counts for it.</summary>
    long Bytes { get; }

    /// <summary>Forgets it all.</summary>
    void Forget();
}
