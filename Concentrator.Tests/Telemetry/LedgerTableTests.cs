using Concentrator.Accounting;
using NUnit.Framework;

namespace Concentrator.Tests.Telemetry;

public sealed class LedgerTableTests
{
    [Test]
    public void The_ledger_is_two_aligned_tables()
    {
        Ledger ledger = new();
        ledger.Listener("haproxy").Add(new BatchTally { Messages = 1_234_567, Unrouted = 7, Malformed = 2, Truncated = 1 });
        ledger.Listener("udp").AddKernelDropped(12);
        ledger.Listener("udp").AddLostBefore(LostBefore.RingDropped, 353);
        OutputCounters file = ledger.Output("haproxy.log", isRelay: false, 1);
        OutputCounters relay = ledger.Output("sekoia", isRelay: true, 1);
        using (file.Gate.Enter())
        {
            file.AcceptUnsynchronized(5);
            file.DeliverUnsynchronized(1, 5);
        }

        using (relay.Gate.Enter())
        {
            for (int i = 0; i < 1500; i++) relay.AcceptUnsynchronized(1);
            relay.DropUnsynchronized(DropReason.QueueFullOldest, 1200, 1200);
            relay.DropUnsynchronized(DropReason.Shutdown, 3, 3);
        }

        Assert.That(LedgerTable.Lines(ledger), Is.EqualTo(new[]
        {
            "listener   received     routed  unrouted  malformed  truncated  kernel-dropped  lost-before  balance",
            "haproxy   1,234,567  1,234,560         7          2          1               0            0       ok",
            "udp               0          0         0          0          0              12          353       ok",
            "output       accepted  delivered  queued  dropped  balance  dropped because",
            "haproxy.log         1          1       0        0       ok",
            "sekoia          1,500          0     297    1,203       ok  queue_full_oldest 1,200, shutdown 3",
        }));
    }

    [Test]
    public void An_imbalance_is_shown()
    {
        OutputSnapshot output = new() { Name = "o", Accepted = 10, Delivered = 4, Queued = 3, Dropped = [1, .. new long[DropReasons.All.Length - 1]] };
        Assert.That(LedgerTable.Lines([], [output])[1], Does.Contain("off by 2"));
    }

    [Test]
    public void An_empty_ledger_has_no_lines() => Assert.That(LedgerTable.Lines(new Ledger()), Is.Empty);
}
