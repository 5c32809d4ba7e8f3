using System.Security.Cryptography;
using System.Text;
using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Tests.Storage;

/// <summary>What every object store holds to.</summary>
public abstract class ObjectStoreCompliance
{
    private protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>A store over the one place of this test; another call gives another one over the same place, as another process would have.</summary>
    private protected abstract Task<IObjectStore> OpenAsync();

    /// <summary>A file that a store sends in several parts, if it does.</summary>
    private protected virtual int LargeBytes => 12 << 20;

    [Fact]
    public async Task Put_Read_GivesTheBytes()
    {
        var store = await OpenAsync();
        Assert.Null(await store.OpenAsync("a/none", Stop));
        Assert.False(await store.ExistsAsync("a/none", Stop));
        await store.PutAsync("a/one.json", "first"u8.ToArray(), Stop);
        await store.PutAsync("a/one.json", "second"u8.ToArray(), Stop);
        await store.PutAsync("a/empty", ReadOnlyMemory<byte>.Empty, Stop);
        Assert.True(await store.ExistsAsync("a/one.json", Stop));
        Assert.Equal("second", Encoding.UTF8.GetString(await ReadAsync(await OpenAsync(), "a/one.json")));
        Assert.Empty(await ReadAsync(store, "a/empty"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5)]
    public async Task PutFile_OfAnySize_GivesTheBytes_AndWhatIsThereStays(int parts)
    {
        var store = await OpenAsync();
        var bytes = parts switch { 0 => [], 1 => RandomNumberGenerator.GetBytes(1000), _ => RandomNumberGenerator.GetBytes(LargeBytes) };
        var path = await FileOfAsync(bytes);
        await store.PutFileAsync("objects/x", path, isImmutable: false, Stop);
        Assert.Equal(bytes, await ReadAsync(store, "objects/x"));
        await File.WriteAllTextAsync(path, "another content", Stop);
        await store.PutFileAsync("objects/x", path, isImmutable: false, Stop);
        Assert.Equal(bytes, await ReadAsync(store, "objects/x"));
    }

    [Fact]
    public async Task PutFile_ThatEndsInTheMiddle_LeavesNothingVisible()
    {
        var store = await OpenAsync();
        var path = await FileOfAsync(RandomNumberGenerator.GetBytes(LargeBytes));
        // Somewhere on the way, wherever that is; and if it was already through, it is there whole.
        for (var delay = 0; delay < 40; delay += 8)
        {
            using var cut = CancellationTokenSource.CreateLinkedTokenSource(Stop);
            cut.CancelAfter(delay);
            try
            {
                await store.PutFileAsync("objects/cut", path, isImmutable: false, cut.Token);
                Assert.Equal(LargeBytes, (await ReadAsync(store, "objects/cut")).Length);
                await store.DeleteAsync("objects/cut", Stop);
            }
            catch (OperationCanceledException)
            {
                Assert.Null(await store.OpenAsync("objects/cut", Stop));
                Assert.Empty(await store.ListAsync("objects/", Stop));
            }
        }
    }

    [Fact]
    public async Task List_GivesTheKeysOfAPrefixInOrder_AlsoOverPages()
    {
        var store = await OpenAsync();
        var keys = Enumerable.Range(0, 25).Select(i => $"p/objects/{i:D2}").Append("p/objects-2/x").Append("q/y").Append("p/a").ToList();
        foreach (var key in keys.OrderByDescending(k => k.GetHashCode(StringComparison.Ordinal))) await store.PutAsync(key, "x"u8.ToArray(), Stop);
        Assert.Equal(keys.Order(StringComparer.Ordinal), await store.ListAsync("", Stop));
        Assert.Equal(keys.Take(25), await store.ListAsync("p/objects/", Stop));
        Assert.Equal(keys.Where(k => k.StartsWith("p/objects", StringComparison.Ordinal)).Order(StringComparer.Ordinal), await store.ListAsync("p/objects", Stop));
        Assert.Empty(await store.ListAsync("none/", Stop));
    }

    [Fact]
    public async Task Delete_TakesAnObject_AndMindsNoneThere()
    {
        var store = await OpenAsync();
        await store.PutAsync("a/b", "x"u8.ToArray(), Stop);
        await store.DeleteAsync("a/b", Stop);
        await store.DeleteAsync("a/b", Stop);
        Assert.False(await store.ExistsAsync("a/b", Stop));
        Assert.Empty(await store.ListAsync("a", Stop));
    }

    [Fact]
    public async Task Lock_OfOnePrefix_IsTheFirstOnes_UntilItIsGivenBack()
    {
        var (first, second) = (await OpenAsync(), await OpenAsync());
        var held = await first.LockAsync("totals", Stop);
        var refused = await Assert.ThrowsAsync<RefusalException>(async () => await second.LockAsync("totals", Stop));
        Assert.Contains("is in use", refused.Message);
        await using (await second.LockAsync("others", Stop)) await first.PutAsync("totals/x", "x"u8.ToArray(), Stop);
        await held.DisposeAsync();
        await using (await second.LockAsync("totals", Stop)) await Assert.ThrowsAsync<RefusalException>(async () => await first.LockAsync("totals", Stop));
        await (await first.LockAsync("totals", Stop)).DisposeAsync();
    }

    [Fact]
    public async Task Lock_ByManyAtOnce_IsOneOnes()
    {
        var stores = new List<IObjectStore>();
        for (var i = 0; i < 8; i++) stores.Add(await OpenAsync());
        var taken = await Task.WhenAll(stores.Select(s => Task.Run(async () =>
        {
            try
            {
                return await s.LockAsync("totals", Stop);
            }
            catch (RefusalException)
            {
                return null;
            }
        })));
        await Assert.Single(taken, t => t is not null)!.DisposeAsync();
    }

    private protected static async Task<byte[]> ReadAsync(IObjectStore store, string key)
    {
        await using var content = await store.OpenAsync(key, Stop);
        Assert.NotNull(content);
        using var copy = new MemoryStream();
        await content.CopyToAsync(copy, Stop);
        return copy.ToArray();
    }

    private protected abstract string Scratch { get; }

    private async Task<string> FileOfAsync(byte[] bytes)
    {
        var path = Path.Combine(Scratch, Guid.NewGuid().ToString("N"));
        await File.WriteAllBytesAsync(path, bytes, Stop);
        return path;
    }
}
