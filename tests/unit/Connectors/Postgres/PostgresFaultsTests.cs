using Pathway.Connectors.Postgres;
using Pathway.Core;

namespace Pathway.Tests.Unit.Connectors;

/// <summary>Which faults of a server are tried again.</summary>
[Trait("suite", "unit")]
public sealed class PostgresFaultsTests
{
    private static readonly PostgresOptions Options = new() { Connection = "Host=somewhere;Database=shop;Password=secret-7431", Name = "shop" };

    [Fact]
    public void Told_NullReferenceOfAConnectionLostUnderNpgsql_IsTransientAndWithoutSecrets()
    {
        var fault = new NullReferenceException { Source = "Npgsql" };
        Assert.True(PostgresFaults.IsTransient(fault));
        var told = Assert.IsType<ConnectorException>(PostgresFaults.Told(fault, Options));
        Assert.True(told.IsTransient);
        Assert.DoesNotContain("secret-7431", told.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Told_MistakeOfOurOwn_IsTheMistakeItself()
    {
        var mistake = new NullReferenceException { Source = "Pathway.Connectors.Postgres" };
        Assert.False(PostgresFaults.IsTransient(mistake));
        Assert.Same(mistake, PostgresFaults.Told(mistake, Options));
    }
}
