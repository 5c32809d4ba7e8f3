using Pathway.Core;
using Pathway.Storage;

namespace Pathway.S3;

/// <summary>Stores for objects by their address.</summary>
public static class ObjectStores
{
    /// <summary>The bucket of <c>s3://bucket/prefix</c>, or else the directory of that name.</summary>
    /// <exception cref="ConfigurationException">An s3:// address that names no bucket.</exception>
    public static IObjectStore At(string address) => S3Place.IsMeant(address) ? new S3ObjectStore(address) : new LocalObjectStore(address);
}
