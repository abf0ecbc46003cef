using System.Diagnostics;
using System.Globalization;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.JetStream;

/// <summary>
/// Several relays at one consumer. Each relay has a receiver of its own that takes a fixed rate, far below what this machine can do, so that
/// the ratio of two runs is the relays' and not the machine's.
/// </summary>
internal sealed class NatsScaleTests : NatsListenerBase
{
    private const int Messages = 90_000;

    /// <summary>What a receiver reads, in messages of <see cref="NumberedMessage.HttpLog"/> with their octet counts.</summary>
    private const int PerSecond = 1_500;

    /// <summary>Small, because what the receiver's kernel holds counts as delivered.</summary>
    private const int ReceiveBuffer = 16 * 1024;

    [Test]
    [Category("Soak")]
    [Explicit("two minutes")]
    public void Three_relays_deliver_a_filled_stream_at_2_7_times_the_rate_of_one()
    {
        double one = Deliver(relays: 1, []), three = Deliver(relays: 3, []);
        TestContext.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"three relays: ×{three / one:F2}"));
        Assert.That(three, Is.GreaterThanOrEqualTo(2.7 * one));
    }

    [Test]
    [Category("Soak")]
    [Explicit("a minute")]
    public void Relays_that_come_later_take_their_share_of_what_waits()
    {
        // One alone for 10 s, then three: 15,000 and what is left by three make the least that is possible.
        TimeSpan later = TimeSpan.FromSeconds(10);
        double seconds = Messages / Deliver(relays: 3, [TimeSpan.Zero, later, later]);
        double least = later.TotalSeconds + ((Messages - (later.TotalSeconds * PerSecond)) / (3 * PerSecond));
        Assert.That(seconds, Is.LessThan(least / 0.9));
    }

    /// <summary>Fills the stream and then starts relays; returns messages a second from the first that arrives to the last.</summary>
    /// <param name="after">When each relay is started, after the first; empty = together.</param>
    private double Deliver(int relays, TimeSpan[] after)
    {
        using NatsServer nats = new NatsServer(NewDirectory()).Start();
        ServerProcess edge = StartEdge([nats.Address], directory: NewDirectory());
        Send(0, Messages);
        WaitForDelivered(edge, Messages);
        edge.Stop();
        SequenceLedger all = new();
        long began = 0, ended = 0;
        TlsIntake[] sinks = [.. Enumerable.Range(0, relays).Select(_ => Own(new TlsIntake(null, keepFrames: false, ReceiveBuffer)
        {
            BytesPerSecond = PerSecond * (NumberedMessage.HttpLog.Length + 4),
            OnFrame = (_, frame) =>
            {
                Interlocked.CompareExchange(ref began, Stopwatch.GetTimestamp(), 0);
                Volatile.Write(ref ended, Stopwatch.GetTimestamp());
                all.Record(frame);
            },
        }))];
        long started = Stopwatch.GetTimestamp();
        List<ServerProcess> servers = [];
        for (int i = 0; i < relays; i++)
        {
            if (i < after.Length && after[i] - Stopwatch.GetElapsedTime(started) is { Ticks: > 0 } pause) Thread.Sleep(pause);
            servers.Add(StartRelay(nats.Address, sinks[i].Port, NewDirectory(), wait: false));
        }
        all.AssertNothingMissing(Messages, TimeSpan.FromMinutes(3));
        WaitUntilEmpty(nats);
        double rate = Messages / Stopwatch.GetElapsedTime(began, ended).TotalSeconds;
        TestContext.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{relays} relays: {rate:N0} messages/s; {all}; by relay: {string.Join(' ', sinks.Select(static sink => sink.FrameCount))}"));
        foreach (ServerProcess server in servers) server.Stop();
        return rate;
    }
}
