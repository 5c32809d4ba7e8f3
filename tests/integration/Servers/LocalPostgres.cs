namespace Pathway.Tests.Integration.Servers;

/// <summary>PostgreSQL from the binaries of this machine: a data directory of its own, 127.0.0.1 only, the socket inside it.</summary>
internal static class LocalPostgres
{
    /// <summary>What is missing here, as a sentence; null for nothing.</summary>
    public static string? Missing =>
        Binaries is null ? "PostgreSQL isn't here: install it (Debian: apt-get install postgresql-15), or start Docker."
        : Environment.IsPrivilegedProcess && !Tools.Exist("setpriv") ? "setpriv isn't here (Debian: apt-get install util-linux): PostgreSQL refuses to run as root."
        : null;

    private static string? Binaries => Directory.Exists("/usr/lib/postgresql")
        ? Directory.GetDirectories("/usr/lib/postgresql").OrderDescending().Select(d => Path.Combine(d, "bin")).FirstOrDefault(d => File.Exists(Path.Combine(d, "initdb")))
        : Tools.Find("initdb") is { } initdb ? Path.GetDirectoryName(initdb) : null;

    /// <summary>PostgreSQL refuses to run as root: then it runs as its own user.</summary>
    private static string[] AsItsUser => Environment.IsPrivilegedProcess ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--"] : [];

    public static async Task<IServerHost> CreateAsync(int port, string password, IReadOnlyDictionary<string, string> settings)
    {
        var folder = RunFolder.NewFolder("postgres");
        var (data, passwordFile) = (Path.Combine(folder, "data"), Path.Combine(folder, "password"));
        await File.WriteAllTextAsync(passwordFile, password);
        if (Environment.IsPrivilegedProcess) await Tools.RunAsync("chown", "-R", "postgres:postgres", folder);
        await Tools.RunAsync([.. AsItsUser, Path.Combine(Binaries!, "initdb"), "-D", data, "-U", PostgresServer.AdminUser, "--auth-local=trust", "--auth-host=scram-sha-256",
            $"--pwfile={passwordFile}", "--no-locale", "--encoding=UTF8", "--no-sync"]);
        return Host(port, data, folder, settings);
    }

    /// <summary>A standby of the server at <paramref name="primary"/>, from a base backup of now.</summary>
    public static async Task<IServerHost> CreateStandbyAsync(int port, int primary, string password, IReadOnlyDictionary<string, string> settings)
    {
        var folder = RunFolder.NewFolder("standby");
        var data = Path.Combine(folder, "data");
        if (Environment.IsPrivilegedProcess) await Tools.RunAsync("chown", "-R", "postgres:postgres", folder);
        await Tools.RunAsync([.. AsItsUser, Path.Combine(Binaries!, "pg_basebackup"), "-D", data, "-R", "-X", "stream", "--checkpoint=fast", "--no-sync",
            "-d", $"host=127.0.0.1 port={primary} user={PostgresServer.AdminUser} password={password}"]);
        return Host(port, data, folder, settings);
    }

    /// <summary>Makes a stopped server forget its WAL.</summary>
    public static Task ResetWalAsync(string data) => Tools.RunAsync([.. AsItsUser, Path.Combine(Binaries!, "pg_resetwal"), "-f", data]);

    private static LocalServerHost Host(int port, string data, string folder, IReadOnlyDictionary<string, string> settings)
    {
        var own = new Dictionary<string, string>
        {
            ["port"] = $"{port}", ["listen_addresses"] = "127.0.0.1", ["unix_socket_directories"] = data,
        };
        foreach (var (setting, value) in settings) own[setting] = value;
        string[] command = [.. AsItsUser, Path.Combine(Binaries!, "postgres"), "-D", data, .. own.SelectMany(s => new[] { "-c", $"{s.Key}={s.Value}" })];
        // SIGINT is its fast shutdown; SIGQUIT ends it at once and gives its shared memory back.
        return new LocalServerHost(RunFolder.NewName("postgres"), command, folder, Signals.Interrupt, "QUIT");
    }
}
