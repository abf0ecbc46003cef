using Concentrator.JetStream;

namespace Concentrator.Tools.Cluster;

/// <summary>
/// Finds out whether a cluster's ledger balances: asks the members, looks into the stream, and asks the members again, so that the figures of a cluster in which
/// messages flow can be compared (<see cref="ClusterBalance"/>). What does not balance is asked again, because an edge that was just started, or an
/// acknowledgement on its way, need a moment.
/// </summary>
internal sealed class ClusterQuery(NatsSession session, ClusterTarget target, string server, TimeProvider time)
{
    private const int Attempts = 3;

    /// <summary>Acknowledgements arrive at edges and at the stream within this time.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan BeforeNext = TimeSpan.FromSeconds(1);

    private readonly MemberQuery _members = new(session, target);

    /// <summary>Exactly one of the results is set; the problem is one line.</summary>
    public async Task<(ClusterView? View, string? Problem)> AskAsync(CancellationToken stop)
    {
        for (int attempt = 1; ; attempt++)
        {
            (ClusterView? view, string? problem) = await LookAsync(stop).ConfigureAwait(false);
            if (view is null || view.IsBalanced || attempt == Attempts) return (view, problem);
            await Task.Delay(BeforeNext, time, stop).ConfigureAwait(false);
        }
    }

    private async Task<(ClusterView?, string?)> LookAsync(CancellationToken stop)
    {
        ClusterMembers before = await _members.AskAsync(stop).ConfigureAwait(false);
        await Task.Delay(Settling, time, stop).ConfigureAwait(false);
        string?[] consumers = target.Consumer is { } wanted ? [wanted] : before.Consumers.Any() ? [.. before.Consumers] : [null];
        (StreamInfo? stream, ApiError? error) = await StreamApi.FindAsync(session, target.Stream, stop).ConfigureAwait(false);
        if (stream is null) return (null, Cannot($"stream {target.Stream}", error!));
        List<(string? Consumer, StreamBacklog Content)> contents = [];
        foreach (string? consumer in consumers)
        {
            ConsumerInfo? info = null;
            if (consumer is not null)
            {
                (info, error) = await ConsumerApi.FindAsync(session, target.Stream, consumer, stop).ConfigureAwait(false);
                if (error is { Number: not ApiError.ConsumerNotFound }) return (null, Cannot($"consumer {consumer} of stream {target.Stream}", error));
            }
            (StreamBacklog? content, error) = await StreamBacklog.CountAsync(session, stream, info, stop).ConfigureAwait(false);
            if (content is null) return (null, Cannot($"the messages of stream {target.Stream}", error!));
            contents.Add((consumer, content));
        }
        await Task.Delay(Settling, time, stop).ConfigureAwait(false);
        ClusterMembers after = await _members.AskAsync(stop).ConfigureAwait(false);
        return (new ClusterView
        {
            Server = $"{server}, NATS {session.Version}",
            Stream = stream,
            Members = after,
            Consumers = [.. contents.Select(one => ConsumerView.Of(one.Consumer, before.TotalsFor(one.Consumer), one.Content, after.TotalsFor(one.Consumer)))],
            At = time.GetUtcNow(),
        }, null);
    }

    private static string Cannot(string what, ApiError error) => error.IsDenied
        ? $"this user may not ask for {what}: {error}; docs/guide/scale-out.md lists the rights"
        : $"cannot ask for {what}: {error}";
}
