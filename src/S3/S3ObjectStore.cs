using System.Net;
using Amazon.S3;
using Amazon.S3.Model;
using Pathway.Core;
using Pathway.Storage;

namespace Pathway.S3;

/// <summary>Objects in a bucket of S3, or of a server that speaks its protocol.</summary>
/// <remarks>A large file goes up in parts, which nobody sees before the last one is there. What an interrupted one left behind is taken away by who locks the prefix next.</remarks>
public sealed class S3ObjectStore : IObjectStore
{
    private readonly IAmazonS3 _client;
    private readonly S3Place _place;
    private readonly S3Limits _limits;
    private S3Lease? _lease; // null: nothing is locked

    /// <summary>The bucket and prefix that <paramref name="address"/> names; credentials, region and endpoint are those of the environment.</summary>
    /// <exception cref="ConfigurationException">It names no bucket.</exception>
    public S3ObjectStore(string address)
        : this(S3Place.Parse(address), new S3Limits())
    {
    }

    internal S3ObjectStore(S3Place place, S3Limits limits) => (_client, _place, _limits) = (S3Client.Create(), place, limits);

    /// <inheritdoc/>
    public string Place => _place.ToString();

    /// <inheritdoc/>
    public async ValueTask<IAsyncDisposable> LockAsync(string prefix, CancellationToken cancellationToken)
    {
        var lease = await S3Lease.TakeAsync(_client, _place, KeyOf(prefix + "/lock"), _limits.Lease, cancellationToken).ConfigureAwait(false);
        var held = new Held(this, lease);
        _lease = lease;
        try
        {
            await AbortUnfinishedAsync(KeyOf(prefix + "/"), cancellationToken).ConfigureAwait(false);
            return held;
        }
        catch
        {
            await held.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<bool> ExistsAsync(string key, CancellationToken cancellationToken) => await S3Errors.TellAsync(_place, "Looking for an object", async () =>
    {
        try
        {
            await _client.GetObjectMetadataAsync(_place.Bucket, KeyOf(key), cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            return false; // whether it is the object or the bucket that isn't there, the answer to a HEAD doesn't say
        }
    }).ConfigureAwait(false);

    /// <inheritdoc/>
    public async Task PutFileAsync(string key, string path, bool isImmutable, CancellationToken cancellationToken)
    {
        if (await ExistsAsync(key, cancellationToken).ConfigureAwait(false)) return;
        await using var content = File.OpenRead(path);
        if (content.Length > _limits.PartBytes) await PutInPartsAsync(key, content, cancellationToken).ConfigureAwait(false);
        else await PutWholeAsync(key, content, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task PutAsync(string key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        using var stream = new MemoryStream(content.ToArray(), writable: false);
        await PutWholeAsync(key, stream, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<Stream?> OpenAsync(string key, CancellationToken cancellationToken) => S3Errors.TellAsync(_place, "Reading an object", async () =>
    {
        try
        {
            return (Stream?)(await _client.GetObjectAsync(_place.Bucket, KeyOf(key), cancellationToken).ConfigureAwait(false)).ResponseStream;
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotFound && e.ErrorCode != "NoSuchBucket")
        {
            return null;
        }
    });

    /// <inheritdoc/>
    public Task DeleteAsync(string key, CancellationToken cancellationToken)
    {
        _lease?.Check();
        return S3Errors.TellAsync(_place, "Deleting an object", () => _client.DeleteObjectAsync(_place.Bucket, KeyOf(key), cancellationToken));
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> ListAsync(string prefix, CancellationToken cancellationToken)
    {
        var keys = new List<string>();
        var request = new ListObjectsV2Request { BucketName = _place.Bucket, Prefix = KeyOf(prefix), MaxKeys = _limits.PageKeys };
        ListObjectsV2Response page;
        do
        {
            page = await S3Errors.TellAsync(_place, "Listing objects", () => _client.ListObjectsV2Async(request, cancellationToken)).ConfigureAwait(false);
            foreach (var found in page.S3Objects ?? []) keys.Add(found.Key[_place.Prefix.Length..]);
            request.ContinuationToken = page.NextContinuationToken;
        }
        while (page.IsTruncated == true);
        keys.Sort(StringComparer.Ordinal);
        return keys;
    }

    private string KeyOf(string key) => _place.Prefix + key;

    private Task PutWholeAsync(string key, Stream content, CancellationToken stop)
    {
        _lease?.Check();
        return S3Errors.TellAsync(_place, "Storing an object", () => _client.PutObjectAsync(new PutObjectRequest { BucketName = _place.Bucket, Key = KeyOf(key), InputStream = content, AutoCloseStream = false }, stop));
    }

    private async Task PutInPartsAsync(string key, FileStream content, CancellationToken stop)
    {
        _lease?.Check();
        var begun = await S3Errors.TellAsync(_place, "Beginning to store a large object", () => _client.InitiateMultipartUploadAsync(_place.Bucket, KeyOf(key), stop)).ConfigureAwait(false);
        try
        {
            var parts = new List<PartETag>();
            // The most parts that the protocol allows are 10 000: the larger the file, the larger the part.
            var partBytes = Math.Max(_limits.PartBytes, (content.Length / 9_000) + 1);
            while (content.Position < content.Length)
            {
                var bytes = Math.Min(partBytes, content.Length - content.Position);
                var from = content.Position;
                var part = new UploadPartRequest
                {
                    BucketName = _place.Bucket, Key = KeyOf(key), UploadId = begun.UploadId, PartNumber = parts.Count + 1, PartSize = bytes, InputStream = content, IsLastPart = from + bytes == content.Length,
                };
                parts.Add(new PartETag(parts.Count + 1, (await S3Errors.TellAsync(_place, "Storing a part of a large object", () => _client.UploadPartAsync(part, stop)).ConfigureAwait(false)).ETag));
                content.Position = from + bytes;
            }

            _lease?.Check();
            var whole = new CompleteMultipartUploadRequest { BucketName = _place.Bucket, Key = KeyOf(key), UploadId = begun.UploadId, PartETags = parts };
            await S3Errors.TellAsync(_place, "Storing a large object", () => _client.CompleteMultipartUploadAsync(whole, stop)).ConfigureAwait(false);
        }
        catch (Exception)
        {
            await AbortAsync(KeyOf(key), begun.UploadId).ConfigureAwait(false);
            throw;
        }
    }

    // We hold the lock: whoever began these is gone.
    private async Task AbortUnfinishedAsync(string prefix, CancellationToken stop)
    {
        var request = new ListMultipartUploadsRequest { BucketName = _place.Bucket, Prefix = prefix };
        var unfinished = await S3Errors.TellAsync(_place, "Looking for unfinished uploads", () => _client.ListMultipartUploadsAsync(request, stop)).ConfigureAwait(false);
        foreach (var upload in unfinished.MultipartUploads ?? []) await AbortAsync(upload.Key, upload.UploadId).ConfigureAwait(false);
    }

    // What can't be taken away now is taken away by the next one; nobody sees it meanwhile.
    private async Task AbortAsync(string key, string upload)
    {
        try
        {
            await S3Errors.TellAsync(_place, "Taking an unfinished upload away", () => _client.AbortMultipartUploadAsync(_place.Bucket, key, upload)).ConfigureAwait(false);
        }
        catch (PathwayException)
        {
        }
    }

    private sealed class Held(S3ObjectStore store, S3Lease lease) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            store._lease = null;
            await lease.DisposeAsync().ConfigureAwait(false);
        }
    }
}

/// <summary>Limits of requests; smaller in tests.</summary>
/// <param name="PartBytes">The largest file that goes up in one request, and the parts of larger ones. Default 16 MB, which also a slow line carries in the time of a request.</param>
/// <param name="PageKeys">Keys of one page of a listing.</param>
internal sealed record S3Limits(long PartBytes = 16 << 20, int PageKeys = 1000)
{
    /// <summary>The times of its lock.</summary>
    public S3LeaseTimes Lease { get; init; } = new();
}
