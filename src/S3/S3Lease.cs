using System.Globalization;
using System.Net;
using System.Text;
using Amazon.S3;
using Amazon.S3.Model;
using Pathway.Core;

namespace Pathway.S3;

/// <summary>The right to change what is below a prefix: an object that exists while somebody has it, renewed as long as it is needed.</summary>
/// <remarks>
/// It is put under the condition that none is there; one that wasn't renewed for <see cref="S3LeaseTimes.Abandoned"/>, by the server's clock, is taken over under the condition that it is still the same. Whoever holds it
/// changes nothing once it is older than <see cref="S3LeaseTimes.Valid"/> by its own clock; the difference covers a request that was under way, with its repetitions.
/// </remarks>
internal sealed class S3Lease : IAsyncDisposable
{
    private readonly IAmazonS3 _client;
    private readonly S3Place _place;
    private readonly string _key;
    private readonly byte[] _content;
    private readonly S3LeaseTimes _times;
    private readonly CancellationTokenSource _ended = new();
    private readonly Task _renewing;
    private string _tag;
    private long _since; // when the last renewal was asked for

    private S3Lease(IAmazonS3 client, S3Place place, string key, byte[] content, string tag, long since, S3LeaseTimes times)
    {
        (_client, _place, _key, _content, _tag, _since, _times) = (client, place, key, content, tag, since, times);
        _renewing = Task.Run(RenewAsync);
    }

    /// <summary>Takes it.</summary>
    /// <exception cref="RefusalException">Somebody else has it, or the server knows no conditions.</exception>
    public static async Task<S3Lease> TakeAsync(IAmazonS3 client, S3Place place, string key, S3LeaseTimes times, CancellationToken stop)
    {
        var owner = string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}, process {Environment.ProcessId}, {Guid.NewGuid():N}");
        var content = Encoding.UTF8.GetBytes(owner);
        var since = times.Clock.GetTimestamp();
        var tag = await PutAsync(client, place, key, content, expected: null, stop).ConfigureAwait(false)
            ?? await TakeOverAsync(client, place, key, content, times, stop).ConfigureAwait(false);
        // A server that doesn't know conditions takes every put: then two owners would both believe they are the one.
        if (await PutAsync(client, place, key, content, expected: null, stop).ConfigureAwait(false) is not null)
            throw new RefusalException($"{place} can't be locked", "a server that puts an object although one is there (no If-None-Match)", "conditional writes", "Use a store that has them, or a directory.");
        return new S3Lease(client, place, key, content, tag, since, times);
    }

    /// <summary>Refuses once it may belong to somebody else.</summary>
    public void Check()
    {
        if (!IsOver) return;
        throw new RefusalException($"{_place} can't be changed any more", "a lock that couldn't be renewed in time, and may be another one's now", "the lock", "Try again.");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync().ConfigureAwait(false);
        await _renewing.ConfigureAwait(false);
        _ended.Dispose();
        if (IsOver) return; // somebody else may have it
        try
        {
            await S3Errors.TellAsync(_place, "Giving the lock back", () => _client.DeleteObjectAsync(_place.Bucket, _key)).ConfigureAwait(false);
        }
        catch (PathwayException)
        {
            // It stays, and is taken over when it is old enough.
        }
    }

    private bool IsOver => _times.Clock.GetElapsedTime(Volatile.Read(ref _since)) >= _times.Valid;

    private async Task RenewAsync()
    {
        while (true)
        {
            await Task.Delay(_times.RenewEvery, _times.Clock, _ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_ended.IsCancellationRequested) return;
            try
            {
                var since = _times.Clock.GetTimestamp();
                if (await PutAsync(_client, _place, _key, _content, _tag, _ended.Token).ConfigureAwait(false) is not { } tag) return; // taken over: it runs out
                _tag = tag;
                Volatile.Write(ref _since, since);
            }
            catch (Exception e) when (e is PathwayException or OperationCanceledException)
            {
                // Tried again at the next time; until then it runs out.
            }
        }
    }

    private static async Task<string> TakeOverAsync(IAmazonS3 client, S3Place place, string key, byte[] content, S3LeaseTimes times, CancellationToken stop)
    {
        var (found, owner) = await S3Errors.TellAsync(place, "Reading the lock", () => ReadAsync(client, place, key, stop)).ConfigureAwait(false);
        if (found is null) throw InUse(place, "a lock that came and went just now");
        // Both times are the server's: clocks of other machines have no part in it.
        var age = found.ServerTime - found.LastModified;
        if (age < times.Abandoned) throw InUse(place, string.Create(CultureInfo.InvariantCulture, $"a lock that another process holds ({owner}), renewed {age.TotalSeconds:0} s ago; of one that ended without giving it back it is free after {times.Abandoned.TotalMinutes:0.##} minutes"));
        return await PutAsync(client, place, key, content, found.Tag, stop).ConfigureAwait(false) ?? throw InUse(place, "a lock that another process took just now");
    }

    private static async Task<(Found? Found, string Owner)> ReadAsync(IAmazonS3 client, S3Place place, string key, CancellationToken stop)
    {
        try
        {
            using var got = await client.GetObjectAsync(place.Bucket, key, stop).ConfigureAwait(false);
            using var text = new StreamReader(got.ResponseStream);
            var owner = await text.ReadToEndAsync(stop).ConfigureAwait(false);
            var now = got.ResponseMetadata.Metadata.TryGetValue("Date", out var date) && DateTimeOffset.TryParse(date, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : DateTimeOffset.UtcNow;
            return (new Found(got.ETag, got.LastModified is { } modified ? new DateTimeOffset(modified.ToUniversalTime()) : now, now), owner);
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotFound && e.ErrorCode != "NoSuchBucket")
        {
            return (null, "");
        }
    }

    /// <summary>Puts it if none is there, or if the one that is there has the tag <paramref name="expected"/>; null if not.</summary>
    private static Task<string?> PutAsync(IAmazonS3 client, S3Place place, string key, byte[] content, string? expected, CancellationToken stop) => S3Errors.TellAsync(place, "Taking the lock", async () =>
    {
        using var stream = new MemoryStream(content, writable: false);
        var put = new PutObjectRequest { BucketName = place.Bucket, Key = key, InputStream = stream };
        if (expected is null) put.IfNoneMatch = "*";
        else put.IfMatch = expected;
        try
        {
            return (string?)(await client.PutObjectAsync(put, stop).ConfigureAwait(false)).ETag;
        }
        catch (AmazonS3Exception e) when (S3Errors.IsOtherThanAsked(e) || (expected is not null && e.StatusCode == HttpStatusCode.NotFound && e.ErrorCode != "NoSuchBucket"))
        {
            return null;
        }
    });

    private static RefusalException InUse(S3Place place, string found) => new($"'{place}' is in use", found, "a store that one process changes at a time", "Wait until the other one is done.");

    private sealed record Found(string Tag, DateTimeOffset LastModified, DateTimeOffset ServerTime);
}

/// <summary>The times of a lease; others in tests.</summary>
internal sealed record S3LeaseTimes
{
    /// <summary>How often it is renewed.</summary>
    public TimeSpan RenewEvery { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long its holder changes things without having renewed it.</summary>
    public TimeSpan Valid { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long it wasn't renewed when another one takes it: longer than it is valid and a request with its repetitions takes.</summary>
    public TimeSpan Abandoned { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The holder's clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
