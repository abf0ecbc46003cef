using System.Text;
using Concentrator.Configuration.Options;
using Concentrator.Targets.Relays;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Targets;

/// <summary>The relay's loop against a RELP receiver that can misbehave.</summary>
[Parallelizable]
internal sealed class RelpTargetTests
{
    private static readonly RelayDeadlines Short = new()
    {
        Handshake = TimeSpan.FromSeconds(0.3),
        Acknowledge = TimeSpan.FromSeconds(0.5),
        Return = TimeSpan.FromSeconds(0.2),
    };

    private TempDirectory _directory = null!;

    [SetUp]
    public void MakeDirectory() => _directory = new TempDirectory();

    [TearDown]
    public void RemoveDirectory() => _directory.Dispose();

    [TestCase(false)]
    [TestCase(true)]
    public async Task Messages_arrive_byte_for_byte_and_in_order_and_the_session_ends_with_close(bool secure)
    {
        using RelpIntake intake = new(secure ? TestCertificates.Server : null);
        using TargetBench bench = TargetBench.Relay(Relp(intake.Port, secure));
        string[] messages = [.. Enumerable.Range(0, 20_000).Select(static i => $"seq={i} é\n\0{new string('x', i % 300)}")];
        foreach (string message in messages) bench.SendFrame(message);
        bench.WaitForDelivered(messages.Length);
        await bench.StopAsync();
        Assert.That(intake.Messages, Is.EqualTo(messages));
        Assert.That(intake.Commands, Has.Count.EqualTo(2));
        Assert.That(intake.Commands[0], Does.Match("^open relp_version=1\nrelp_software=concentrator,[^\n]+\ncommands=syslog$"));
        Assert.That(intake.Commands[1], Is.EqualTo("close"));
        Assert.That((intake.Violations, bench.Ledger.Balances, bench.Ledger.Queued), Is.EqualTo((0, true, 0L)));
        Assert.That(bench.Log.Has($"over RELP over {(secure ? "TLS 1.3" : "plain TCP")}"), bench.Log.ToString());
    }

    [Test]
    public async Task Nothing_is_delivered_before_the_receiver_has_said_so()
    {
        using RelpIntake intake = new();
        using TargetBench bench = TargetBench.Relay(Relp(intake.Port));
        Eventually.Holds(() => bench.Ledger.Connected, "connected", detail: bench.Log.ToString);
        intake.HoldAnswers();
        for (int i = 0; i < 100; i++) bench.SendFrame($"seq={i}");
        intake.WaitForMessages(100);
        Thread.Sleep(200);
        Assert.That((bench.Ledger.Delivered, bench.Ledger.Queued), Is.EqualTo((0L, 100L)), "TCP has acknowledged, the receiver has not");
        intake.Answer();
        bench.WaitForDelivered(100);
        await bench.StopAsync();
        intake.Sequence.AssertComplete(100);
    }

    [Test]
    public async Task Answers_in_another_order_deliver_as_well()
    {
        using RelpIntake intake = new() { AnswersBackwards = true };
        using TargetBench bench = TargetBench.Relay(Relp(intake.Port));
        for (int i = 0; i < 20_000; i++) bench.SendFrame($"seq={i}");
        bench.WaitForDelivered(20_000);
        await bench.StopAsync();
        intake.Sequence.AssertComplete(20_000);
        Assert.That(intake.Violations, Is.Zero);
    }

    [Test]
    public async Task A_window_that_is_full_waits_for_answers_and_the_shortest_messages_of_all_get_through()
    {
        using RelpIntake intake = new();
        using TargetBench bench = TargetBench.Relay(Relp(intake.Port));
        Eventually.Holds(() => bench.Ledger.Connected, "connected", detail: bench.Log.ToString);
        intake.HoldAnswers();
        for (int i = 0; i < 200_000; i++) bench.SendFrame("");
        Thread.Sleep(200);
        Assert.That((bench.Ledger.Delivered, bench.Ledger.Accepted), Is.EqualTo((0L, 200_000L)));
        intake.Answer();
        bench.WaitForDelivered(200_000);
        await bench.StopAsync();
        Assert.That((intake.Messages.Count, intake.Violations, intake.Connections), Is.EqualTo((200_000, 0, 1)));
    }

