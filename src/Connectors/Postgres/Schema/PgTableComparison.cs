namespace Pathway.Connectors.Postgres;

/// <summary>Whether two versions of a table say the same.</summary>
internal static class PgTableComparison
{
    public static bool HasSameContent(this PgTable left, PgTable right)
    {
        if (left.Oid != right.Oid || left.FullName != right.FullName || left.ReplicaIdentity != right.ReplicaIdentity || left.Columns.Count != right.Columns.Count) return false;
        if (!left.PrimaryKey.SequenceEqual(right.PrimaryKey)) return false;
        if (left.UniqueIndexes.Count != right.UniqueIndexes.Count) return false;
        for (var i = 0; i < left.UniqueIndexes.Count; i++)
            if (!left.UniqueIndexes[i].SequenceEqual(right.UniqueIndexes[i])) return false;
        for (var i = 0; i < left.Columns.Count; i++)
            if (!HasSameContent(left.Columns[i], right.Columns[i])) return false;
        return true;
    }

    private static bool HasSameContent(PgColumn left, PgColumn right) =>
        left.Name == right.Name && left.TypeModifier == right.TypeModifier && left.IsIdentity == right.IsIdentity && left.IsNotNull == right.IsNotNull
        && left.Default == right.Default && left.Number == right.Number && left.Missing == right.Missing && left.IsGenerated == right.IsGenerated && HasSameContent(left.Type, right.Type);

    private static bool HasSameContent(PgType? left, PgType? right)
    {
        if (ReferenceEquals(left, right)) return true;
        if (left is null || right is null) return false;
        return left.Oid == right.Oid && left.Name == right.Name && left.Schema == right.Schema && left.Kind == right.Kind && left.DomainTypeModifier == right.DomainTypeModifier
            && left.EnumLabels.SequenceEqual(right.EnumLabels) && HasSameContent(left.Element, right.Element) && HasSameContent(left.DomainBase, right.DomainBase);
    }
}
