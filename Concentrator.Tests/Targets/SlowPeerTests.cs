using System.Collections.Concurrent;
using System.Globalization;
using System.Text.RegularExpressions;
using Concentrator.Configuration.Options;
using Concentrator.Targets.Relays;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Targets;

/// <summary>A peer may take longer for a block than for its acknowledgements: it is waited for, and gets nothing twice.</summary>
internal sealed partial class SlowPeerTests
{
    private static readonly RelayDeadlines Short = new() { Write = TimeSpan.FromSeconds(0.5), Acknowledge = TimeSpan.FromSeconds(0.5) };

    [Test]
    public async Task A_receiver_that_answers_slowly_gets_everything_once()
    {
        // Answers go out after each read of 16 KB: five messages, every 0.2 s. A block takes a second.
        using RelpIntake intake = new() { Judge = Slowly(40) };
        using TargetBench bench = TargetBench.Relay(Relp(intake.Port), Short);
        for (int i = 0; i < 60; i++) bench.SendFrame($"seq={i:D7} {new string('x', 3000)}");
        HashSet<long> seen = [];
        Eventually.Holds(() => seen.Add(bench.Ledger.Delivered) && bench.Ledger.Delivered == 60 || bench.Ledger.Delivered == 60, "all delivered", Deadline.Transfer, bench.Log.ToString);
        Assert.That((bench.Ledger.Reconnects, bench.Ledger.Balances), Is.EqualTo((0L, true)), bench.Log.ToString());
        Assert.That(seen, Has.Count.GreaterThan(5), "delivered moves by less than a block");
        await bench.StopAsync();
        intake.Sequence.AssertComplete(60);
    }

    [Test]
    public async Task What_a_receiver_has_answered_of_a_block_is_not_sent_again_after_a_reset()
    {
        long answered = 0;
        ConcurrentQueue<string> again = [];
        using RelpIntake intake = new()
        {
            Judge = message =>
            {
                string number = Number().Match(message).Groups[1].Value;
                if (long.Parse(number, CultureInfo.InvariantCulture) < Volatile.Read(ref answered)) again.Enqueue(number);
                return Slowly(40)(message);
            },
        };
        using TargetBench bench = TargetBench.Relay(Relp(intake.Port), Short);
        for (int i = 0; i < 60; i++) bench.SendFrame($"seq={i:D7} {new string('x', 3000)}");
        for (int round = 1; round <= 4; round++)
        {
            long before = bench.Ledger.Delivered;
            Eventually.Holds(() => bench.Ledger.Delivered > before, "some are delivered", detail: bench.Log.ToString);
            Volatile.Write(ref answered, bench.Ledger.Delivered);
            intake.ResetAll();
        }
        bench.WaitForDelivered(60);
        await bench.StopAsync();
        intake.Sequence.AssertNothingMissing(60);
        Assert.That(again, Is.Empty, "counted as delivered before a reset");
        Assert.That(bench.Ledger.Balances);
    }

    [Test]
    public async Task A_peer_that_reads_slowly_is_not_given_up_while_it_is_written_to([Values] bool overTls)
    {
        using TlsIntake intake = new(overTls ? TestCertificates.Server : null, receiveBuffer: 4096) { OnFrame = static (_, _) => Thread.Sleep(12) };
        using TempDirectory directory = new();
        RelayOutputOptions options = new()
        {
            Name = "relay",
            Endpoints = new RelayEndpoints([new RelayEndpoint("localhost", intake.Port)]),
            Tls = overTls ? new RelayTlsOptions { CaFile = TestCertificates.Authority.WritePem(directory.Path, "ca.pem") } : null,
        };

        // 250 KB a second: a write that finds our kernel's buffer full waits until a third of it is free, for seconds.
        using TargetBench bench = TargetBench.Relay(options, Short);
        for (int i = 0; i < 1_300; i++) bench.SendFrame($"seq={i:D7} {new string('x', 3_000)}");
        Eventually.Holds(() => bench.Ledger.Delivered == 1_300, "all delivered", Deadline.Transfer, bench.Log.ToString);
        Assert.That(bench.Ledger.Reconnects, Is.Zero, bench.Log.ToString);
        await bench.StopAsync();
        intake.Sequence.AssertComplete(1_300);
    }

    private static Func<string, string?> Slowly(int milliseconds) => _ =>
    {
        Thread.Sleep(milliseconds);
        return null;
    };

    private static RelayOutputOptions Relp(int port) => new()
    {
        Name = "relay",
        Protocol = RelayProtocol.Relp,
        Endpoints = new RelayEndpoints([new RelayEndpoint("localhost", port)]),
        ReplayTail = TimeSpan.Zero,
    };

    [GeneratedRegex(@"seq=(\d+)")]
    private static partial Regex Number();
}