    [Test]
    public async Task Resets_under_load_lose_nothing()
    {
        using RelpIntake intake = new();
        using TargetBench bench = TargetBench.Relay(Relp(intake.Port));
        Task sending = Task.Run(() =>
        {
            for (int i = 0; i < 40_000; i++)
            {
                bench.SendFrame($"seq={i:D7} {new string('x', 200)}");
                if (i % 40 == 0) Thread.Sleep(2);
            }
        });
        while (!sending.IsCompleted)
        {
            intake.HoldAnswers();
            Thread.Sleep(20);
            intake.ResetAll();
            intake.Answer();
            int connections = intake.Connections;
            Eventually.Holds(() => intake.Connections > connections, "the relay comes back", detail: bench.Log.ToString);
        }
        await sending;
        Eventually.Holds(() => bench.Ledger.Delivered == 40_000, "all delivered", Deadline.Transfer, () => $"{bench.Ledger}\n{bench.Log}");
        await bench.StopAsync();
        intake.Sequence.AssertNothingMissing(40_000);
        Assert.That((bench.Ledger.Accepted, bench.Ledger.Balances, intake.Violations), Is.EqualTo((40_000L, true, 0)));
        TestContext.Out.WriteLine($"{intake.Sequence}; {bench.Ledger}");
    }

    [Test]
    public async Task A_message_that_is_refused_is_kept_its_refusal_is_said_and_it_is_tried_again_but_not_at_once()
    {
        using RelpIntake intake = new();
        string? refusal = "500 no room\u001b[31m\nfor this";
        intake.Judge = message => message == "second" ? Volatile.Read(ref refusal) : null;
        using TargetBench bench = TargetBench.Relay(Relp(intake.Port));
        bench.SendFrame("first");
        bench.WaitForDelivered(1);

        // A connection that was good for a second is followed by the next at once, unless it ended with a refusal.
        Thread.Sleep(1100);
        bench.SendFrame("second");
        Eventually.Holds(() => bench.Log.Has("the peer refused a message: '500 no room?[31m for this'"), "the refusal is said", detail: bench.Log.ToString);
        int connections = intake.Connections;
        Thread.Sleep(200);
        Assert.That(intake.Connections, Is.EqualTo(connections), "the first pause is 0.375 s or more");
        Eventually.Holds(() => intake.Connections > connections, "it is tried again", detail: bench.Log.ToString);
        Assert.That((bench.Ledger.Delivered, bench.Ledger.Queued), Is.EqualTo((1L, 1L)));
        Volatile.Write(ref refusal, null);
        bench.WaitForDelivered(2);
        await bench.StopAsync();
        Assert.That(intake.Messages, Is.EqualTo(new[] { "first", "second" }));
    }

    [Test]
    public async Task A_receiver_that_closes_costs_nothing()
    {
        using RelpIntake intake = new();
        using TargetBench bench = TargetBench.Relay(Relp(intake.Port));
        for (int round = 0; round < 4; round++)
        {
            for (int i = 0; i < 100; i++) bench.SendFrame($"seq={(round * 100) + i}");
            bench.WaitForDelivered((round + 1) * 100);
            int connections = intake.Connections;
            if (round % 2 == 0) intake.Say(RelpFrames.Write(0, "serverclose"));
            intake.ShutDown();
            Eventually.Holds(() => intake.Connections > connections, "the relay comes back", detail: bench.Log.ToString);
        }
        Assert.That(bench.Log.Has("the peer closed the session"), bench.Log.ToString());
        await bench.StopAsync();
        intake.Sequence.AssertComplete(400);
    }

    [TestCase("HTTP/1.1 400 Bad Request\r\n", "the peer does not speak RELP: it answered 'HTTP/1.1 400 Bad Request'")]
    [TestCase("7 rsp 6 200 OK\n", "the peer answered transaction 7, which is not open")]
    [TestCase("2 rsp 6 200 OK\n2 rsp 6 200 OK\n", "the peer answered transaction 2, which is not open")]
    [TestCase("2 rsp 2 OK\n", "the peer refused a message: 'OK'")]
    [TestCase("2 rsp 100000 200 OK", "the peer does not speak RELP: it answered '2 rsp 100000 200 OK'")]
    public async Task A_receiver_that_says_what_it_must_not_is_left_for_that_reason_and_nothing_is_lost(string says, string reason)
    {
        using RelpIntake intake = new();
        using TargetBench bench = TargetBench.Relay(Relp(intake.Port));
        Eventually.Holds(() => bench.Ledger.Connected, "connected", detail: bench.Log.ToString);
        intake.HoldAnswers();
        bench.SendFrame("seq=0");
        intake.WaitForMessages(1);
        bench.SendFrame("seq=1");
        intake.Say(Encoding.ASCII.GetBytes(says));
        Eventually.Holds(() => bench.Log.Has(reason), reason, detail: bench.Log.ToString);
        intake.Answer();
        bench.WaitForDelivered(2);
        await bench.StopAsync();
        intake.Sequence.AssertNothingMissing(2);
    }

