using System.Net.Sockets;
using System.Text.Json;
using Concentrator.Bench.Arguments;
using Concentrator.Configuration.Options;
using Concentrator.JetStream;

namespace Concentrator.Bench.Cluster;

/// <summary>What is asked of a <see cref="NatsCluster"/> about the stream that edges fill: one session for each question.</summary>
internal static class BenchStream
{
    public const string Name = "LOGS", Consumer = "relays";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <summary>Whether a server answers for JetStream: the cluster has a leader then.</summary>
    public static bool IsJetStreamReady(int port)
    {
        try
        {
            Ask(port, "$JS.API.INFO");
            return true;
        }
        catch (Exception e) when (e is UnusableException or SocketException or IOException)
        {
            // Expected while it starts.
            return false;
        }
    }

    /// <summary>Deletes all messages of the stream.</summary>
    /// <exception cref="UnusableException">The cluster refuses.</exception>
    public static void Purge(int port)
    {
        try
        {
            Ask(port, $"$JS.API.STREAM.PURGE.{Name}");
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            throw new UnusableException($"the cluster does not answer: {e.Message}");
        }
    }

    private static void Ask(int port, string subject) => AskAsync(port, subject).GetAwaiter().GetResult();

    private static async Task AskAsync(int port, string subject)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync("127.0.0.1", port).ConfigureAwait(false);
        }
        catch (SocketException)
        {
            socket.Dispose();
            throw;
        }
        await using NatsSession session = await NatsSession.OpenAsync(
            new NatsSessionOptions { Server = new RelayEndpoint("127.0.0.1", port), Socket = socket, Name = "bench", Credentials = new NatsCredentials(), Limit = Limit },
            CancellationToken.None).ConfigureAwait(false);
        (JsonDocument? answer, ApiError? error) = await session.AskAsync(subject, [], CancellationToken.None).ConfigureAwait(false);
        answer?.Dispose();
        if (error is not null) throw new UnusableException($"the cluster refuses {subject}: {error}");
    }
}
