using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using Confluent.Kafka;

namespace Pathway.Connectors.Kafka;

/// <summary>The librdkafka that the client has loaded, for what the client offers only with an object for each record.</summary>
/// <remarks>
/// The client ships several builds of the library and takes one that loads; ours have to be of the same file. It is found among the process's modules; where that fails, or where the client
/// has changed inside, there is no native way, and the managed one is gone.
/// </remarks>
internal static class NativeLibrdkafka
{
    private static readonly Lazy<nint> LoadedOnce = new(Load);

    /// <summary>The client's own handle; null where it can't be had.</summary>
    public static SafeHandle? HandleOf(IClient client) =>
        typeof(Handle).GetProperty("LibrdkafkaHandle", BindingFlags.Instance | BindingFlags.NonPublic)?.GetValue(client.Handle) as SafeHandle;

    /// <summary>Functions of the library; null where they can't be had. To be asked for after a client was made, which loads the library.</summary>
    /// <param name="bind">Finds the functions; throws <see cref="EntryPointNotFoundException"/> where one is missing.</param>
    public static TFunctions? TryBind<TFunctions>(Func<nint, TFunctions> bind)
        where TFunctions : class
    {
        if (LoadedOnce.Value == 0) return null;
        try
        {
            return bind(LoadedOnce.Value);
        }
        catch (EntryPointNotFoundException)
        {
            return null;
        }
    }

    private static nint Load()
    {
        try
        {
            using var process = Process.GetCurrentProcess();
            var files = process.Modules.Cast<ProcessModule>().Select(m => m.FileName).Where(f => Path.GetFileName(f).Contains("librdkafka", StringComparison.OrdinalIgnoreCase)).Distinct().ToList();
            return files is [var only] && NativeLibrary.TryLoad(only, out var library) ? library : 0;
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or PlatformNotSupportedException or InvalidOperationException)
        {
            return 0;
        }
    }
}
