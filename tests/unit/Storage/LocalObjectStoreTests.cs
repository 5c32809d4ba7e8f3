using Pathway.Storage;
using Pathway.Tests.Storage;

namespace Pathway.Tests.Unit.Storage;

[Trait("suite", "unit")]
public sealed class LocalObjectStoreTests : ObjectStoreCompliance, IDisposable
{
    private readonly TemporaryFolder _folder = new(), _scratch = new();

    private protected override string Scratch => _scratch.Path;

    private protected override Task<IObjectStore> OpenAsync() => Task.FromResult<IObjectStore>(new LocalObjectStore(_folder.Path));

    public void Dispose()
    {
        _folder.Dispose();
        _scratch.Dispose();
    }
}
