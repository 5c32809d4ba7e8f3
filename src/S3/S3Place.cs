using Pathway.Core;

namespace Pathway.S3;

/// <summary>A bucket, and what keys in it begin with: <c>s3://bucket/prefix</c>.</summary>
/// <param name="Bucket">The bucket.</param>
/// <param name="Prefix">What all keys begin with; empty, or ending with <c>/</c>.</param>
public readonly record struct S3Place(string Bucket, string Prefix)
{
    private const string Scheme = "s3://";

    /// <summary>Whether a text names a place in S3.</summary>
    public static bool IsMeant(string text) => text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads <c>s3://bucket/prefix</c>.</summary>
    /// <exception cref="ConfigurationException">It names no bucket, or more than bucket and prefix.</exception>
    public static S3Place Parse(string text)
    {
        // What stands before an @ may be a secret: it isn't repeated.
        if (text.Contains('@', StringComparison.Ordinal)) throw new ConfigurationException("An s3:// address has no user and no secret in it. Credentials come from the environment (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY), a profile, or the machine's role.");
        var rest = IsMeant(text) ? text[Scheme.Length..] : "";
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        var (bucket, prefix) = slash < 0 ? (rest, "") : (rest[..slash], rest[slash..].Trim('/'));
        if (bucket.Length is < 3 or > 63 || !bucket.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.'))
            throw new ConfigurationException($"'{text}' names no bucket. Write s3://bucket or s3://bucket/prefix; a bucket's name has 3 to 63 lower-case letters, digits, '-' and '.'.");
        if (prefix.Split('/') is var parts && prefix.Length > 0 && parts.Any(p => p.Length == 0 || p is "." or ".." || !p.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_')))
            throw new ConfigurationException($"'{text}' has a prefix that can't be used. Letters, digits, '-', '.' and '_' can, with '/' between parts.");
        return new S3Place(bucket, prefix.Length == 0 ? "" : prefix + "/");
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Scheme}{Bucket}/{Prefix}".TrimEnd('/');
}
