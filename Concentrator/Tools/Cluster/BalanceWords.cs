using Concentrator.Tools.Status;

namespace Concentrator.Tools.Cluster;

/// <summary>The verdict in words: balanced, or by how much not and what can be the reason.</summary>
internal static class BalanceWords
{
    public static IReadOnlyList<string> Of(ClusterView view, ConsumerView consumer)
    {
        ClusterBalance balance = consumer.Balance;
        string moved = balance.Moved > 0 ? $", but for {StatusValues.Number(balance.Moved)} messages that moved while it was asked" : "";
        if (balance.IsBalanced) return [consumer.IsCounted ? $"BALANCED{moved}" : "BALANCED as far as the records say: the messages in the stream were not counted"];
        return balance.Missing > 0
            ? [$"NOT BALANCED: {StatusValues.Number(balance.Missing)} messages are missing{moved}", .. Silent(view), .. Missing(view)]
            : [$"NOT BALANCED: {StatusValues.Number(balance.Surplus)} messages too many{moved}", .. Silent(view), .. Surplus(view, consumer)];
    }

    private static IEnumerable<string> Silent(ClusterView view)
    {
        int silent = view.Members.All.Count(static member => member is { IsFresh: false, Record.IsStopped: false });
        if (silent > 0)
            yield return $"- {silent} of the members do not answer: what they did after their last record, at most some 10 s, is not in these figures";
        if (view.Members.Problems.Count > 0) yield return "- not all records could be read, see above";
    }

    private static IEnumerable<string> Missing(ClusterView view)
    {
        if (view.Stream.DiscardsOld && (view.Stream.MaxBytes > 0 || view.Stream.MaxMessages)) yield return "- the stream deletes its oldest messages where it is full (discard old)";
        if (view.Stream.MaxAge > TimeSpan.Zero) yield return $"- the stream deletes what is older than {view.Stream.MaxAge:c} (max-age)";
        yield return "- messages were deleted from the stream (purge), or from a spool, or fetched by a consumer that is no relay";
    }

    private static IEnumerable<string> Surplus(ClusterView view, ConsumerView consumer)
    {
        long again = view.Members.RelaysOf(consumer.Consumer).Sum(static member => member.Record.Relay!.Redelivered);
        if (again > 0)
            yield return $"- {StatusValues.Number(again)} messages were given out again, after a relay or a session ended: those of them that had been counted are counted twice";
        yield return "- blocks were stored twice, because they were sent again after the stream's duplicate window";
        yield return "- messages were in the stream before its edges began to count, or came from something else than an edge";
    }
}
