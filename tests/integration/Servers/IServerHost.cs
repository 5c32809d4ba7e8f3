namespace Pathway.Tests.Integration.Servers;

/// <summary>One server, however it is run. Port and data stay the same from start to start.</summary>
internal interface IServerHost : IAsyncDisposable
{
    /// <summary>Starts it; returns when its process or container runs, not yet when it answers.</summary>
    Task StartAsync();

    /// <summary>Stops it in order.</summary>
    Task StopAsync();

    /// <summary>Kills all of it at once, as kill -9 does.</summary>
    Task KillAsync();

    /// <summary>Freezes all of it: connections stay, nothing answers.</summary>
    Task PauseAsync();

    /// <summary>Lets it go on.</summary>
    Task ResumeAsync();

    /// <summary>The end of its log, for messages of failing tests.</summary>
    Task<string> ReadLogAsync();

    /// <summary>Whether its process runs.</summary>
    bool IsRunning { get; }
}