    [Test]
    public async Task A_receiver_that_answers_nothing_for_the_deadline_is_given_up_and_gets_it_again()
    {
        using RelpIntake intake = new();
        using TargetBench bench = TargetBench.Relay(Relp(intake.Port), Short);
        Eventually.Holds(() => bench.Ledger.Connected, "connected", detail: bench.Log.ToString);
        intake.HoldAnswers();
        bench.SendFrame("seq=0");
        Eventually.Holds(() => bench.Log.Has("has acknowledged nothing for"), "the peer is given up", detail: bench.Log.ToString);
        intake.Answer();
        bench.WaitForDelivered(1);
        await bench.StopAsync();
        intake.Sequence.AssertNothingMissing(1);
    }

    private static IEnumerable<TestCaseData> Openings()
    {
        static TestCaseData Case(string? answer, string reason) => new TestCaseData(answer, reason).SetArgDisplayNames(reason);
        static string Response(string data) => Encoding.UTF8.GetString(RelpFrames.Write(1, "rsp", data));

        yield return Case(null, "no answer within 0.3 s");
        yield return Case("<html>\u0007", "the peer does not speak RELP: it answered '<html>?'");
        yield return Case(Response("500 not today"), "the peer refused it: '500 not today'");
        yield return Case(Response(""), "the peer refused it: ''");
        yield return Case(Response("200 OK\nrelp_version=1"), "the peer does not offer the command syslog");
        yield return Case(Response("200 OK\nrelp_version=1\ncommands=eventlog"), "the peer does not offer the command syslog");
        yield return Case(Response("200 OK\nrelp_version=2\ncommands=syslog"), "the peer offered RELP version '2', but only version 1");
        yield return Case(Response("200 OK\nrelp_version=\u001b\ncommands=syslog"), "the peer offered RELP version '?'");
        yield return Case("2 rsp 6 200 OK\n", "the peer answered transaction 2, but only 1 is open");
        yield return Case("0 serverclose 0\n", "the peer closed it at once (serverclose)");
    }

    [TestCaseSource(nameof(Openings))]
    public async Task A_session_that_does_not_open_is_explained_and_tried_again(string? answer, string reason)
    {
        using RelpIntake intake = new() { OpenAnswer = answer is null ? null : Encoding.UTF8.GetBytes(answer) };
        using TargetBench bench = TargetBench.Relay(Relp(intake.Port), Short);
        bench.SendFrame("kept");
        Eventually.Holds(() => bench.Log.Has($": {reason}"), reason, detail: bench.Log.ToString);
        Assert.That((bench.Ledger.Connected, bench.Ledger.Queued, intake.Messages.Count), Is.EqualTo((false, 1L, 0)));
        intake.OpenAnswer = RelpFrames.Write(1, "rsp", "200 OK\nrelp_version=0\nRELP_SOFTWARE\ncommands=eventlog, syslog");
        bench.WaitForDelivered(1);
        await bench.StopAsync();
    }

    [Test]
    public async Task A_peer_that_closes_instead_of_answering_is_explained()
    {
        using TlsIntake intake = new(certificate: null);
        using TargetBench bench = TargetBench.Relay(Relp(intake.Port));
        bench.SendFrame("kept");
        Eventually.Holds(() => bench.Log.Has("RELP session with"), "why is said", detail: bench.Log.ToString);
        Assert.That(bench.Ledger.Queued, Is.EqualTo(1));
        await bench.DetachAsync();
    }

    [Test]
    public async Task The_next_endpoint_is_used_while_the_first_is_away_and_the_first_when_it_is_back()
    {
        using RelpIntake first = new();
        using RelpIntake second = new();
        first.Refuse();
        using TargetBench bench = TargetBench.Relay(
            Relp(first.Port) with { Endpoints = new RelayEndpoints([new("localhost", first.Port), new("localhost", second.Port)]) }, Short);
        bench.SendFrame("a");
        bench.WaitForDelivered(1);
        first.Listen();
        Eventually.Holds(() => bench.Log.Has("returned to the first endpoint"), "the first is returned to", detail: bench.Log.ToString);
        bench.SendFrame("b");
        bench.WaitForDelivered(2);
        await bench.StopAsync();
        Assert.That((second.Messages, first.Messages), Is.EqualTo((new[] { "a" }, new[] { "b" })));
    }

    private RelayOutputOptions Relp(int port, bool secure = false) => new()
    {
        Name = "relay",
        Protocol = RelayProtocol.Relp,
        Endpoints = new RelayEndpoints([new RelayEndpoint("localhost", port)]),
        ReplayTail = TimeSpan.Zero,
        Tls = secure ? new RelayTlsOptions { CaFile = TestCertificates.Authority.WritePem(_directory.Path, "ca.pem") } : null,
    };
}
