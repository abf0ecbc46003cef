using NUnit.Framework;

namespace Concentrator.Tests.Equipment;

/// <summary>The ledger's promise (ARCHITECTURE.md), checked from outside through the published metrics.</summary>
internal static class LedgerAssert
{
    private const string Received = "concentrator_received_messages_total";
    private const string Malformed = "concentrator_malformed_messages_total";
    private const string Routed = "concentrator_routed_messages_total";
    private const string Unrouted = "concentrator_unrouted_messages_total";
    private const string Accepted = "concentrator_output_accepted_messages_total";
    private const string Delivered = "concentrator_output_delivered_messages_total";
    private const string Queued = "concentrator_output_queued_messages";
    private const string Dropped = "concentrator_output_dropped_messages_total";

    /// <summary>So many messages have come and no more, every one of them well formed, and the ledger balances.</summary>
    public static void AllWellFormed(ServerProcess server, int count)
    {
        MetricsSnapshot metrics = server.WaitForMetrics(m => m.Sum(Received) >= count, $"{count} messages are counted");
        Assert.That(metrics.Sum(Received), Is.EqualTo(count));
        Assert.That(metrics.Sum(Malformed), Is.Zero);
        Balances(metrics);
    }

    /// <summary>
    /// Per output, accepted = delivered + queued + dropped over all reasons; per listener, received = routed + unrouted
    /// (over all listeners together when unrouted is published as one number).
    /// </summary>
    public static void Balances(MetricsSnapshot metrics)
    {
        using IDisposable scope = Assert.EnterMultipleScope();
        IReadOnlyList<string> outputs = metrics.Values(Accepted, "output");
        Assert.That(outputs, Is.Not.Empty, $"{Accepted} is published\n{metrics.Text}");
        foreach (string output in outputs)
        {
            (string, string) label = ("output", output);
            double delivered = metrics.Sum(Delivered, label);
            double queued = metrics.Sum(Queued, label);
            double dropped = metrics.Sum(Dropped, label);
            Assert.That(
                delivered + queued + dropped,
                Is.EqualTo(metrics.Sum(Accepted, label)),
                $"output {output}: delivered {delivered} + queued {queued} + dropped {dropped} = accepted");
        }

        IReadOnlyList<string> listeners = metrics.Values(Received, "listener");
        Assert.That(listeners, Is.Not.Empty, $"{Received} is published\n{metrics.Text}");
        if (metrics.Values(Unrouted, "listener").Count == 0)
        {
            Assert.That(
                metrics.Sum(Routed) + metrics.Sum(Unrouted),
                Is.EqualTo(metrics.Sum(Received)),
                "all listeners: routed + unrouted = received");
            return;
        }
        foreach (string listener in listeners)
        {
            (string, string) label = ("listener", listener);
            Assert.That(
                metrics.Sum(Routed, label) + metrics.Sum(Unrouted, label),
                Is.EqualTo(metrics.Sum(Received, label)),
                $"listener {listener}: routed + unrouted = received");
        }
    }
}
