using Pathway.Connectors.Postgres;
using Pathway.Core;

namespace Pathway.Tests.Unit.Connectors;

/// <summary>Which faults of a server are tried again.</summary>
[Trait("suite", "unit")]
public sealed class PostgresFaultsTests
{
    private static readonly PostgresOptions Options = new() { Connection = "Host=somewhere;Database=shop;Password=secret-7431", Name = "shop" };

    [Theory]
    [InlineData("Npgsql", true)]
    [InlineData("Pathway.Connectors.Postgres", false)]
    public void IsTransient_NullReference_OnlyOfAConnectionLostUnderNpgsql(string source, bool isTransient)
    {
        var fault = new NullReferenceException { Source = source };
        Assert.Equal(isTransient, PostgresFaults.IsTransient(fault));
        var told = Assert.IsType<ConnectorException>(PostgresFaults.Told(fault, Options));
        Assert.Equal(isTransient, told.IsTransient);
        Assert.DoesNotContain("secret-7431", told.Message, StringComparison.Ordinal);
    }
}
