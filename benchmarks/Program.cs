using System.Globalization;
using Pathway.Benchmarks.Cdc;

// Ratios measured side by side in one run; docs/BENCHMARKS.md has the figures.
//   dotnet run -c Release --project benchmarks -- state | debezium | group-by | loops | workers | stream | ddl | refused | load | latency | wordcount  [SCALE]
//   dotnet run -c Release --project benchmarks -- stream [SCALE] [json|avro ROWS_OF_A_TRANSACTION]
//   dotnet run -c Release --project benchmarks -- pagerank [EDGES] [BATCHES] [WORKERS]
//   dotnet run -c Release --project benchmarks -- nexmark [EVENTS] [QUERY…]
//   dotnet run -c Release --project benchmarks -- memory [MILLION_GROUPS] [MEGABYTES] [MILLION_MORE_ROWS] [uniform|skewed|transaction]
//   dotnet run -c Release --project benchmarks -- restart [GIGABYTES]
if (args is ["nexmark", .. var rest])
{
    await Pathway.Benchmarks.NexmarkBenchmark.RunAsync(rest);
    return 0;
}

if (args is ["pagerank", .. var graph])
{
    Pathway.Benchmarks.PageRankBenchmark.Run(graph);
    return 0;
}

if (args is ["memory", .. var sizes])
{
    Pathway.Storage.NativeMemory.LimitArenas(); // as the tool does
    await Pathway.Benchmarks.MemoryBenchmark.RunAsync(sizes);
    return 0;
}

if (args is ["restart", .. var gigabytes])
{
    await Pathway.Benchmarks.RestartBenchmark.RunAsync(gigabytes);
    return 0;
}

var scale = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 1;
switch (args.FirstOrDefault())
{
    case "state": Pathway.Benchmarks.StateBenchmark.Run(); return 0;
    case "debezium": Pathway.Benchmarks.Debezium.FormatterBenchmark.Run(); return 0;
    case "group-by": Pathway.Benchmarks.GroupByBenchmark.Run(); return 0;
    case "loops": Pathway.Benchmarks.LoopBenchmark.Run(scale); return 0;
    case "workers": Pathway.Benchmarks.WorkersBenchmark.Run(); return 0;
    case "stream": await CdcBenchmark.StreamAsync(scale, args.Length > 3 ? $"{args[2]} {args[3]}" : null); return 0;
    case "ddl": await DdlBenchmark.RunAsync(scale); return 0;
    case "refused": await RefusedBenchmark.RunAsync(scale); return 0;
    case "load": await CdcBenchmark.LoadAsync(scale); return 0;
    case "latency": await CdcBenchmark.LatencyAsync(seconds: 40, rate: 5000 * scale); return 0;
    case "wordcount": await Pathway.Benchmarks.WordCount.WordCountBenchmark.RunAsync(scale); return 0;
    default:
        Console.Error.WriteLine("Name a benchmark: state, debezium, group-by, loops, workers, stream, ddl, refused, load, latency, wordcount, pagerank, nexmark, memory or restart.");
        return 2;
}
