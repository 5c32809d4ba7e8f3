using System.Text.Json;
using Pathway.Core;
using Pathway.Testing;

namespace Pathway.Tests.Unit.Golden.Cases;

/// <summary>A recorded case, run on our engine: one epoch for each of its times.</summary>
internal sealed class PathwayCase : IDisposable
{
    private readonly JsonDocument _document;
    private readonly JsonElement _case;
    private readonly TestPipeline _test;
    private readonly List<(long Time, Action Push)> _pushes = [];
    private readonly Dictionary<string, object> _inputs = [];
    private Func<IEnumerable<(string Row, long Weight)>>? _changes;
    private Func<IEnumerable<string>>? _rows;

    public PathwayCase(string file)
    {
        _document = JsonDocument.Parse(File.ReadAllText(file));
        _case = _document.RootElement;
        _test = new TestPipeline(onError: _case.TryGetProperty("terminate_on_error", out var stops) && !stops.GetBoolean() ? ErrorPolicy.Continue : ErrorPolicy.Stop);
        Columns = _case.TryGetProperty("result_columns", out var columns) ? columns.EnumerateObject().ToDictionary(c => c.Name, c => c.Value.GetString()!) : [];
    }

    /// <summary>The columns of the result, with their types.</summary>
    public IReadOnlyDictionary<string, string> Columns { get; }

    /// <summary>Whether the original refuses the case.</summary>
    public bool IsRefused => _case.TryGetProperty("refused", out _);

    /// <summary>A whole number among the parameters.</summary>
    public long Number(string name) => _case.GetProperty("parameters").GetProperty(name).GetInt64();

    /// <summary>A number among the parameters.</summary>
    public double Real(string name) => _case.GetProperty("parameters").GetProperty(name).GetDouble();

    /// <summary>A text among the parameters.</summary>
    public string Text(string name) => _case.GetProperty("parameters").GetProperty(name).GetString()!;

    /// <summary>A duration among the parameters.</summary>
    public TimeSpan Duration(string name) => TimeSpan.FromMicroseconds(_case.GetProperty("parameters").GetProperty(name).GetProperty("duration_us").GetInt64());

    /// <summary>An input as a table.</summary>
    public Table<TRow> Table<TRow>(string name)
    {
        if (_inputs.TryGetValue(name, out var known)) return (Table<TRow>)known;
        var rows = _test.Rows<TRow>(name);
        foreach (var row in _case.GetProperty("inputs").GetProperty(name).GetProperty("rows").EnumerateArray())
        {
            var (value, diff) = (PathwayValues.Row<TRow>(row.GetProperty("values")), row.GetProperty("diff").GetInt64());
            _pushes.Add((row.GetProperty("time").GetInt64(), () => rows.Push(value, diff)));
        }

        _inputs.Add(name, rows.Table);
        return rows.Table;
    }

    /// <summary>What the operation gives.</summary>
    public void Result<TRow>(ITable<TRow> table)
    {
        var output = _test.Collect(table.Rows());
        _rows = () => output.Rows.Select(r => PathwayValues.Text(r!, Columns));
        _changes = () => output.Changes.Select(c => (PathwayValues.Text(c.Row!, Columns), c.Weight));
    }

    /// <summary>Runs it; gives the changes at each time, as text, sorted.</summary>
    public List<string> Run()
    {
        var lines = new List<string>();
        foreach (var time in _pushes.Select(p => p.Time).Distinct().Order().ToList())
        {
            foreach (var (_, push) in _pushes.Where(p => p.Time == time)) push();
            _test.CloseEpoch();
            lines.AddRange(Lines(time, _changes!()));
        }

        return lines;
    }

    /// <summary>The recorded changes in the same form.</summary>
    public List<string> Recorded() =>
        [.. _case.GetProperty("result_stream").EnumerateArray()
            .GroupBy(c => c.GetProperty("time").ToString(), c => (PathwayValues.Text(c.GetProperty("values"), Columns), c.GetProperty("diff").GetInt64()))
            .SelectMany(g => Lines(long.TryParse(g.Key, out var time) ? time : long.MaxValue, g))];

    /// <summary>The right result where the original's is a defect, if the file has it, as sorted rows.</summary>
    public List<string>? RightFinal() => _case.TryGetProperty("one_batch", out var batch) && batch.TryGetProperty("result_final", out var rows)
        ? [.. rows.EnumerateArray().Select(r => PathwayValues.Text(r, Columns)).Order(StringComparer.Ordinal)]
        : null;

    /// <summary>Whether the original is wrong here.</summary>
    public bool IsDefect => _case.TryGetProperty("defect_of_original", out _);

    /// <summary>The rows of ours at the end, sorted.</summary>
    public List<string> Final() => [.. _rows!().Order(StringComparer.Ordinal)];

    public void Dispose()
    {
        _test.Dispose();
        _document.Dispose();
    }

    private static IEnumerable<string> Lines(long time, IEnumerable<(string Row, long Weight)> changes) =>
        changes.GroupBy(c => c.Row, c => c.Weight).Where(g => g.Sum() != 0).Select(g => $"{time,3} {g.Sum():+0;-0} {g.Key}").Order(StringComparer.Ordinal);
}
