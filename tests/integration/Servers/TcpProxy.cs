using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Pathway.Tests.Integration.Servers;

/// <summary>In what pieces a proxy looks at what passes.</summary>
public enum ProxyFraming
{
    /// <summary>As it comes from the socket.</summary>
    Raw,

    /// <summary>Whole requests and responses of Kafka: a length of four bytes, then as many bytes.</summary>
    KafkaFrames,
}

/// <summary>Which way a piece goes.</summary>
public enum ProxyDirection
{
    ToServer,
    ToClient,
}

/// <summary>What happens with a piece.</summary>
public enum ProxyVerdict
{
    Forward,

    /// <summary>The connection is reset; the piece isn't forwarded.</summary>
    Cut,

    /// <summary>The piece is forwarded, then the connection is reset.</summary>
    ForwardAndCut,

    /// <summary>The piece vanishes; the connection stays.</summary>
    Drop,
}

/// <summary>A piece on its way through the proxy.</summary>
/// <param name="Connection">Number of the connection, from 1.</param>
/// <param name="Direction">Which way.</param>
/// <param name="Bytes">The piece, with its length prefix where frames are asked for. Lives until the answer.</param>
/// <param name="BytesBefore">How many bytes went this way on this connection before.</param>
public readonly record struct ProxyPiece(int Connection, ProxyDirection Direction, ReadOnlyMemory<byte> Bytes, long BytesBefore)
{
    /// <summary>The kind of a Kafka request to the server (26: EndTxn, 0: Produce, 22: InitProducerId); -1 if it isn't one.</summary>
    public int KafkaRequestKind => Direction == ProxyDirection.ToServer && Bytes.Length >= 12 ? BinaryPrimitives.ReadInt16BigEndian(Bytes.Span[4..]) : -1;

    /// <summary>What ties a Kafka response to its request.</summary>
    public int KafkaCorrelation => BinaryPrimitives.ReadInt32BigEndian(Bytes.Span[(Direction == ProxyDirection.ToServer ? 8 : 4)..]);
}

/// <summary>A small TCP proxy in this process: cuts, delays, swallows, at will or at a chosen piece.</summary>
public sealed class TcpProxy : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<int, (Socket Client, Socket Server)> _connections = new();
    private readonly ProxyFraming _framing;
    private readonly Task _accepting;
    private int _count;

    public TcpProxy(int targetPort, int listenPort = 0, ProxyFraming framing = ProxyFraming.Raw)
    {
        _framing = framing;
        _listener = new TcpListener(IPAddress.Loopback, listenPort == 0 ? FreePort.Next() : listenPort);
        _listener.Server.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync(targetPort);
    }

    public int Port { get; }

    public string Endpoint => $"127.0.0.1:{Port}";

    /// <summary>Connections that are open now.</summary>
    public int OpenConnections => _connections.Count;

    /// <summary>New connections are reset at once.</summary>
    public bool Refuses { get; set; }

    /// <summary>Everything that arrives vanishes, both ways; connections stay open.</summary>
    public bool IsBlackHole { get; set; }

    /// <summary>How long each piece waits on its way to the server.</summary>
    public TimeSpan DelayToServer { get; set; }

    /// <summary>How long each piece waits on its way to the client.</summary>
    public TimeSpan DelayToClient { get; set; }

    /// <summary>Decides about each piece; may wait (holding the connection's direction). Null: forwards all.</summary>
    public Func<ProxyPiece, ValueTask<ProxyVerdict>>? OnPiece { get; set; }

    /// <summary>Cuts on the <paramref name="count"/>-th byte of one direction, counted over each connection.</summary>
    public void CutAfter(ProxyDirection direction, long count) => OnPiece = piece =>
        ValueTask.FromResult(piece.Direction == direction && piece.BytesBefore + piece.Bytes.Length >= count ? ProxyVerdict.Cut : ProxyVerdict.Forward);

    /// <summary>Resets every open connection.</summary>
    public void CutAll()
    {
        foreach (var number in _connections.Keys) Cut(number);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        CutAll();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync(int targetPort)
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync(_stop.Token);
                if (Refuses) Reset(client);
                else _ = ServeAsync(client, targetPort, Interlocked.Increment(ref _count));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // disposed
        }
    }

    private async Task ServeAsync(Socket client, int targetPort, int number)
    {
        var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.NoDelay = true;
        try
        {
            await server.ConnectAsync(IPAddress.Loopback, targetPort, _stop.Token);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            Reset(client);
            server.Dispose();
            return;
        }

        _connections[number] = (client, server);
        await Task.WhenAll(PumpAsync(client, server, number, ProxyDirection.ToServer), PumpAsync(server, client, number, ProxyDirection.ToClient));
        Cut(number);
    }

    private async Task PumpAsync(Socket from, Socket to, int number, ProxyDirection direction)
    {
        var buffer = new byte[64 * 1024];
        long before = 0;
        try
        {
            while (await ReadPieceAsync(from, buffer) is { Length: > 0 } piece)
            {
                buffer = piece.Buffer;
                var bytes = buffer.AsMemory(0, piece.Length);
                var delay = direction == ProxyDirection.ToServer ? DelayToServer : DelayToClient;
                if (delay > TimeSpan.Zero) await Task.Delay(delay, _stop.Token);
                var verdict = OnPiece is { } decide ? await decide(new ProxyPiece(number, direction, bytes, before)) : ProxyVerdict.Forward;
                before += piece.Length;
                if (IsBlackHole || verdict == ProxyVerdict.Drop) continue;
                if (verdict == ProxyVerdict.Cut) break;
                for (var sent = 0; sent < piece.Length;) sent += await to.SendAsync(bytes[sent..], _stop.Token);
                if (verdict == ProxyVerdict.ForwardAndCut) break;
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // one side is gone, and so the other goes
        }

        Cut(number);
    }

    private async Task<(byte[] Buffer, int Length)> ReadPieceAsync(Socket from, byte[] buffer)
    {
        if (_framing == ProxyFraming.Raw) return (buffer, await from.ReceiveAsync(buffer, _stop.Token));
        if (!await FillAsync(from, buffer.AsMemory(0, 4))) return (buffer, 0);
        var length = 4 + BinaryPrimitives.ReadInt32BigEndian(buffer);
        if (length > buffer.Length) Array.Resize(ref buffer, length);
        return await FillAsync(from, buffer.AsMemory(4, length - 4)) ? (buffer, length) : (buffer, 0);
    }

    private async Task<bool> FillAsync(Socket from, Memory<byte> target)
    {
        while (target.Length > 0)
        {
            var read = await from.ReceiveAsync(target, _stop.Token);
            if (read == 0) return false;
            target = target[read..];
        }

        return true;
    }

    private void Cut(int number)
    {
        if (!_connections.TryRemove(number, out var pair)) return;
        Reset(pair.Client);
        Reset(pair.Server);
    }

    private static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(true, 0);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // closed already
        }

        socket.Dispose();
    }
}
