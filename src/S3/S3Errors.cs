using System.Net;
using Amazon.Runtime;
using Amazon.S3;
using Pathway.Core;

namespace Pathway.S3;

/// <summary>What the client throws, as sentences of ours.</summary>
internal static class S3Errors
{
    /// <summary>Does something in the store.</summary>
    /// <exception cref="ConnectorException">It failed.</exception>
    /// <exception cref="ConfigurationException">There are no credentials, no region, or no such bucket.</exception>
    public static async Task<T> TellAsync<T>(S3Place place, string what, Func<Task<T>> act)
    {
        try
        {
            return await act().ConfigureAwait(false);
        }
        catch (AmazonS3Exception e) when (e.ErrorCode == "NoSuchBucket")
        {
            throw new ConfigurationException($"There is no bucket '{place.Bucket}'. Make it first.", e);
        }
        catch (AmazonServiceException e) when (e.StatusCode != 0)
        {
            throw new ConnectorException($"{what} in {place} failed: {(int)e.StatusCode} {e.ErrorCode}: {e.Message}", e) { IsTransient = e.StatusCode >= HttpStatusCode.InternalServerError || e.StatusCode == HttpStatusCode.TooManyRequests };
        }
        catch (Exception e) when (e is AmazonServiceException or HttpRequestException or IOException or TimeoutException)
        {
            throw new ConnectorException($"{what} in {place} failed: {e.Message}", e) { IsTransient = true };
        }
        catch (AmazonClientException e)
        {
            throw new ConfigurationException($"{place} can't be asked: {e.Message} Credentials come from the environment (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY), a profile (AWS_PROFILE), or the machine's role; the region from AWS_REGION or the profile; AWS_ENDPOINT_URL names another server.", e);
        }
    }

    /// <summary>Whether a conditional request met another object than it asked for.</summary>
    public static bool IsOtherThanAsked(AmazonS3Exception e) => e.StatusCode is HttpStatusCode.PreconditionFailed or HttpStatusCode.Conflict;
}
