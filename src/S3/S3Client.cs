using Amazon;
using Amazon.Runtime;
using Amazon.S3;

namespace Pathway.S3;

/// <summary>The client, with what the environment says: credentials, region and endpoint from where AWS's own tools find them.</summary>
internal static class S3Client
{
    /// <summary>One request's time at most, and how often it is repeated: a lock that isn't renewed counts as abandoned after longer than that.</summary>
    public static readonly TimeSpan RequestTime = TimeSpan.FromSeconds(60);

    private const int Repetitions = 2;

    /// <summary>Makes it. Nothing is asked yet.</summary>
    public static AmazonS3Client Create()
    {
        var config = new AmazonS3Config { Timeout = RequestTime, MaxErrorRetry = Repetitions };
        if (Endpoint is { } endpoint)
        {
            // Servers of other makers: buckets in the path, since names below their own often don't resolve; checksums only where the protocol asks for one.
            config.ServiceURL = endpoint;
            config.ForcePathStyle = true;
            config.AuthenticationRegion = Region ?? "us-east-1";
            (config.RequestChecksumCalculation, config.ResponseChecksumValidation) = (RequestChecksumCalculation.WHEN_REQUIRED, ResponseChecksumValidation.WHEN_REQUIRED);
        }
        else if (Region is { } region)
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(region);
        }

        return new AmazonS3Client(config);
    }

    private static string? Endpoint => Variable("AWS_ENDPOINT_URL_S3") ?? Variable("AWS_ENDPOINT_URL");

    private static string? Region => Variable("AWS_REGION") ?? Variable("AWS_DEFAULT_REGION");

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
