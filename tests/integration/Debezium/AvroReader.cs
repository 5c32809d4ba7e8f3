using System.Buffers.Binary;
using System.Net.Http.Json;
using System.Text.Json;
using Avro;
using Avro.Generic;
using Avro.IO;
using Pathway.Tests.Integration.Servers;

namespace Pathway.Tests.Integration.Debezium;

/// <summary>Reads records in Confluent's form with Apache.Avro, under the schemas that a registry has.</summary>
internal sealed class AvroReader(string registry) : IDisposable
{
    private readonly HttpClient _client = new();
    private readonly Dictionary<int, Schema> _schemas = [];

    public void Dispose() => _client.Dispose();

    /// <summary>Key and value of a record; null for what isn't there.</summary>
    public async Task<(GenericRecord? Key, GenericRecord? Value)> ReadAsync(TopicRecord record) => (await ReadAsync(record.Key), await ReadAsync(record.Value));

    /// <summary>Sets the compatibility level of all subjects.</summary>
    public async Task SetLevelAsync(string level) => (await _client.PutAsJsonAsync($"{registry}/config", new { compatibility = level })).EnsureSuccessStatusCode();

    /// <summary>How many versions a subject has.</summary>
    public async Task<int> VersionsAsync(string subject) => (await _client.GetFromJsonAsync<int[]>($"{registry}/subjects/{subject}/versions"))!.Length;

    private async Task<GenericRecord?> ReadAsync(byte[]? bytes)
    {
        if (bytes is null) return null;
        Assert.Equal(0, bytes[0]);
        var id = BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(1));
        if (!_schemas.TryGetValue(id, out var schema))
        {
            var found = await _client.GetFromJsonAsync<JsonElement>($"{registry}/schemas/ids/{id}");
            _schemas.Add(id, schema = Schema.Parse(found.GetProperty("schema").GetString()!));
        }

        using var stream = new MemoryStream(bytes, 5, bytes.Length - 5);
        var record = new GenericDatumReader<GenericRecord>(schema, schema).Read(null!, new BinaryDecoder(stream));
        Assert.Equal(stream.Length, stream.Position);
        return record;
    }
}
