using System.Collections.Concurrent;
using System.Text;
using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Targets;

/// <summary>One message that its receiver does not want holds up no other; and a receiver that is not well refuses none.</summary>
[Parallelizable]
internal sealed class RefusalTests
{
    private const long Many = 300;

    [TestCase(0)]
    [TestCase(123)]
    [TestCase(298)]
    public async Task A_message_that_the_peer_resets_at_is_dropped_and_all_others_arrive(int which)
    {
        ConcurrentDictionary<string, int> received = new();
        using TlsIntake intake = new(certificate: null);
        intake.OnFrame = (_, frame) =>
        {
            string text = Encoding.ASCII.GetString(frame);
            if (text == $"message {which}") intake.ResetAll();
            received.AddOrUpdate(text, 1, static (_, count) => count + 1);
        };
        using TargetBench bench = TargetBench.Relay(Plain(intake.Port));
        for (int i = 0; i < Many; i++) bench.SendFrame($"message {i}");
        Eventually.Holds(
            () => bench.Log.Has("refuses a message of") && bench.Ledger.Queued == 0, "all but one are delivered", Deadline.Transfer,
            () => $"{bench.Ledger}\n{bench.Log}");

        // Had its TCP acknowledged the message, that is put right with the next one.
        bench.SendFrame("message behind");
        Eventually.Holds(() => received.ContainsKey("message behind") && bench.Ledger.Queued == 0, "that is delivered", detail: bench.Log.ToString);
        Assert.That((bench.Ledger.Delivered, bench.Ledger.Dropped[(int)DropReason.Refused], bench.Ledger.Balances), Is.EqualTo((Many, 1L, true)), bench.Log.ToString);
        Assert.That(Enumerable.Range(0, (int)Many).Where(i => i != which && !received.ContainsKey($"message {i}")), Is.Empty);
        Assert.That(received.Values.Max(), Is.LessThan(30));
        await bench.StopAsync();
        bench.Log.Dispose();
        Assert.That(bench.Log.Lines.Count(static l => l.Contains("refuses a message of", StringComparison.Ordinal)), Is.EqualTo(1), bench.Log.ToString());
    }

    [Test]
    public async Task A_message_that_is_refused_for_ever_is_dropped_and_all_others_arrive()
    {
        using RelpIntake intake = new() { Judge = static message => message == "seq=7 bad" ? "500 never" : null };
        using TargetBench bench = TargetBench.Relay(Plain(intake.Port) with { Protocol = RelayProtocol.Relp, ReplayTail = TimeSpan.Zero });
        for (int i = 0; i < 100; i++) bench.SendFrame(i == 7 ? "seq=7 bad" : $"seq={i}");
        Eventually.Holds(() => bench.Ledger is { Queued: 0 } ledger && ledger.Dropped[(int)DropReason.Refused] == 1, "all but one are delivered", Deadline.Transfer, () => $"{bench.Ledger}\n{bench.Log}");
        Assert.That((bench.Ledger.Delivered, bench.Ledger.Balances), Is.EqualTo((99L, true)));
        Assert.That(intake.Messages.Distinct().Count(), Is.EqualTo(99));
        Assert.That(intake.Messages.Take(7), Is.EqualTo(Enumerable.Range(0, 7).Select(static i => $"seq={i}")), "what was answered before it is not sent again");
        Assert.That(intake.Messages.Skip(7), Has.None.Matches<string>(static m => m is "seq=0" or "seq=6"));
        await bench.StopAsync();
    }

    /// <summary>It is well again while the search goes on, and while a witness is heard.</summary>
    [TestCase(12)]
    [TestCase(15)]
    public async Task A_peer_that_resets_whatever_it_gets_refuses_nothing(int connections)
    {
        using TlsIntake intake = new(certificate: null);
        intake.ResetAfter(frames: 1, connections);
        using TargetBench bench = TargetBench.Relay(Plain(intake.Port));
        for (int i = 0; i < Many; i++) bench.SendFrame($"seq={i:D7}");
        Eventually.Holds(() => bench.Ledger.Delivered == Many, "all delivered", Deadline.Transfer, () => $"{bench.Ledger}\n{bench.Log}");
        Assert.That((bench.Ledger.DroppedTotal, bench.Ledger.Balances), Is.EqualTo((0L, true)), bench.Log.ToString());
        intake.Sequence.AssertNothingMissing((int)Many);
        await bench.StopAsync();
    }

    [Test]
    public async Task A_message_with_none_behind_it_waits_for_one_before_it_is_judged()
    {
        using RelpIntake intake = new() { Judge = static message => message == "bad" ? "500 never" : null };
        using TargetBench bench = TargetBench.Relay(Plain(intake.Port) with { Protocol = RelayProtocol.Relp, ReplayTail = TimeSpan.Zero });
        bench.SendFrame("bad");
        Eventually.Holds(() => intake.Connections >= 5, "it is tried several times", Deadline.Transfer, bench.Log.ToString);
        Assert.That((bench.Ledger.Queued, bench.Ledger.DroppedTotal), Is.EqualTo((1L, 0L)));
        bench.SendFrame("good");
        Eventually.Holds(() => bench.Ledger is { Queued: 0 }, "it is judged", Deadline.Transfer, () => $"{bench.Ledger}\n{bench.Log}");
        Assert.That((bench.Ledger.Delivered, bench.Ledger.Dropped[(int)DropReason.Refused]), Is.EqualTo((1L, 1L)));
        Assert.That(intake.Messages.Distinct(), Is.EqualTo(new[] { "good" }));
        await bench.StopAsync();
    }

    private static RelayOutputOptions Plain(int port) => new()
    {
        Name = "relay",
        Endpoints = new RelayEndpoints([new RelayEndpoint("localhost", port)]),
    };
}
