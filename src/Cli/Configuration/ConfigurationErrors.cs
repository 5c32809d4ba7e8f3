using Pathway.Core;
using YamlDotNet.Core;

namespace Pathway.Cli;

/// <summary>Everything that is wrong in a configuration file, each with its place, so that a person mends it in one go.</summary>
internal sealed class ConfigurationErrors(string file)
{
    private readonly List<(long Line, long Column, string Text)> _errors = [];

    /// <summary>Adds a sentence about the place <paramref name="at"/>.</summary>
    public void Add(Mark at, string text) => _errors.Add((at.Line, at.Column, text));

    /// <summary>Throws if there are any.</summary>
    /// <exception cref="ConfigurationException">One line for each, in the order of the file.</exception>
    public void ThrowIfAny()
    {
        if (_errors.Count == 0) return;
        var lines = _errors.OrderBy(e => e.Line).ThenBy(e => e.Column).Select(e => $"{file}:{e.Line}:{e.Column}: {e.Text}");
        throw new ConfigurationException(string.Join(Environment.NewLine, lines));
    }
}
