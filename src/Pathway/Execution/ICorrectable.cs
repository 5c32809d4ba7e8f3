using Pathway.Storage;

namespace Pathway.Execution;

/// <summary>A sink whose target may have rows of an older form of its table.</summary>
internal interface ICorrectable
{
    /// <summary>The target may have any key of the state <paramref name="keys"/>. The whole table comes now.</summary>
    void BeginCorrection(OperatorId keys);

    /// <summary>It has come: keys that weren't among it are deleted.</summary>
    void EndCorrection();
}
