namespace Pathway.Storage;

/// <summary>A place for whole objects under keys: a directory, or a bucket. An object is there whole or not at all, and never changes.</summary>
/// <remarks>Keys are parts of letters, digits, <c>.</c>, <c>_</c> and <c>-</c>, joined by <c>/</c>.</remarks>
public interface IObjectStore
{
    /// <summary>Where it is, for people; without secrets.</summary>
    string Place { get; }

    /// <summary>Takes the right to change what is below <paramref name="prefix"/>; given back when the result is disposed. Reading needs none.</summary>
    /// <exception cref="Core.RefusalException">Somebody else holds it.</exception>
    ValueTask<IAsyncDisposable> LockAsync(string prefix, CancellationToken cancellationToken);

    /// <summary>Whether there is an object under <paramref name="key"/>.</summary>
    ValueTask<bool> ExistsAsync(string key, CancellationToken cancellationToken);

    /// <summary>Puts a file's content under <paramref name="key"/>, durably; what is there already stays.</summary>
    /// <param name="key">The key.</param>
    /// <param name="path">The file.</param>
    /// <param name="isImmutable">Whether the file's content never changes any more, so that the store may keep the file itself under a second name.</param>
    /// <param name="cancellationToken">Ends it.</param>
    Task PutFileAsync(string key, string path, bool isImmutable, CancellationToken cancellationToken);

    /// <summary>Puts <paramref name="content"/> under <paramref name="key"/>, durably, in the place of what is there.</summary>
    Task PutAsync(string key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>Opens the object under <paramref name="key"/>; null if there is none.</summary>
    Task<Stream?> OpenAsync(string key, CancellationToken cancellationToken);

    /// <summary>Deletes the object under <paramref name="key"/>, if it is there.</summary>
    Task DeleteAsync(string key, CancellationToken cancellationToken);

    /// <summary>The keys that begin with <paramref name="prefix"/>, in ordinal order.</summary>
    Task<IReadOnlyList<string>> ListAsync(string prefix, CancellationToken cancellationToken);
}
