using System.Text;
using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Targets.Relays;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Targets;

[TestFixture]
internal sealed class RelayTargetTests
{
    private static readonly RelayDeadlines Short = new()
    {
        Resolve = TimeSpan.FromSeconds(2),
        Connect = TimeSpan.FromSeconds(2),
        Handshake = TimeSpan.FromSeconds(0.3),
        Write = TimeSpan.FromSeconds(0.5),
        Acknowledge = TimeSpan.FromSeconds(0.5),
        Return = TimeSpan.FromSeconds(0.2),
    };

    private TempDirectory _directory = null!;

    [SetUp]
    public void MakeDirectory() => _directory = new TempDirectory();

    [TearDown]
    public void RemoveDirectory() => _directory.Dispose();

    [Test]
    public async Task Frames_arrive_byte_for_byte_and_in_order_and_are_settled_when_acknowledged()
    {
        using TlsIntake intake = new(TestCertificates.Server);
        using TargetBench bench = TargetBench.Relay(Tls(intake.Port));
        for (int i = 0; i < 5000; i++) bench.SendFrame($"frame {i}");
        bench.WaitForDelivered(5000);
        Assert.That(Texts(intake.WaitForFrames(5000)), Is.EqualTo(Enumerable.Range(0, 5000).Select(static i => $"frame {i}")));
        await bench.StopAsync();
        Assert.That((bench.Ledger.Balances, bench.Ledger.Queued, intake.FramingErrors), Is.EqualTo((true, 0L, 0)));
    }

    [Test]
    public async Task Plain_TCP_carries_the_same_frames()
    {
        using TlsIntake intake = new(certificate: null);
        using TargetBench bench = TargetBench.Relay(Tls(intake.Port) with { Tls = null });
        bench.SendFrame("plain");
        bench.WaitForDelivered(1);
        Assert.That(Texts(intake.WaitForFrames(1)), Is.EqualTo(new[] { "plain" }));
        await bench.StopAsync();
    }

    [Test]
    public async Task Nothing_is_lost_while_the_peer_is_away_and_the_order_is_kept()
    {
        using TlsIntake intake = new(TestCertificates.Server);
        intake.Refuse();
        using TargetBench bench = TargetBench.Relay(Tls(intake.Port));
        for (int i = 0; i < 1000; i++) bench.SendFrame($"frame {i}");
        Eventually.Holds(() => bench.Log.Has("Connection refused"), "the refusal is said");
        Assert.That((bench.Ledger.Queued, bench.Ledger.Connected), Is.EqualTo((1000L, false)));
        intake.Listen();
        bench.WaitForDelivered(1000);
        Assert.That(Texts(intake.WaitForFrames(1000)), Is.EqualTo(Enumerable.Range(0, 1000).Select(static i => $"frame {i}")));
        await bench.StopAsync();
    }

    [Test]
    public async Task An_orderly_close_by_the_peer_between_messages_costs_nothing()
    {
        using TlsIntake intake = new(TestCertificates.Server);
        using TargetBench bench = TargetBench.Relay(Tls(intake.Port));
        for (int round = 0; round < 5; round++)
        {
            for (int i = 0; i < 100; i++) bench.SendFrame($"frame {round} {i}");
            bench.WaitForDelivered((round + 1) * 100);
            intake.WaitForFrames((round + 1) * 100);
            int connections = intake.Connections;

            // Longer than anything is on its way.
            await Task.Delay(300);
            intake.CloseAll();
            Eventually.Holds(() => intake.Connections > connections, "the relay comes back", detail: bench.Log.ToString);
        }
        await bench.StopAsync();
        Assert.That(Texts(intake.Frames()), Has.Count.EqualTo(500).And.Unique);
        Assert.That(bench.Ledger.Reconnects, Is.GreaterThanOrEqualTo(5));
    }

