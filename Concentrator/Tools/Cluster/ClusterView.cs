using Concentrator.JetStream;

namespace Concentrator.Tools.Cluster;

/// <summary>Everything that was found out about a cluster.</summary>
internal sealed record ClusterView
{
    /// <summary>The server that was asked, and its version.</summary>
    public required string Server { get; init; }

    public required StreamInfo Stream { get; init; }

    public required ClusterMembers Members { get; init; }

    /// <summary>One for each consumer; one without a name where nobody fetches.</summary>
    public required IReadOnlyList<ConsumerView> Consumers { get; init; }

    /// <summary>When the last figures were read.</summary>
    public required DateTimeOffset At { get; init; }

    public bool IsBalanced => Consumers.All(static consumer => consumer.Balance.IsBalanced);
}

/// <summary>The balance of what one consumer gets.</summary>
/// <param name="Consumer">Its name; null = there is none.</param>
/// <param name="Content">What is in the stream for it.</param>
/// <param name="InStream">Syslog messages in it: counted, or computed from the members' records.</param>
/// <param name="IsCounted">Whether they were counted.</param>
/// <param name="Balance">Of all of it.</param>
/// <param name="Totals">The sums at the end.</param>
internal sealed record ConsumerView(string? Consumer, StreamBacklog Content, long InStream, bool IsCounted, ClusterBalance Balance, ClusterTotals Totals)
{
    /// <param name="before">Read before the stream.</param>
    /// <param name="content">The stream.</param>
    /// <param name="after">Read after the stream.</param>
    public static ConsumerView Of(string? consumer, ClusterTotals before, StreamBacklog content, ClusterTotals after)
    {
        if (content.Messages is { } counted) return new ConsumerView(consumer, content, counted, IsCounted: true, ClusterBalance.Of(before, counted, after), after);

        // Computed, so that it balances; but each block holds a message at least, and none can hold less than nothing.
        long computed = Math.Max(content.Blocks, after.HandedOver - after.Settled);
        return new ConsumerView(consumer, content, computed, IsCounted: false, ClusterBalance.Of(before, computed, after), after);
    }
}
