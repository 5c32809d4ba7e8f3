using Microsoft.Extensions.Logging;

namespace Pathway.Cli;

/// <summary>Says why a command ended, in the form that its log has.</summary>
internal sealed class Report(CliContext context, LogForm form)
{
    /// <summary>The last line of a command that didn't end well.</summary>
    public void Failure(string text, int code)
    {
        if (form == LogForm.Text)
        {
            context.Error.WriteLine($"pathway: {text}");
            return;
        }

        using var provider = new LineLoggerProvider(context.Error, form, LogLevel.Information, TimeProvider.System);
        provider.CreateLogger("Pathway.Cli").CommandFailed(text, code);
    }
}
