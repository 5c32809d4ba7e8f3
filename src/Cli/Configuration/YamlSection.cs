using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Pathway.Cli;

/// <summary>Reads a value from text.</summary>
internal delegate bool ValueReader<T>(string text, out T value);

/// <summary>One mapping of a configuration file. What is wrong in it goes to the errors, with its place; reading goes on with the default.</summary>
/// <remarks>A value is shown in an error only as it stands in the file, before anything was put in, and never where the key is secret.</remarks>
internal sealed class YamlSection
{
    private readonly YamlMappingNode _node;
    private readonly string _path;
    private readonly Substitution _substitution;
    private readonly ConfigurationErrors _errors;

    private YamlSection(YamlMappingNode node, string path, Substitution substitution, ConfigurationErrors errors) =>
        (_node, _path, _substitution, _errors) = (node, path, substitution, errors);

    /// <summary>Where the section begins.</summary>
    public Mark Start => _node.Start;

    /// <summary>The section at the root of a file.</summary>
    public static YamlSection? Root(YamlNode node, Substitution substitution, ConfigurationErrors errors, string[] known)
    {
        if (node is YamlMappingNode mapping) return new YamlSection(mapping, "", substitution, errors).Checked(known);
        errors.Add(node.Start, $"the file holds {Kind(node)}; it must hold keys and values: {string.Join(", ", known)}.");
        return null;
    }

    /// <summary>The section under <paramref name="key"/>, whose keys must be among <paramref name="known"/>; null, and an error unless it is optional, where there is none.</summary>
    public YamlSection? Section(string key, string[] known, string? whatFor = null)
    {
        if (Find(key) is not { } node)
        {
            if (whatFor is not null) Lacks(key, whatFor);
            return null;
        }

        if (node is YamlMappingNode mapping) return new YamlSection(mapping, Path(key), _substitution, _errors).Checked(known);
        _errors.Add(node.Start, $"{Path(key)} {Has(node)}; it must hold keys and values: {string.Join(", ", known)}.");
        return null;
    }

    /// <summary>Whether there is such a key.</summary>
    public bool HasKey(string key) => Find(key) is not null;

    /// <summary>The sections under <paramref name="key"/>, whatever their names, whose keys must be among <paramref name="known"/>; none where there is no such key.</summary>
    public IEnumerable<(string Name, YamlSection Section)> Sections(string key, string[] known, Func<string, string?> problemOfName, string example)
    {
        if (Find(key) is not { } node) yield break;
        if (node is not YamlMappingNode mapping)
        {
            _errors.Add(node.Start, $"{Path(key)} {Has(node)}; it must hold names and what is said of them, such as {example}.");
            yield break;
        }

        foreach (var (named, value) in mapping.Children)
        {
            var name = (named as YamlScalarNode)?.Value ?? Kind(named);
            if (problemOfName(name) is { } problem) _errors.Add(named.Start, $"{Path(key)}: {problem}");
            else if (value is YamlMappingNode section) yield return (name, new YamlSection(section, $"{Path(key)}.{name}", _substitution, _errors).Checked(known));
            else _errors.Add(value.Start, $"{Path(key)}.{name} {Has(value)}; it must hold keys and values: {string.Join(", ", known)}.");
        }
    }

    /// <summary>The value under <paramref name="key"/>, or <paramref name="fallback"/> where there is none.</summary>
    /// <param name="key">The key.</param>
    /// <param name="fallback">The default.</param>
    /// <param name="read">Reads the value.</param>
    /// <param name="form">What the value must be, after "it must be ": "true or false".</param>
    public T Optional<T>(string key, T fallback, ValueReader<T> read, string form) =>
        Find(key) is { } node && Scalar(key, node, form) is { } text ? Read(key, node, text, read, form, fallback) : fallback;

    /// <summary>The value under <paramref name="key"/>; an error where there is none.</summary>
    /// <param name="key">The key.</param>
    /// <param name="whatFor">What the key is for, with an example; ends the sentence about its absence.</param>
    /// <param name="read">Reads the value.</param>
    /// <param name="form">What the value must be.</param>
    /// <param name="fallback">What to go on with.</param>
    public T Required<T>(string key, string whatFor, ValueReader<T> read, string form, T fallback)
    {
        if (Find(key) is null) Lacks(key, whatFor);
        return Optional(key, fallback, read, form);
    }

