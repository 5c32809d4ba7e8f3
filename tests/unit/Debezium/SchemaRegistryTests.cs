using System.Text;
using System.Text.Json;
using Pathway.Connectors.Debezium;
using Pathway.Core;

namespace Pathway.Tests.Unit.Debezium;

[Trait("suite", "unit")]
public sealed class SchemaRegistryTests
{
    private const string Schema = """{"type":"record","name":"Key","namespace":"shop.public.t","fields":[{"name":"id","type":"int"}],"connect.name":"shop.public.t.Key"}""";

    [Fact]
    public void IdOf_ASchema_IsAskedForOnceWithItsVeryText()
    {
        using var server = new FakeRegistry((200, """{"id":7}"""));
        using var registry = Registry(server);
        Assert.Equal(7, registry.IdOf("shop.public.t", isKey: true, "shop.public.t.Key", Schema));
        Assert.Equal(7, registry.IdOf("shop.public.t", isKey: true, "shop.public.t.Key", Schema));
        var request = Assert.Single(server.Requests);
        Assert.Equal("POST", request.Method);
        Assert.StartsWith("/subjects/shop.public.t-key/versions", request.Path, StringComparison.Ordinal);
        using var body = JsonDocument.Parse(request.Body);
        Assert.Equal(Schema, body.RootElement.GetProperty("schema").GetString());
    }

    [Theory]
    [InlineData(SubjectNames.Topic, "/subjects/t-value/versions")]
    [InlineData(SubjectNames.Record, "/subjects/a.Envelope/versions")]
    [InlineData(SubjectNames.TopicRecord, "/subjects/t-a.Envelope/versions")]
    public void IdOf_ASubjectRule_IsFollowed(SubjectNames subjects, string path)
    {
        using var server = new FakeRegistry((200, """{"id":1}"""));
        using var registry = Registry(server, options => options with { Subjects = subjects });
        registry.IdOf("t", isKey: false, "a.Envelope", Schema);
        Assert.StartsWith(path, Assert.Single(server.Requests).Path, StringComparison.Ordinal);
    }

    [Fact]
    public void IdOf_WithoutRegistering_LooksUp()
    {
        using var server = new FakeRegistry((200, """{"subject":"t-key","version":1,"id":3,"schema":"x"}"""));
        using var registry = Registry(server, options => options with { Register = false });
        Assert.Equal(3, registry.IdOf("t", isKey: true, "a.Key", Schema));
        Assert.DoesNotContain("/versions", Assert.Single(server.Requests).Path, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(409, """{"error_code":409,"message":"Schema being registered is incompatible with an earlier schema"}""", "isn't compatible with an earlier one")]
    [InlineData(409, """{"error_code":40901,"message":"incompatible"}""", "isn't compatible with an earlier one")]
    [InlineData(409, "", "isn't compatible with an earlier one")]
    [InlineData(503, "", "can't be used now")]
    [InlineData(500, """{"error_code":50002,"message":"timeout"}""", "can't be used now")]
    [InlineData(429, "slow down", "can't be used now")]
    public void IdOf_WhatPasses_IsWaitedFor(int status, string body, string reason)
    {
        using var server = new FakeRegistry((status, body), (status, body), (200, """{"id":9}"""));
        var told = new List<string?>();
        using var registry = Registry(server, options => options with { Waiting = told.Add, RetryEvery = TimeSpan.FromMilliseconds(5) });
        Assert.Equal(9, registry.IdOf("t", isKey: false, "a.Envelope", Schema));
        Assert.Equal(3, server.Requests.Count);
        Assert.Contains(reason, told[0], StringComparison.Ordinal);
        Assert.Null(told[^1]);
    }

    [Theory]
    [InlineData(422, """{"error_code":42201,"message":"no schema"}""", "takes the schema of t-value for no schema")]
    [InlineData(401, "", "doesn't let us in")]
    [InlineData(403, """{"error_code":40301,"message":"no"}""", "doesn't let us in")]
    public void IdOf_WhatDoesNotPass_IsRefused(int status, string body, string reason)
    {
        using var server = new FakeRegistry((status, body));
        using var registry = Registry(server);
        Assert.Contains(reason, Assert.Throws<RefusalException>(() => registry.IdOf("t", isKey: false, "a.Envelope", Schema)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void IdOf_RefusedForLongerThanAsked_IsARefusalWithItsRemedy()
    {
        using var server = new FakeRegistry((409, """{"error_code":409,"message":"incompatible"}"""));
        using var registry = Registry(server, options => options with { GiveUpAfter = TimeSpan.Zero });
        var refusal = Assert.Throws<RefusalException>(() => registry.IdOf("t", isKey: false, "a.Envelope", Schema));
        Assert.Contains("PUT /config/t-value", refusal.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void IdOf_AskedToStopWhileWaiting_Stops()
    {
        using var server = new FakeRegistry((503, ""));
        using var stop = new CancellationTokenSource();
        using var registry = Registry(server, options => options with { Stop = stop.Token, RetryEvery = TimeSpan.FromMinutes(5), Waiting = _ => stop.Cancel() });
        Assert.ThrowsAny<OperationCanceledException>(() => registry.IdOf("t", isKey: false, "a.Envelope", Schema));
    }

    [Fact]
    public void IdOf_WithCredentials_SendsThem()
    {
        using var server = new FakeRegistry((200, """{"id":1}"""));
        using var registry = Registry(server, options => options with { Client = new Dictionary<string, string> { ["schema.registry.basic.auth.user.info"] = "me:secret" } });
        registry.IdOf("t", isKey: false, "a.Envelope", Schema);
        Assert.Equal("Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("me:secret")), Assert.Single(server.Requests).Authorization);
    }

    [Fact]
    public void New_ASettingThatTheClientDoesNotKnow_IsSaid() =>
        Assert.Contains("schema registry refuses its settings", Assert.Throws<ConfigurationException>(() => new ConfluentSchemaRegistry(
            new SchemaRegistryOptions { Url = "http://127.0.0.1:1", Client = new Dictionary<string, string> { ["schema.registry.no.such"] = "1" } }, TimeProvider.System)).Message, StringComparison.Ordinal);

    private static ConfluentSchemaRegistry Registry(FakeRegistry server, Func<SchemaRegistryOptions, SchemaRegistryOptions>? change = null)
    {
        var options = new SchemaRegistryOptions { Url = server.Url, GiveUpAfter = TimeSpan.FromSeconds(2) };
        return new ConfluentSchemaRegistry(change is null ? options : change(options), TimeProvider.System);
    }
}
