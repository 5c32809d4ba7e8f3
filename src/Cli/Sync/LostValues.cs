using Microsoft.Extensions.Logging;
using Pathway.Connectors.Debezium;

namespace Pathway.Cli;

/// <summary>Tells once for each column that values of it don't fit into the form of the events.</summary>
/// <remarks>The values themselves stay out of the log: they are somebody's data. Used by the engine's thread alone.</remarks>
internal sealed class LostValues(ILogger logger)
{
    private readonly HashSet<(string Table, string Column)> _told = [];

    public void Report(LostValue lost)
    {
        if (_told.Add((lost.Table, lost.Column))) logger.ValueLost(lost.Table, lost.Column);
    }
}