    /// <summary>Text under <paramref name="key"/> that <paramref name="problem"/> finds nothing wrong with; the default where there is none.</summary>
    public string Text(string key, string fallback, Func<string, string?> problem) => Find(key) is { } node ? Text(key, node, fallback, problem) : fallback;

    /// <summary>Text that must be there.</summary>
    public string RequiredText(string key, string whatFor, Func<string, string?> problem)
    {
        if (Find(key) is { } node) return Text(key, node, "", problem);
        Lacks(key, whatFor);
        return "";
    }

    /// <summary>One of a few words.</summary>
    public T Choice<T>(string key, T fallback, params (string Word, T Value)[] choices)
    {
        bool TryChoice(string text, out T value)
        {
            var at = Array.FindIndex(choices, c => c.Word == text);
            value = at < 0 ? fallback : choices[at].Value;
            return at >= 0;
        }

        return Optional<T>(key, fallback, TryChoice, choices.Length == 1 ? choices[0].Word : $"{string.Join(", ", choices[..^1].Select(c => c.Word))} or {choices[^1].Word}");
    }

    /// <summary>true or false.</summary>
    public bool Flag(string key, bool fallback) => Choice(key, fallback, ("true", true), ("false", false));

    /// <summary>Whether there are keys below <paramref name="key"/>, rather than a value or nothing.</summary>
    public bool HasKeys(string key) => Find(key) is YamlMappingNode;

    /// <summary>A list of texts, at least one, each without a <paramref name="problem"/>.</summary>
    public IReadOnlyList<string> RequiredList(string key, string whatFor, string example, Func<string, string?> problem)
    {
        if (Find(key) is not { } node)
        {
            Lacks(key, whatFor);
            return [];
        }

        if (node is not YamlSequenceNode sequence)
        {
            _errors.Add(node.Start, $"{Path(key)} {Has(node)}; it must be a list such as {example}.");
            return [];
        }

        if (sequence.Children.Count == 0) _errors.Add(node.Start, $"{Path(key)} is empty. Name at least one, such as {example}.");
        return [.. sequence.Children.Select((item, i) => Text($"{key}[{i}]", item, "", problem))];
    }

    /// <summary>The mapping under <paramref name="key"/> as names and texts, whatever the names; its values are secret.</summary>
    public IReadOnlyDictionary<string, string> RequiredMap(string key, string whatFor, Func<string, string?> problemOfName)
    {
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        if (Find(key) is not { } node)
        {
            Lacks(key, whatFor);
            return map;
        }

        if (node is not YamlMappingNode mapping)
        {
            _errors.Add(node.Start, $"{Path(key)} {Has(node)}; it must hold names and values, such as {{ bootstrap.servers: localhost:9092 }}.");
            return map;
        }

        foreach (var (name, value) in mapping.Children)
        {
            var text = (name as YamlScalarNode)?.Value ?? "";
            if (problemOfName(text) is { } problem) _errors.Add(name.Start, $"{Path(key)}: {problem}");
            else map[text] = Text($"{key}.{text}", value, "", _ => null);
        }

        return map;
    }

    /// <summary>The mapping under <paramref name="key"/> as names, texts (of a list: its items with commas between) and where to say what is wrong; none where there is no such key.</summary>
    public IEnumerable<(string Name, string Value, Action<string> Fault)> Entries(string key)
    {
        if (Find(key) is not { } node) yield break;
        if (node is not YamlMappingNode mapping)
        {
            _errors.Add(node.Start, $"{Path(key)} {Has(node)}; it must hold names and values.");
            yield break;
        }

        foreach (var (named, value) in mapping.Children)
        {
            var name = (named as YamlScalarNode)?.Value ?? Kind(named);
            var text = value is YamlSequenceNode sequence
                ? string.Join(',', sequence.Children.Select((item, i) => Scalar($"{key}.{name}[{i}]", item, "text") ?? ""))
                : Scalar($"{key}.{name}", value, "text");
            if (text is not null) yield return (name, text, fault => _errors.Add(named.Start, $"{Path(key)}.{name}: {fault}"));
        }
    }

