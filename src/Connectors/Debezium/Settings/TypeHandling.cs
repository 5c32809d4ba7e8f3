namespace Pathway.Connectors.Debezium;

/// <summary>How types are carried for which Debezium has a choice.</summary>
public sealed record TypeHandling
{
    /// <summary>Debezium's defaults.</summary>
    public static TypeHandling Default { get; } = new();

    /// <summary>Dates and times (<c>time.precision.mode</c>). Default: adaptive.</summary>
    public TimePrecision Time { get; init; }

    /// <summary>numeric and money (<c>decimal.handling.mode</c>). Default: precise.</summary>
    public DecimalHandling Decimal { get; init; }

    /// <summary>Whether decimals stand in JSON as numbers, with all their digits (<c>decimal.format</c> of Connect's JsonConverter = NUMERIC). Default: no, as base64 of the unscaled number. Avro has them as bytes either way.</summary>
    public bool DecimalAsNumber { get; init; }

    /// <summary>bytea (<c>binary.handling.mode</c>). Default: bytes.</summary>
    public BinaryHandling Binary { get; init; }

    /// <summary>hstore (<c>hstore.handling.mode</c>). Default: text of a JSON object; true for a map.</summary>
    public bool HstoreAsMap { get; init; }

    /// <summary>interval (<c>interval.handling.mode</c>). Default: microseconds; true for text in ISO form.</summary>
    public bool IntervalAsText { get; init; }

    /// <summary>Digits behind the decimal point of money (<c>money.fraction.digits</c>). Default: 2.</summary>
    public int MoneyFractionDigits { get; init; } = 2;

    /// <summary>Whether types that the form has nothing for are carried as bytes of their text (<c>include.unknown.datatypes</c>). Default: no, such columns are left out.</summary>
    public bool IncludeUnknown { get; init; }

    /// <summary>Whether a value that the form can't carry stops the pipeline (<c>event.converting.failure.handling.mode</c> = fail). Default: no, it is null and reported.</summary>
    public bool FailOnLoss { get; init; }
}

/// <summary>How dates and times are carried.</summary>
public enum TimePrecision
{
    /// <summary>In the unit that the column's precision asks for: milliseconds or microseconds.</summary>
    Adaptive,

    /// <summary>As adaptive, times of day always in microseconds.</summary>
    AdaptiveTimeMicroseconds,

    /// <summary>In the logical types of Kafka Connect: milliseconds.</summary>
    Connect,

    /// <summary>As text in ISO form.</summary>
    IsoString,

    /// <summary>In microseconds.</summary>
    Microseconds,

    /// <summary>In nanoseconds.</summary>
    Nanoseconds,
}

/// <summary>How numeric and money are carried.</summary>
public enum DecimalHandling
{
    /// <summary>The unscaled number as bytes.</summary>
    Precise,

    /// <summary>Text.</summary>
    String,

    /// <summary>A floating-point number, which may round.</summary>
    Double,
}

/// <summary>How bytea is carried.</summary>
public enum BinaryHandling
{
    /// <summary>Bytes.</summary>
    Bytes,

    /// <summary>Text in base64.</summary>
    Base64,

    /// <summary>Text in base64 with - and _ for + and /.</summary>
    Base64UrlSafe,

    /// <summary>Text in hexadecimal.</summary>
    Hex,
}
