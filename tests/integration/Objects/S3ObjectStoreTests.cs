using System.Diagnostics;
using Amazon.S3.Model;
using Microsoft.Extensions.Time.Testing;
using Pathway.Core;
using Pathway.S3;
using Pathway.Storage;
using Pathway.Tests.Integration.Servers;
using Pathway.Tests.Storage;

namespace Pathway.Tests.Integration.Objects;

[Trait("suite", "snapshots")]
public sealed class S3ObjectStoreTests(S3Server server) : ObjectStoreCompliance
{
    private string? _bucket;

    private protected override string Scratch { get; } = RunFolder.NewFolder("s3-files");

    // Parts of the least size that the protocol allows, and small pages.
    private protected override async Task<IObjectStore> OpenAsync() => new S3ObjectStore(new S3Place(_bucket ??= await server.CreateBucketAsync(), "deep/down/"), new S3Limits(PartBytes: 5 << 20, PageKeys: 7));

    [Fact]
    public async Task Lock_TakesAwayWhatAnInterruptedUploadLeft()
    {
        var store = await OpenAsync();
        using var client = S3Client.Create();
        await client.InitiateMultipartUploadAsync(_bucket, "deep/down/totals/objects/half", Stop);
        var of = new ListMultipartUploadsRequest { BucketName = _bucket };
        Assert.NotEmpty((await client.ListMultipartUploadsAsync(of, Stop)).MultipartUploads ?? []);
        Assert.Empty(await store.ListAsync("totals/", Stop));
        await (await store.LockAsync("totals", Stop)).DisposeAsync();
        Assert.Empty((await client.ListMultipartUploadsAsync(of, Stop)).MultipartUploads ?? []);
    }

    [Fact]
    public async Task Lock_ThatIsntRenewed_IsTakenOver_AndItsHolderChangesNothingMore()
    {
        var place = new S3Place(await server.CreateBucketAsync(), "");
        var (clock, times) = (new FakeTimeProvider(), new S3LeaseTimes { Abandoned = TimeSpan.FromSeconds(3) });
        var holder = new S3ObjectStore(place, new S3Limits { Lease = times with { Clock = clock } }); // its clock stands: it renews nothing
        var next = new S3ObjectStore(place, new S3Limits { Lease = times });
        var held = await holder.LockAsync("totals", Stop);
        Assert.Contains("a lock that another process holds", (await Assert.ThrowsAsync<RefusalException>(async () => await next.LockAsync("totals", Stop))).Message, StringComparison.Ordinal);
        await holder.PutAsync("totals/a", "1"u8.ToArray(), Stop);

        IAsyncDisposable? taken = null;
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    taken = await next.LockAsync("totals", Stop);
                    return true;
                }
                catch (RefusalException)
                {
                    return false;
                }
            },
            "the lock is taken over");
        clock.Advance(times.Valid);
        Assert.Contains("a lock that couldn't be renewed in time", (await Assert.ThrowsAsync<RefusalException>(() => holder.PutAsync("totals/a", "2"u8.ToArray(), Stop))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<RefusalException>(() => holder.DeleteAsync("totals/a", Stop));
        await held.DisposeAsync(); // gives nothing back that isn't its own any more
        await Assert.ThrowsAsync<RefusalException>(async () => await new S3ObjectStore(place, new S3Limits()).LockAsync("totals", Stop));
        await next.PutAsync("totals/a", "3"u8.ToArray(), Stop);
        await taken!.DisposeAsync();
        await (await holder.LockAsync("totals", Stop)).DisposeAsync();
    }

    [Fact]
    public async Task Lock_ThatIsRenewed_StaysItsHolders()
    {
        var place = new S3Place(await server.CreateBucketAsync(), "");
        var times = new S3LeaseTimes { RenewEvery = TimeSpan.FromMilliseconds(300), Abandoned = TimeSpan.FromSeconds(3) };
        await using var held = await new S3ObjectStore(place, new S3Limits { Lease = times }).LockAsync("totals", Stop);
        var next = new S3ObjectStore(place, new S3Limits { Lease = times });
        for (var since = Stopwatch.StartNew(); since.Elapsed < TimeSpan.FromSeconds(5);)
            Assert.Contains("a lock that another process holds", (await Assert.ThrowsAsync<RefusalException>(async () => await next.LockAsync("totals", Stop))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bucket_ThatIsntThere_IsNamed()
    {
        await OpenAsync();
        var missing = await Assert.ThrowsAsync<ConfigurationException>(async () => await new S3ObjectStore("s3://no-such-bucket/x").ListAsync("", Stop));
        Assert.Contains("no bucket 'no-such-bucket'", missing.Message);
    }

    [Fact]
    public async Task Server_ThatIsAway_IsNamedWithoutSecrets()
    {
        await OpenAsync();
        Environment.SetEnvironmentVariable("AWS_ENDPOINT_URL", $"http://127.0.0.1:{FreePort.Next()}");
        var store = new S3ObjectStore($"s3://{_bucket}/x");
        var away = await Assert.ThrowsAsync<ConnectorException>(async () => await store.ListAsync("", Stop));
        Assert.True(away.IsTransient);
        Assert.Contains($"s3://{_bucket}/x", away.Message);
        Assert.DoesNotContain(server.Environment["AWS_SECRET_ACCESS_KEY"]!, away.ToString());
    }

    [Theory]
    [InlineData("s3://", "names no bucket")]
    [InlineData("s3://Bucket/x", "names no bucket")]
    [InlineData("s3://bucket/a//b", "a prefix that can't be used")]
    [InlineData("s3://key:hidden@bucket/x", "no user and no secret")]
    public void Address_ThatIsNone_IsRefused(string address, string says)
    {
        var refused = Assert.Throws<ConfigurationException>(() => new S3ObjectStore(address));
        Assert.Contains(says, refused.Message);
        Assert.DoesNotContain("hidden", refused.Message);
    }
}
