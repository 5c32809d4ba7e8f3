namespace Pathway.Engine;

/// <summary>An operator that asks outside, and whose answers make an epoch of their own.</summary>
public interface IAsking
{
    /// <summary>Whether answers wait to be taken in. Any thread.</summary>
    bool HasAnswers { get; }

    /// <summary>Questions that are open, those whose answers wait to be taken in among them. Any thread.</summary>
    int Open { get; }

    /// <summary>Whether so many questions are open that no more input should be taken.</summary>
    bool IsFull { get; }

    /// <summary>Asks again what had no answer when the state was saved. Once, when the state is there; answers call <paramref name="answered"/>, on any thread.</summary>
    void Resume(Action answered);

    /// <summary>Asks no further; what is open is asked again after a restart.</summary>
    void Stop();
}
