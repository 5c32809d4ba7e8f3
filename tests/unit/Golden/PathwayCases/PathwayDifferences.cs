namespace Pathway.Tests.Unit.Golden.Cases;

/// <summary>The cases in which we differ from the original on purpose; docs/DIFFERENCES.md says why.</summary>
internal static class PathwayDifferences
{
    public static readonly IReadOnlySet<string> All = new HashSet<string>
    {
        "02-joins/inner-join-one-key", "02-joins/join-filter-select", "02-joins/join-id-from-left", "02-joins/join-then-reduce", "02-joins/left-join-one-key", "02-joins/outer-join-multi-condition",
        "02-joins/outer-join-one-key", "02-joins/right-join-one-key", "02-joins/self-join", "02-joins/semi-and-anti-join",
        "02-joins/join-int-float-key",
        "03-groupby/argmin-argmax-ties", "03-groupby/bigint-sum-overflow", "03-groupby/min-max-nullable", "03-groupby/sum-nullable", "03-groupby/sum-avg-float-row-update", "03-groupby/sum-floats-compensated",
        "10-errors/duplicate-key-rekey",
        "09-expressions/dt-compare-add", "09-expressions/dt-duration-arithmetic", "09-expressions/dt-parts", "09-expressions/dt-round-floor", "09-expressions/dt-strftime", "09-expressions/dt-timestamp", "09-expressions/dt-to-duration",
        "09-expressions/dt-strptime-failures", "09-expressions/null-arithmetic", "09-expressions/str-case",
    };
}
