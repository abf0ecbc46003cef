using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Faults;

/// <summary>The intake is away, or worse, looks as if it were there.</summary>
[Parallelizable]
internal sealed class OutageTests : FaultTests
{
    private static readonly string[] Senders = ["from=a", "from=b"];

    [TestCase(5)]
    [TestCase(60, Category = Soak, Explicit = true, Reason = FullSize)]
    public void An_outage_is_caught_up_with_nothing_missing_and_each_senders_order_kept(int seconds)
    {
        using TlsIntake intake = NewIntake(keepFrames: false);
        SequenceLedger[] received = [new(), new()];
        intake.OnFrame = (_, frame) => received[frame.IndexOf("from=a"u8) >= 0 ? 0 : 1].Record(frame);
        ServerProcess server = StartRelay(Relay(intake, Directory));
        SteadyLoad[] loads = [.. Senders.Select(sender => StartLoad(
            new NumberedMessage($"<134>1 2026-11-22T06:13:25.123456+00:00 edge haproxy 32177 - - {sender} {new string('x', 180)} seq=#######"), Rate / 2))];
        Thread.Sleep(TimeSpan.FromSeconds(1));
        intake.Refuse();
        Thread.Sleep(TimeSpan.FromSeconds(seconds));
        intake.Listen();
        Thread.Sleep(TimeSpan.FromSeconds(1));
        int[] sent = [.. loads.Select(static load => load.Stop())];
        WaitForDelivered(server, sent.Sum());
        for (int i = 0; i < Senders.Length; i++)
        {
            received[i].AssertNothingMissing(sent[i]);
            PrintLedger(sent[i], received[i], $"{Senders[i]} ");
            Assert.That(received[i].OutOfOrder, Is.Zero);
        }
        PrintEnds(server);
    }

    [Test]
    public void A_peer_that_acknowledges_nothing_for_ten_seconds_and_dies_costs_nothing() =>
        FreezeUnderLoad(TimeSpan.FromSeconds(10), static intake => intake.ResetAll());

    [Test, Category(Soak), Explicit(FullSize)]
    public void A_peer_that_vanishes_without_a_word_is_given_up_and_costs_nothing() => FreezeUnderLoad(TimeSpan.Zero, static _ => { });

    private void FreezeUnderLoad(TimeSpan time, Action<TlsIntake> afterwards)
    {
        using TlsIntake intake = NewIntake(keepFrames: false);
        ServerProcess server = StartRelay(Relay(intake, Directory));
        SteadyLoad load = StartLoad();
        Thread.Sleep(TimeSpan.FromSeconds(1));
        Eventually.Holds(() => intake.FrameCount > 0, "messages arrive");
        intake.FreezeAll();
        Thread.Sleep(TimeSpan.FromSeconds(0.2));
        int before = intake.FrameCount;
        Thread.Sleep(time);
        Assert.That(intake.FrameCount, Is.EqualTo(before), "else the peer was not frozen");
        afterwards(intake);
        Eventually.Holds(() => intake.FrameCount > before, "the relay has a new connection", TimeSpan.FromSeconds(50), server.Describe);
        int sent = load.Stop();
        WaitForDelivered(server, sent);
        intake.Sequence.AssertNothingMissing(sent);
        PrintLedger(sent, intake.Sequence);
        PrintEnds(server);
    }
}
