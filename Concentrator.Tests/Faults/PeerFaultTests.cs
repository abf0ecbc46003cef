using System.Net;
using Concentrator.Messages.FrameScanning;
using Concentrator.Tests.EndToEnd;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Faults;

/// <summary>
/// What a peer can do to a relay short of working: whatever it does, nothing is missing once it works again. Refusals are in
/// <see cref="DiskQueueTests"/>, resets and silence at the level of the relay alone. Each test prints its ledger.
/// </summary>
[TestFixture]
[Parallelizable]
internal sealed class PeerFaultTests : ServerTests
{
    private const int Batch = 5_000;

    private int _port;
    private int _sent;
    private TlsIntake _intake = null!;
    private StreamSender? _sender;

    [SetUp]
    public void MakeIntake()
    {
        _port = FreePort.Next();
        _intake = NewIntake(keepFrames: false);
        _sent = 0;
    }

    [TearDown]
    public void EndIntake()
    {
        _sender?.Dispose();
        _sender = null;
        _intake.Dispose();
    }

    [Test]
    public void A_name_without_an_address_is_asked_for_again_until_it_has_one()
    {
        using NameServer names = new();
        string resolver = Directory.Write("resolv.conf", names.ResolvConf);
        ServerProcess server = Start(Configuration("intake.concentrator.test"), binary: Wrapped.Script(
            Directory, $"[ -n \"$OWN_MOUNTS\" ] || OWN_MOUNTS=1 exec unshare -m \"$0\" \"$@\"\nmount --bind '{resolver}' /etc/resolv.conf\nexec SERVER"));
        Send();
        server.WaitForLine("cannot resolve the name");
        Assert.That(names.Questions, Is.Positive, "it was ours to answer");
        Assert.That(_intake.Connections, Is.Zero);
        names.Answer = IPAddress.Loopback;
        WaitUntilAllIsThere(server);
        _intake.Sequence.AssertComplete(_sent);
    }

    [Test]
    public void A_certificate_that_changes_to_a_bad_one_stops_everything_until_it_is_good_again()
    {
        ServerProcess server = Start(Configuration());
        Send();
        WaitUntilAllIsThere(server);

        _intake.Certificate = TestCertificates.UnknownAuthority;

        // Longer than anything is on its way.
        Thread.Sleep(300);
        _intake.CloseAll();
        server.WaitForLine("rejected");
        int before = _intake.FrameCount;
        Send();
        WaitForQueued(server, Batch);
        Assert.That(_intake.FrameCount, Is.EqualTo(before), "a peer that cannot prove who it is gets nothing");

        _intake.Certificate = TestCertificates.Authority.IssueServer(TestCertificates.ServerNames);
        WaitUntilAllIsThere(server);
        _intake.Sequence.AssertComplete(_sent);
    }

    [Test]
    public void Garbage_under_the_encryption_ends_the_connection_and_loses_nothing()
    {
        ServerProcess server = Start(Configuration());
        SendWhile(server, _intake.SendGarbage);
        WaitUntilAllIsThere(server);
        _intake.Sequence.AssertNothingMissing(_sent);
    }

    [Test]
    public void Talk_within_the_encryption_is_read_and_ignored()
    {
        ServerProcess server = Start(Configuration());
        Send();
        Eventually.Holds(() => _intake.FrameCount > 0, "the relay is there");
        for (int round = 0; round < 100; round++) _intake.Talk(4096);
        Send();
        WaitUntilAllIsThere(server);
        _intake.Sequence.AssertComplete(_sent);
        Assert.That(_intake.Connections, Is.EqualTo(1), "over the one connection");
    }

    [Test]
    public void Garbage_instead_of_a_handshake_is_tried_again_until_there_is_one()
    {
        _intake.AnswerWithGarbage = true;
        ServerProcess server = Start(Configuration());
        Send();
        server.WaitForLine("TLS handshake with");
        WaitForQueued(server, Batch);
        _intake.AnswerWithGarbage = false;
        WaitUntilAllIsThere(server);
        _intake.Sequence.AssertComplete(_sent);
    }

    [Test]
    public void Half_closes_under_load_lose_nothing()
    {
        ServerProcess server = Start(Configuration());
        SendWhile(server, () => _intake.CloseAll());
        WaitUntilAllIsThere(server);
        _intake.Sequence.AssertNothingMissing(_sent);
    }

    private object Configuration(string host = "localhost") => new
    {
        Listeners = new { tcp = new { Address = $"tcp://127.0.0.1:{_port}" } },
        Outputs = new
        {
            sekoia = new
            {
                Type = "syslog-tls",
                Endpoint = $"{host}:{_intake.Port}",
                IntakeKey,
                Tls = new { CaFile = TestCertificates.Authority.WritePem(Directory.Path, "ca.crt"), ServerName = "localhost" },
            },
        },
    };

    private void Send()
    {
        _sender ??= StreamSender.Tcp(_port, Framing.OctetCounted);
        _sender.Send(NumberedMessage.HttpLog, _sent, Batch);
        _sent += Batch;
    }

    /// <summary>Sends for some five seconds, and meanwhile does that to each connection on which frames have arrived.</summary>
    private void SendWhile(ServerProcess server, Action fault)
    {
        Task sending = Task.Run(() =>
        {
            for (int batch = 0; batch < 10; batch++)
            {
                Send();
                Thread.Sleep(500);
            }
        });
        int rounds = 0;
        for (; !sending.IsCompleted; rounds++)
        {
            int frames = _intake.FrameCount, connections = _intake.Connections;
            Eventually.Holds(() => _intake.FrameCount > frames || sending.IsCompleted, "frames arrive", detail: server.Describe);
            fault();
            Eventually.Holds(() => _intake.Connections > connections, "the relay comes back", detail: server.Describe);
        }
        sending.GetAwaiter().GetResult();
        TestContext.Out.WriteLine($"{rounds} rounds");
    }

    private void WaitUntilAllIsThere(ServerProcess server)
    {
        MetricsSnapshot metrics = server.WaitForMetrics(
            m => m.Sum("concentrator_output_delivered_messages_total", ("output", "sekoia")) == _sent, $"{_sent} delivered", Deadline.Transfer);
        Eventually.Holds(() => _intake.Sequence.Distinct == _sent, $"{_sent} received", detail: _intake.Sequence.ToString);
        TestContext.Out.WriteLine($"{string.Join(", ", metrics.Samples
            .Where(static s => s.Name.StartsWith("concentrator_output", StringComparison.Ordinal) && s.Name.EndsWith("messages_total", StringComparison.Ordinal) && s.Value > 0)
            .Select(static s => $"{s.Name["concentrator_output_".Length..]} {s.Value}"))}; "
            + $"missing {_intake.Sequence.Missing(_sent).Count}, {_intake.Sequence}; {_intake}");
    }
}
