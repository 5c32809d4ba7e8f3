using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Pathway.Tests.Integration.Servers;

/// <summary>Ends TLS in front of an HTTP server on 127.0.0.1, with a certificate of an authority of its own, and lets in who has the right user and password.</summary>
public sealed class TlsProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly X509Certificate2 _certificate, _authority;
    private readonly SslStreamCertificateContext _chain;
    private readonly string _expected;
    private readonly int _behind;
    private readonly Task _accepting;
    private TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="behind">The server's port.</param>
    /// <param name="user">"user:password".</param>
    public TlsProxy(int behind, string user)
    {
        (_behind, _expected) = (behind, "Authorization: Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(user)));
        var (from, until) = (DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        using var rootKey = RSA.Create(2048);
        using var root = Authority("CN=root of tests", rootKey).CreateSelfSigned(from, until);
        using var authorityKey = RSA.Create(2048);
        using var signedAuthority = Authority("CN=authority of tests", authorityKey).Create(root, from, until, [5, 6, 7, 8]);
        using var authority = signedAuthority.CopyWithPrivateKey(authorityKey);
        _authority = X509CertificateLoader.LoadCertificate(authority.RawData);
        AuthorityFile = Path.Combine(RunFolder.NewFolder("tls"), "authority.pem");
        File.WriteAllText(AuthorityFile, authority.ExportCertificatePem());

        using var key = RSA.Create(2048);
        var own = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        names.AddDnsName("localhost");
        own.CertificateExtensions.Add(names.Build());
        using var signed = own.Create(authority, from, until, [1, 2, 3, 4]);
        using var withKey = signed.CopyWithPrivateKey(key);
        _certificate = X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null);
        // The registry's client finds the authority only in what the server sends, which is never a root.
        _chain = SslStreamCertificateContext.Create(_certificate, [_authority], offline: true);
        _open.SetResult();
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    /// <summary>The port on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>The authority's certificate, as PEM.</summary>
    public string AuthorityFile { get; }

    /// <summary>From now on connections are taken and nothing is answered, until <see cref="Resume"/>.</summary>
    public void Hang() => _open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Resume() => _open.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _accepting;
        _certificate.Dispose();
        _authority.Dispose();
        _end.Dispose();
    }

    private static CertificateRequest Authority(string name, RSA key)
    {
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        return request;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = ServeAsync(await _listener.AcceptTcpClientAsync(_end.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            using (client)
            await using (var stream = new SslStream(client.GetStream()))
            {
                await stream.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificateContext = _chain }, _end.Token);
                // One request for a connection: so each of them is looked at.
                var head = await ReadHeadAsync(stream);
                await _open.Task.WaitAsync(_end.Token);
                if (!head.Contains(_expected, StringComparison.OrdinalIgnoreCase))
                {
                    await stream.WriteAsync("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray(), _end.Token);
                    return;
                }

                using var server = new TcpClient();
                await server.ConnectAsync(IPAddress.Loopback, _behind, _end.Token);
                await using var behind = server.GetStream();
                await behind.WriteAsync(Encoding.Latin1.GetBytes(head.Insert(head.IndexOf("\r\n", StringComparison.Ordinal) + 2, "Connection: close\r\n")), _end.Token);
                _ = stream.CopyToAsync(behind, _end.Token).ContinueWith(static t => t.Exception, TaskScheduler.Default);
                await behind.CopyToAsync(stream, _end.Token);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or System.Security.Authentication.AuthenticationException or SocketException)
        {
            // The client went, or doesn't trust us.
        }
    }

    private async Task<string> ReadHeadAsync(SslStream stream)
    {
        var (head, buffer) = (new StringBuilder(), new byte[16 << 10]);
        while (!head.ToString().Contains("\r\n\r\n", StringComparison.Ordinal))
        {
            var read = await stream.ReadAsync(buffer, _end.Token);
            if (read == 0) throw new IOException("the client went");
            head.Append(Encoding.Latin1.GetString(buffer, 0, read));
        }

        return head.ToString();
    }
}
