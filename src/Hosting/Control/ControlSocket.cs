using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Pathway.Core;

namespace Pathway.Hosting;

/// <summary>Commands for a running pipeline: a socket in its state directory, one line in, one line out.</summary>
/// <remarks>Only who may write to the state directory may speak to it. One command at a time for each connection; a request is a JSON array of words, an answer says whether it went well, and a text.</remarks>
public sealed class ControlSocket : IAsyncDisposable
{
    private const int PathBytesMax = 100; // of a socket's address, on all systems
    private readonly Socket _listener;
    private readonly IReadOnlyDictionary<string, Func<IReadOnlyList<string>, CancellationToken, Task<string>>> _commands;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _listening;

    private ControlSocket(Socket listener, IReadOnlyDictionary<string, Func<IReadOnlyList<string>, CancellationToken, Task<string>>> commands)
    {
        (_listener, _commands) = (listener, commands);
        _listening = ListenAsync();
    }

    /// <summary>Where the socket of a state directory is: in it, or, where that path is too long for a socket, in the folder for temporary files under a name made from it.</summary>
    public static string PathOf(string stateDirectory)
    {
        var path = Path.Combine(Path.GetFullPath(stateDirectory), "control.sock");
        if (Encoding.UTF8.GetByteCount(path) <= PathBytesMax) return path;
        return Path.Combine(Path.GetTempPath(), $"pathway-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(path)))[..16]}.sock");
    }

    /// <summary>Listens. The caller holds the state directory's lock, so that a socket which is there already was left behind.</summary>
    /// <param name="stateDirectory">The state directory.</param>
    /// <param name="commands">What can be asked, by name; what a command throws as <see cref="PathwayException"/> is told to who asked.</param>
    public static ControlSocket Start(string stateDirectory, IReadOnlyDictionary<string, Func<IReadOnlyList<string>, CancellationToken, Task<string>>> commands)
    {
        var path = PathOf(stateDirectory);
        // Bound under a name of its own, which the runtime deletes when it is closed, and then put in its place: so nobody ever deletes the socket of who came after.
        var own = Path.Combine(Path.GetDirectoryName(path)!, $"{RandomNumberGenerator.GetHexString(7, lowercase: true)}.sock");
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            listener.Bind(new UnixDomainSocketEndPoint(own));
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(own, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            listener.Listen(8);
            File.Move(own, path, overwrite: true);
            return new ControlSocket(listener, commands);
        }
        catch
        {
            listener.Dispose();
            throw;
        }
    }

    /// <summary>Asks the pipeline that runs on a state directory; null where none does.</summary>
    /// <exception cref="ConfigurationException">It can't do what was asked; the message says why.</exception>
    public static async Task<string?> AskAsync(string stateDirectory, IReadOnlyList<string> request, CancellationToken stop)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(PathOf(stateDirectory)), stop).ConfigureAwait(false);
        }
        catch (SocketException)
        {
            return null; // nobody listens
        }

        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(request) + "\n"), stop).ConfigureAwait(false);
        using var reader = new StreamReader(stream);
        if (await reader.ReadLineAsync(stop).ConfigureAwait(false) is not { } line) throw new ConnectorException("The pipeline ended before it answered.");
        var answer = JsonSerializer.Deserialize<Answer>(line)!;
        return answer.IsGood ? answer.Text : throw new ConfigurationException(answer.Text);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _listener.Dispose();
        await _listening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // the socket's name stays behind, as after a crash: nobody listens there
        _stop.Dispose();
    }

    private async Task ListenAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            var connection = await _listener.AcceptAsync(_stop.Token).ConfigureAwait(false);
            _ = AnswerAsync(connection);
        }
    }

    private async Task AnswerAsync(Socket connection)
    {
        try
        {
            using var owned = connection;
            await using var stream = new NetworkStream(connection);
            using var reader = new StreamReader(stream, leaveOpen: true);
            while (await reader.ReadLineAsync(_stop.Token).ConfigureAwait(false) is { } line)
            {
                var answer = await AnswerAsync(line).ConfigureAwait(false);
                await stream.WriteAsync(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(answer) + "\n"), _stop.Token).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Who asked has gone, or we are: nobody is left to tell.
        }
    }

    private async Task<Answer> AnswerAsync(string line)
    {
        try
        {
            if (JsonSerializer.Deserialize<string[]>(line) is not [var name, .. var words]) return new Answer(false, "An empty request.");
            if (!_commands.TryGetValue(name, out var command)) return new Answer(false, $"'{name}' can't be asked of this pipeline; {string.Join(", ", _commands.Keys)} can.");
            return new Answer(true, await command(words, _stop.Token).ConfigureAwait(false));
        }
        catch (PathwayException e)
        {
            return new Answer(false, e.Message);
        }
        catch (Exception e) when (e is not (OperationCanceledException or JsonException))
        {
            return new Answer(false, $"Unexpected {e.GetType().Name}: {e.Message}");
        }
        catch (JsonException)
        {
            return new Answer(false, "The request is no JSON array of words.");
        }
    }

    private sealed record Answer(bool IsGood, string Text);
}