    /// <summary>The mapping under <paramref name="key"/> as names and texts, neither with a problem; empty where there is none.</summary>
    public IReadOnlyDictionary<string, string> TextMap(string key, Func<string, string?> problemOfName, Func<string, string?> problemOfText, string example)
    {
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        if (Find(key) is not { } node) return map;
        if (node is not YamlMappingNode mapping)
        {
            _errors.Add(node.Start, $"{Path(key)} {Has(node)}; it must hold names and values, such as {example}.");
            return map;
        }

        foreach (var (name, value) in mapping.Children)
        {
            var text = (name as YamlScalarNode)?.Value ?? "";
            if (problemOfName(text) is { } problem) _errors.Add(name.Start, $"{Path(key)}: {problem}");
            else map[text] = Text($"{key}.{text}", value, "", problemOfText);
        }

        return map;
    }

    /// <summary>As <see cref="RequiredMap"/>, but it may be missing.</summary>
    public IReadOnlyDictionary<string, string> OptionalMap(string key, Func<string, string?> problemOfName) =>
        Find(key) is null ? new Dictionary<string, string>(StringComparer.Ordinal) : RequiredMap(key, "", problemOfName);

    /// <summary>Reports a fault that a caller found in the value of <paramref name="key"/>.</summary>
    public void Fault(string key, string text) => _errors.Add(key.Length == 0 ? Start : Find(key)?.Start ?? Start, $"{(key.Length == 0 ? _path : Path(key))}: {text}");

    /// <summary>The whole name of a key: from.postgres.tables.</summary>
    private string Path(string key) => _path.Length == 0 ? key : $"{_path}.{key}";

    private YamlSection Checked(string[] known)
    {
        foreach (var node in _node.Children.Keys)
        {
            var key = (node as YamlScalarNode)?.Value ?? Kind(node);
            if (known.Contains(key, StringComparer.Ordinal)) continue;
            var near = Spelling.Nearest(key, known) is { } nearest ? $" Did you mean '{nearest}'?" : "";
            _errors.Add(node.Start, $"unknown key '{key}'{(_path.Length == 0 ? "" : $" in {_path}")}.{near} Known: {string.Join(", ", known)}.");
        }

        return this;
    }

    private YamlNode? Find(string key) => _node.Children.TryGetValue(new YamlScalarNode(key), out var node) ? node : null;

    private void Lacks(string key, string whatFor) => _errors.Add(Start, $"{(_path.Length == 0 ? "the file" : _path)} lacks '{key}': {whatFor}");

    private string Text(string key, YamlNode node, string fallback, Func<string, string?> problem)
    {
        if (Scalar(key, node, "text") is not { } text) return fallback;
        if (problem(text) is not { } fault) return text;
        _errors.Add(node.Start, $"{Path(key)}: {fault}");
        return fallback;
    }

    private T Read<T>(string key, YamlNode node, string text, ValueReader<T> read, string form, T fallback)
    {
        if (read(text, out var value)) return value;
        _errors.Add(node.Start, $"{Path(key)} is '{((YamlScalarNode)node).Value}'; it must be {form}.");
        return fallback;
    }

    private string? Scalar(string key, YamlNode node, string form)
    {
        if (node is not YamlScalarNode { Value: { } raw } scalar)
        {
            _errors.Add(node.Start, $"{Path(key)} {Has(node)}; it must be {form}.");
            return null;
        }

        if (scalar.Style == ScalarStyle.Plain && raw is "" or "~" or "null" || raw.Length == 0)
        {
            _errors.Add(node.Start, $"{Path(key)} has no value; it must be {form}.");
            return null;
        }

        try
        {
            return _substitution.Apply(raw);
        }
        catch (FormatException failure)
        {
            _errors.Add(node.Start, $"{Path(key)}: {failure.Message}");
            return null;
        }
    }

    private static string Has(YamlNode node) => node is YamlScalarNode { Value: "" } ? "has no value" : $"is {Kind(node)}";

    private static string Kind(YamlNode node) => node switch
    {
        YamlSequenceNode => "a list",
        YamlMappingNode => "a group of keys",
        YamlScalarNode { Value: "" } => "nothing",
        _ => "a single value",
    };
}