    [Test]
    public async Task What_was_not_acknowledged_is_sent_again_after_a_stalled_peer_was_given_up()
    {
        using TlsIntake intake = new(TestCertificates.Server, receiveBuffer: 4096);
        intake.Stall();
        using TargetBench bench = TargetBench.Relay(Tls(intake.Port), Short);
        for (int i = 0; i < 40_000; i++) bench.SendFrame($"frame {i} {new string('x', 300)}");
        Eventually.Holds(() => bench.Ledger.Reconnects > 0, "the stalled peer is given up", TimeSpan.FromSeconds(20), bench.Log.ToString);
        Assert.That(bench.Ledger.Delivered, Is.LessThan(40_000));
        intake.ResetAll();
        intake.Resume();
        Eventually.Holds(() => bench.Ledger.Delivered == 40_000, "all delivered", Deadline.Transfer, bench.Log.ToString);
        HashSet<string> seen = [.. Texts(intake.Frames()).Select(static t => t.Split(' ')[1])];
        await bench.StopAsync();
        Assert.That(bench.Ledger.Balances);
        Assert.That(seen, Has.Count.GreaterThan(39_000), "only what the first connection's kernel had acknowledged may be missing");
    }

    [Test]
    public async Task A_slow_peer_that_acknowledges_all_the_time_is_not_given_up_while_a_backlog_lasts()
    {
        using TlsIntake intake = new(TestCertificates.Server, receiveBuffer: 4096) { OnFrame = static (_, _) => Thread.Sleep(3) };
        using TargetBench bench = TargetBench.Relay(Tls(intake.Port), Short with { Write = TimeSpan.FromSeconds(10) });

        // More than its kernel and ours hold together.
        for (int i = 0; i < 1_700; i++) bench.SendFrame($"frame {i} {new string('x', 3_000)}");
        Eventually.Holds(() => bench.Ledger.Delivered == 1_700, "all delivered", Deadline.Transfer, bench.Log.ToString);
        Assert.That(bench.Ledger.Reconnects, Is.Zero, bench.Log.ToString);
        await bench.StopAsync();
    }

