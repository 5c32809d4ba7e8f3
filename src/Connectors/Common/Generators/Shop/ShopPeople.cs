namespace Pathway.Connectors;

/// <summary>The customers of the generated shop: names and countries.</summary>
internal static class ShopPeople
{
    private static readonly string[] First =
    [
        "Ada", "Alan", "Amara", "Barbara", "Bjarne", "Chen", "Clara", "Dennis", "Donald", "Edsger", "Elena", "Emmy", "Frances", "Grace", "Hana", "Hedy",
        "Ines", "Ivan", "Jean", "Joan", "John", "Karen", "Kofi", "Leslie", "Linus", "Margaret", "Mary", "Niklaus", "Noor", "Radia", "Sofia", "Tony",
    ];

    private static readonly string[] Last =
    [
        "Adams", "Bauer", "Bianchi", "Costa", "Diaz", "Dubois", "Eriksen", "Fischer", "Garcia", "Haddad", "Ito", "Jansen", "Kim", "Kowalski", "Lindgren", "Martin",
        "Mensah", "Moreau", "Nguyen", "Novak", "Okafor", "Olsen", "Patel", "Rossi", "Santos", "Schmidt", "Silva", "Suzuki", "Tanaka", "Virtanen", "Weber", "Yilmaz",
    ];

    private static readonly string[] Countries = ["AT", "BR", "CZ", "DE", "DK", "ES", "FI", "FR", "GH", "IT", "JP", "KR", "NG", "NL", "PL", "SE"];

    /// <summary>A customer as of the visit of a round. The name stays; the country changes now and then.</summary>
    public static ShopCustomer Customer(long seed, int id, long round)
    {
        var person = Draw.From(seed, id, 0, 4);
        var country = Draw.From(seed, id, round / 2, 5);
        return new ShopCustomer(id, $"{First[person % 32]} {Last[(person >> 8) % 32]}", Countries[country % 16]);
    }
}
