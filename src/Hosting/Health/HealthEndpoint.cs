using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Pathway.Core;

namespace Pathway.Hosting;

/// <summary>Answers <c>GET /health/live</c> (200 from the start) and <c>GET /health/ready</c> (200 while the pipeline streams, else 503), each with a line of JSON.</summary>
/// <remarks>Listens at the one address that it is given, whatever the environment says. The process's signals are none of its business.</remarks>
public sealed class HealthEndpoint : IAsyncDisposable
{
    private static readonly TimeSpan ShutdownPatience = TimeSpan.FromSeconds(1);
    private readonly WebApplication _application;

    private HealthEndpoint(WebApplication application) => _application = application;

    /// <summary>Where it listens, such as http://127.0.0.1:9180; the port that was chosen where 0 was asked for.</summary>
    public string Address => _application.Urls.First();

    /// <summary>Begins to listen.</summary>
    /// <param name="address">Host and port; port 0 takes a free one.</param>
    /// <param name="health">What it tells.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="ConfigurationException">The address is taken, or isn't this machine's.</exception>
    public static async Task<HealthEndpoint> StartAsync(EndPoint address, PipelineHealth health, CancellationToken cancellationToken)
    {
        var endpoint = await ResolveAsync(address, cancellationToken);
        // An empty builder reads no settings files and no ASPNETCORE_ variables: container images set ports there that nobody here asked for.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = 100;
            kestrel.Listen(endpoint);
        });
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownPatience);
        var application = builder.Build();
        application.Run(context => AnswerAsync(context, health));
        try
        {
            await application.StartAsync(cancellationToken);
        }
        catch (Exception failure) when (failure is IOException or SocketException)
        {
            await application.DisposeAsync();
            var reason = failure.InnerException is AddressInUseException ? "it is taken" : failure.Message;
            throw new ConfigurationException($"The health endpoint can't listen at {address}: {reason}. Choose another address under 'http', or leave it out.", failure);
        }

        return new HealthEndpoint(application);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync();
        await _application.DisposeAsync();
    }

    private static async ValueTask<IPEndPoint> ResolveAsync(EndPoint address, CancellationToken cancellationToken)
    {
        if (address is IPEndPoint ready) return ready;
        var name = (DnsEndPoint)address;
        try
        {
            var addresses = await Dns.GetHostAddressesAsync(name.Host, cancellationToken);
            // Both families mostly answer for localhost; people mean the older one.
            var chosen = addresses.FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork) ?? addresses[0];
            return new IPEndPoint(chosen, name.Port);
        }
        catch (SocketException failure)
        {
            throw new ConfigurationException($"The health endpoint can't listen at {name.Host}:{name.Port}: {failure.Message}. Write an address of this machine under 'http'.", failure);
        }
    }

    private static Task AnswerAsync(HttpContext context, PipelineHealth health)
    {
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method)) return WriteAsync(context, StatusCodes.Status405MethodNotAllowed, "no such method", null);
        var reason = health.Reason;
        return context.Request.Path.Value switch
        {
            "/health/live" => WriteAsync(context, StatusCodes.Status200OK, "live", reason),
            "/health/ready" when reason is null => WriteAsync(context, StatusCodes.Status200OK, "ready", null),
            "/health/ready" => WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "not ready", reason),
            _ => WriteAsync(context, StatusCodes.Status404NotFound, "not found", "/health/live and /health/ready are here"),
        };
    }

    private static async Task WriteAsync(HttpContext context, int code, string status, string? reason)
    {
        context.Response.StatusCode = code;
        context.Response.ContentType = "application/json";
        if (HttpMethods.IsHead(context.Request.Method)) return;
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter);
        json.WriteStartObject();
        json.WriteString("status", status);
        if (reason is not null) json.WriteString("reason", reason);
        json.WriteEndObject();
        await json.FlushAsync(context.RequestAborted);
    }

    /// <summary>Leaves SIGTERM and Ctrl-C to the process: the default lifetime would stop the endpoint while the pipeline still finishes.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