    [Test]
    public async Task A_peer_that_acknowledges_nothing_for_thirty_seconds_is_a_dead_one()
    {
        using TlsIntake intake = new(certificate: null, receiveBuffer: 4096);
        intake.Stall();
        ManualTimeProvider time = new();
        using TargetBench bench = TargetBench.Relay(Tls(intake.Port) with { Tls = null }, time: time);

        // More than the intake and its buffer take, and less than our own buffer holds: written, and not acknowledged.
        for (int i = 0; i < 1000; i++) bench.SendFrame($"seq={i:D7} {new string('x', 400)}");
        Eventually.Holds(() => bench.Ledger.Connected, "connected", detail: bench.Log.ToString);
        time.Advance(TimeSpan.FromSeconds(29));
        Thread.Sleep(200);
        Assert.That(bench.Ledger.Reconnects, Is.Zero, "half a minute is not over");
        Eventually.Holds(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(0.5));
                return bench.Log.Has("has acknowledged nothing for 30 s");
            },
            "the peer is given up", detail: bench.Log.ToString);
        Assert.That(bench.Ledger.Delivered, Is.LessThan(1000));
        intake.Resume();
        Eventually.Holds(() => intake.Sequence.Distinct == 1000, "everything arrives on the next connection", detail: bench.Log.ToString);
        bench.WaitForDelivered(1000);
        intake.Sequence.AssertNothingMissing(1000);
        TestContext.Out.WriteLine($"{intake.Sequence}; {bench.Ledger}");
        await bench.StopAsync();
    }

    [Test]
    public async Task Resets_with_unread_data_under_load_lose_nothing()
    {
        using TlsIntake intake = new(TestCertificates.Server, keepFrames: false);
        using TargetBench bench = TargetBench.Relay(Tls(intake.Port));
        await SendWhileAsync(bench, 40_000, round => ResetOverUnreadData(intake, bench, round));
        intake.Sequence.AssertNothingMissing(40_000);
        await bench.StopAsync();
        Assert.That((bench.Ledger.Accepted, bench.Ledger.Delivered, bench.Ledger.Balances), Is.EqualTo((40_000L, 40_000L, true)));
        TestContext.Out.WriteLine($"duplicates: {intake.Sequence.Duplicates}; {bench.Ledger}");
    }

    [Test]
    public async Task Without_a_replay_tail_the_same_resets_lose_what_was_not_read()
    {
        using TlsIntake intake = new(TestCertificates.Server, keepFrames: false);
        using TargetBench bench = TargetBench.Relay(Tls(intake.Port) with { ReplayTail = TimeSpan.Zero });
        await SendWhileAsync(bench, 40_000, round => ResetOverUnreadData(intake, bench, round));
        await bench.StopAsync();
        Assert.That(intake.Sequence.Missing(40_000), Is.Not.Empty, "else the test above proves nothing");
    }

    [Test]
    public async Task Orderly_closes_between_messages_lose_nothing_and_send_nothing_twice()
    {
        using TlsIntake intake = new(TestCertificates.Server, keepFrames: false);
        using TargetBench bench = TargetBench.Relay(Tls(intake.Port));
        for (int round = 0; round < 10; round++)
        {
            for (int i = 0; i < 500; i++) bench.SendFrame($"seq={round * 500 + i:D7}");
            bench.WaitForDelivered((round + 1) * 500);
            Eventually.Holds(() => intake.FrameCount >= (round + 1) * 500, "all read");
            int connections = intake.Connections;

            // Longer than anything is on its way.
            await Task.Delay(300);
            intake.CloseAll();
            Eventually.Holds(() => intake.Connections > connections, "the relay comes back", detail: bench.Log.ToString);
        }
        await bench.StopAsync();
        intake.Sequence.AssertComplete(5_000);
    }

    [TestCase(nameof(TestCertificates.WrongName), "it is not valid for 'localhost'")]
    [TestCase(nameof(TestCertificates.Expired), "it has expired or is not yet valid")]
    [TestCase(nameof(TestCertificates.UnknownAuthority), "its issuer is not trusted")]
    public async Task A_certificate_that_fails_is_explained_nothing_is_sent_and_it_is_tried_again(string which, string wrong)
    {
        IssuedCertificate bad = which switch
        {
            nameof(TestCertificates.WrongName) => TestCertificates.WrongName,
            nameof(TestCertificates.Expired) => TestCertificates.Expired,
            _ => TestCertificates.UnknownAuthority,
        };
        using TlsIntake intake = new(bad);
        using TargetBench bench = TargetBench.Relay(Tls(intake.Port));
        bench.SendFrame("secret");
        Eventually.Holds(() => bench.Log.Has("rejected"), "the certificate is rejected", detail: bench.Log.ToString);
        string line = bench.Log.Lines.First(static l => l.Contains("rejected", StringComparison.Ordinal));
        Assert.Multiple(() =>
        {
            Assert.That(line, Does.Contain(wrong));
            Assert.That(line, Does.Contain(bad.Certificate.Subject), "what was presented");
            Assert.That(line, Does.Contain("expected a valid certificate for 'localhost'"), "what was expected");
            Assert.That(intake.FrameCount, Is.Zero);
            Assert.That(bench.Ledger.Queued, Is.EqualTo(1));
        });
        intake.Certificate = TestCertificates.Server;
        bench.WaitForDelivered(1);
        await bench.StopAsync();
    }

    [Test]
    public async Task Switching_verification_off_is_said_at_every_connect()
    {
        using TlsIntake intake = new(TestCertificates.UnknownAuthority);
        using TargetBench bench = TargetBench.Relay(Tls(intake.Port) with { Tls = new RelayTlsOptions { Insecure = true } });
        bench.SendFrame("a");
        bench.WaitForDelivered(1);
        intake.CloseAll();
        Eventually.Holds(() => intake.Connections >= 2, "the relay comes back");
        bench.SendFrame("b");
        bench.WaitForDelivered(2);
        await bench.StopAsync();
        bench.Log.Dispose();
        Assert.That(bench.Log.Lines.Count(static l => l.Contains("INSECURE", StringComparison.Ordinal)), Is.GreaterThanOrEqualTo(2), bench.Log.ToString());
    }

    [Test]
    public async Task The_server_name_asked_for_is_the_endpoints_or_the_one_configured()
    {
        using TlsIntake intake = new(TestCertificates.Server);
        using (TargetBench bench = TargetBench.Relay(Tls(intake.Port)))
        {
            bench.SendFrame("a");
            bench.WaitForDelivered(1);
            await bench.StopAsync();
        }
        Assert.That(intake.LastServerName, Is.EqualTo("localhost"));

        IssuedCertificate named = TestCertificates.Authority.IssueServer(["intake.example.test"]);
        intake.Certificate = named;
        RelayOutputOptions options = Tls(intake.Port);
        using TargetBench other = TargetBench.Relay(options with { Tls = options.Tls! with { ServerName = "intake.example.test" } });
        other.SendFrame("b");
        other.WaitForDelivered(1);
        await other.StopAsync();
        Assert.That(intake.LastServerName, Is.EqualTo("intake.example.test"));
    }

    [Test]
    public async Task A_client_certificate_is_presented_to_a_peer_that_asks()
    {
        using TlsIntake intake = new(TestCertificates.Server) { RequireClientFrom = TestCertificates.Authority };
        (string certificate, string key) = TestCertificates.Client.WritePem(_directory.Path, "client");
        RelayOutputOptions options = Tls(intake.Port);
        using TargetBench bench = TargetBench.Relay(options with { Tls = options.Tls! with { CertificateFile = certificate, KeyFile = key } });
        bench.SendFrame("a");
        bench.WaitForDelivered(1);
        await bench.StopAsync();
        Assert.That(intake.LastClient, Is.EqualTo(TestCertificates.Client.Certificate.Subject));
    }

    [Test]
    public async Task A_handshake_that_hangs_is_cut_at_its_deadline_and_tried_again()
    {
        using TlsIntake intake = new(TestCertificates.Server) { IgnoreHandshake = true };
        using TargetBench bench = TargetBench.Relay(Tls(intake.Port), Short);
        bench.SendFrame("a");
        Eventually.Holds(() => bench.Log.Has("no answer within 0.3 s"), "the deadline is said", detail: bench.Log.ToString);
        intake.IgnoreHandshake = false;
        bench.WaitForDelivered(1);
        await bench.StopAsync();
    }

    [Test]
    public async Task The_next_endpoint_is_used_while_the_first_is_away_and_the_first_when_it_is_back()
    {
        using TlsIntake first = new(TestCertificates.Server);
        using TlsIntake second = new(TestCertificates.Server);
        first.Refuse();
        RelayOutputOptions options = Tls(first.Port);
        using TargetBench bench = TargetBench.Relay(
            options with { Endpoints = new RelayEndpoints([new("localhost", first.Port), new("localhost", second.Port)]) }, Short);
        bench.SendFrame("a");
        bench.WaitForDelivered(1);
        Assert.That(Texts(second.WaitForFrames(1)), Is.EqualTo(new[] { "a" }));
        Assert.That(bench.Log.Has("Connection refused"), "why the first is not used is said");
        first.Listen();
        Eventually.Holds(() => bench.Log.Has("returned to the first endpoint"), "the first is returned to", detail: bench.Log.ToString);
        bench.SendFrame("b");
        bench.WaitForDelivered(2);
        Assert.That(Texts(first.WaitForFrames(1)), Is.EqualTo(new[] { "b" }));
        await bench.StopAsync();
    }

    [Test]
    public async Task A_stop_with_a_dead_peer_ends_in_time_and_counts_what_is_lost()
    {
        using TlsIntake intake = new(TestCertificates.Server);
        intake.Refuse();
        using TargetBench bench = TargetBench.Relay(Tls(intake.Port));
        for (int i = 0; i < 10; i++) bench.SendFrame("lost");
        await bench.StopAsync(seconds: 0.5).WaitAsync(Deadline.Reaction);
        Assert.That(bench.Ledger.Dropped[(int)DropReason.Shutdown], Is.EqualTo(10));
        Assert.That(bench.Ledger.Balances);
    }

    [Test]
    public async Task A_stop_makes_one_more_attempt_at_once_for_what_is_queued()
    {
        using TlsIntake intake = new(TestCertificates.Server);
        intake.Refuse();
        using TargetBench bench = TargetBench.Relay(Tls(intake.Port));
        bench.SendFrame("kept");
        Eventually.Holds(() => bench.Log.Has("cannot connect"), "refused");
        intake.Listen();
        await bench.StopAsync().WaitAsync(Deadline.Reaction);
        Assert.That(bench.Ledger.Delivered, Is.EqualTo(1));
    }

    [Test]
    public async Task Detaching_leaves_what_is_unacknowledged_in_the_spool()
    {
        using TlsIntake intake = new(TestCertificates.Server);
        intake.Refuse();
        using TargetBench bench = TargetBench.Relay(Tls(intake.Port));
        bench.SendFrame("kept");
        await bench.DetachAsync().WaitAsync(Deadline.Reaction);
        Assert.That(Encoding.ASCII.GetString(bench.Spool.TryTake()!.Bytes.Span), Is.EqualTo("4 kept"));
    }

    [Test]
    public async Task A_peer_that_talks_is_listened_to_and_ignored()
    {
        using OpenSslServer peer = new(TestCertificates.Server);
        using TargetBench bench = TargetBench.Relay(Tls(peer.Port));
        bench.SendFrame("to openssl");
        bench.WaitForDelivered(1);
        Assert.That(Encoding.ASCII.GetString(peer.WaitForFrames(1)[0]), Is.EqualTo("to openssl"));
        await bench.StopAsync();
    }

    /// <summary>Stalled, the intake's kernel acknowledges what its program never reads; the reset then throws it away.</summary>
    private static void ResetOverUnreadData(TlsIntake intake, TargetBench bench, int round)
    {
        intake.Stall();
        Thread.Sleep(30);
        intake.ResetAll();
        intake.Resume();
        int connections = intake.Connections;
        Eventually.Holds(() => intake.Connections > connections, $"the relay comes back after reset {round}", detail: bench.Log.ToString);
    }

    /// <summary>Sends numbered frames at some 10,000 a second while <paramref name="fault"/> is done again and again.</summary>
    private static async Task SendWhileAsync(TargetBench bench, int count, Action<int> fault)
    {
        Task sending = Task.Run(() =>
        {
            for (int i = 0; i < count; i++)
            {
                bench.SendFrame($"seq={i:D7} {new string('x', 200)}");
                if (i % 20 == 0) Thread.Sleep(2);
            }
        });
        for (int round = 1; !sending.IsCompleted; round++) fault(round);
        await sending;
        Eventually.Holds(() => bench.Ledger.Delivered == count, "all delivered", Deadline.Transfer, () => $"{bench.Ledger}\n{bench.Log}");
    }

    private RelayOutputOptions Tls(int port) => new()
    {
        Name = "relay",
        Endpoints = new RelayEndpoints([new RelayEndpoint("localhost", port)]),
        Tls = new RelayTlsOptions { CaFile = TestCertificates.Authority.WritePem(_directory.Path, "ca.pem") },
    };

    private static List<string> Texts(IEnumerable<ReceivedFrame> frames) => [.. frames.Select(static f => Encoding.ASCII.GetString(f.Bytes))];
}
