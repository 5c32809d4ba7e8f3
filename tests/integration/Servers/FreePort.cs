using System.Net;
using System.Net.Sockets;

namespace Pathway.Tests.Integration.Servers;

/// <summary>Ports for servers.</summary>
public static class FreePort
{
    /// <summary>A free port of 127.0.0.1, below the range that outgoing connections use, so that a server that is down for a while finds it free again.</summary>
    public static int Next()
    {
        while (true)
        {
            var port = Random.Shared.Next(20_000, 32_000);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // taken: try another
            }
        }
    }
}
