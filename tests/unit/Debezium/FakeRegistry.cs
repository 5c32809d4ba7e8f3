using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Pathway.Tests.Unit.Debezium;

/// <summary>Answers as a schema registry does, with what a test puts in.</summary>
internal sealed class FakeRegistry : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Queue<(int Status, string Body)> _answers = new();

    public FakeRegistry(params (int Status, string Body)[] answers)
    {
        foreach (var answer in answers) _answers.Enqueue(answer);
        Url = $"http://127.0.0.1:{FreePort()}";
        _listener.Prefixes.Add(Url + "/");
        _listener.Start();
        _ = ServeAsync();
    }

    public string Url { get; }

    /// <summary>Method, path, body and Authorization of each request.</summary>
    public List<(string Method, string Path, string Body, string? Authorization)> Requests { get; } = [];

    public void Dispose() => _listener.Abort();

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var context = await _listener.GetContextAsync();
                using var reader = new StreamReader(context.Request.InputStream);
                Requests.Add((context.Request.HttpMethod, context.Request.Url!.PathAndQuery, await reader.ReadToEndAsync(), context.Request.Headers["Authorization"]));
                var (status, body) = _answers.Count > 1 ? _answers.Dequeue() : _answers.Peek();
                context.Response.StatusCode = status;
                context.Response.ContentType = "application/vnd.schemaregistry.v1+json";
                await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(body));
                context.Response.Close();
            }
        }
        catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
        {
            // Closed.
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
