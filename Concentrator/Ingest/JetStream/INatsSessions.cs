using Concentrator.JetStream;

namespace Concentrator.Ingest.JetStream;

/// <summary>Makes the sessions of a listener with its servers, one after the other, with the pauses between attempts.</summary>
internal interface INatsSessions
{
    /// <summary>Connects, as often as it takes, and logs why it fails; null when stopped. The caller owns the session.</summary>
    /// <param name="prepare">Says what keeps a session from being used, or null; a session that cannot be used is closed, and another is tried.</param>
    /// <param name="onProblem">Told why there is none at the moment; null once there is.</param>
    /// <param name="stop">Ends the attempts.</param>
    Task<NatsSession?> ConnectAsync(Func<NatsSession, Task<string?>> prepare, Action<string?> onProblem, CancellationToken stop);
}
