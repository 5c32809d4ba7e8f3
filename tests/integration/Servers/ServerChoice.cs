using System.Diagnostics;

namespace Pathway.Tests.Integration.Servers;

/// <summary>Where the servers of a test run come from.</summary>
public enum ServerKind
{
    /// <summary>Containers, through Testcontainers.</summary>
    Docker,

    /// <summary>Processes of this machine: Debian's PostgreSQL, Kafka by KAFKA_HOME.</summary>
    Local,
}

/// <summary>Decides once which kind of servers this run uses: PATHWAY_SERVERS, else Docker if it answers, else local ones.</summary>
public static class ServerChoice
{
    private static readonly Lazy<bool> DockerAnswersOnce = new(AskDocker);

    public static ServerKind Kind => Environment.GetEnvironmentVariable("PATHWAY_SERVERS") switch
    {
        "docker" => ServerKind.Docker,
        "local" => ServerKind.Local,
        null or "" => DockerAnswersOnce.Value ? ServerKind.Docker : ServerKind.Local,
        var other => throw new InvalidOperationException($"PATHWAY_SERVERS is '{other}'; it can be docker or local."),
    };

    /// <summary>Skips the running test unless servers of the chosen kind can be started.</summary>
    public static void SkipUnlessPossible(string? missingLocally)
    {
        if (Kind == ServerKind.Docker)
            Assert.SkipUnless(DockerAnswersOnce.Value, "Docker doesn't answer (`docker version`). Start it, or set PATHWAY_SERVERS=local.");
        else
            Assert.SkipWhen(missingLocally is not null, missingLocally ?? "");
    }

    private static bool AskDocker()
    {
        try
        {
            var start = new ProcessStartInfo("docker", ["version", "--format", "{{.Server.APIVersion}}"]) { RedirectStandardOutput = true, RedirectStandardError = true };
            using var docker = Process.Start(start)!;
            if (!docker.WaitForExit(TimeSpan.FromSeconds(10)) || docker.ExitCode != 0) return false;
            var version = docker.StandardOutput.ReadToEnd().Trim();
            // The client library asks for a newer interface than an older daemon has; it takes the version from here.
            if (Environment.GetEnvironmentVariable("DOCKER_API_VERSION") is null or "") Environment.SetEnvironmentVariable("DOCKER_API_VERSION", version);
            // Containers are removed by the run folder's guard, by id, so that no further image is needed for that.
            Environment.SetEnvironmentVariable("TESTCONTAINERS_RYUK_DISABLED", "true");
            return true;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
