using Pathway.Core;
using Pathway.Engine;
using Pathway.Planning;
using Pathway.Storage;

namespace Pathway.Execution;

/// <summary>The circuit of a plan with its formatted output: one worker today.</summary>
internal sealed class PipelineEngine
{
    private readonly Worker _worker;
    private readonly IInput[] _inputs;

    /// <summary>Makes the circuit; the operators register their states in <paramref name="states"/>.</summary>
    public PipelineEngine(Plan plan, StateStore states, Func<string, OperatorId> operatorOf)
    {
        _worker = new Worker(plan.Nodes, states, (node, state) => operatorOf(plan.StatePathOf(node, state)), plan.PathOf);
        _inputs = [.. plan.InputNodes.Select(n => (IInput)_worker.OperatorOf(n))];
        Outputs = plan.Outputs;
        foreach (var output in Outputs) output.Buffer.Clear();
    }

    /// <summary>The output, one for each target.</summary>
    public IReadOnlyList<EngineOutput> Outputs { get; }

    /// <summary>Takes rows of input <paramref name="input"/> for the next step.</summary>
    public void Push(int input, IRowBuffer rows) => _inputs[input].Push(rows);

    /// <summary>Runs every operator once over what was pushed.</summary>
    public void Step(Epoch epoch) => _worker.Step(epoch);

    /// <summary>A commit is due: what keyed sinks held back is consolidated and formatted.</summary>
    public void CloseOutput(Epoch epoch) => _worker.CloseOutput(epoch);
}
