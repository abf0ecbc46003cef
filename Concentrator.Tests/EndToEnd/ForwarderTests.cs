using System.Globalization;
using System.Text;
using System.Text.Json;
using Concentrator.Messages.FrameScanning;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.EndToEnd;

/// <summary>The forwarder's job, from an <c>intakes.yaml</c> and the forwarder's environment to Sekoia.io's door.</summary>
internal sealed class ForwarderTests : ServerTests
{
    private const string UdpKey = "zQ7intakeKey0ForTheUdpOne";
    private const string TlsKey = "zQ7intakeKey0ForTheTlsOne";

    private readonly List<string> _intakes = [];
    private string Yaml => $"---\nintakes:\n{string.Concat(_intakes)}";

    [SetUp]
    public void NoIntakes() => _intakes.Clear();

    [Test]
    public void Three_intakes_reach_their_keys_through_an_outage()
    {
        using TlsIntake sekoia = NewIntake();
        int tcp = FreePort.Next(), udp = FreePort.Next(), tls = FreePort.Next();
        Add("Techno1", "tcp", tcp, IntakeKey);
        Add("Techno 2", "UDP", udp, UdpKey);
        Add("Techno3", "tls", tls, TlsKey);
        ServerProcess server = StartIntakes(Yaml, Environment(sekoia, "Techno3"));
        using StreamSender overTcp = StreamSender.Tcp(tcp, Framing.Lf);
        using DatagramSender overUdp = DatagramSender.Udp(udp);
        using StreamSender overTls = StreamSender.Tls(tls, Framing.OctetCounted, TestCertificates.Authority);
        void Send(string text)
        {
            overTcp.Send(Lines.Message($"{text} tcp"));
            overUdp.Send(Lines.Message($"{text} udp"));
            overTls.Send(Lines.Message($"{text} tls"));
        }

        Send("before");
        sekoia.WaitForFrames(3);
        Assert.That(sekoia.Connections, Is.EqualTo(3), "a connection for each intake");
        sekoia.Refuse();
        Send("during");
        server.WaitForMetrics(static m => m.Sum("concentrator_received_messages_total") == 6, "all are received");
        sekoia.Listen();
        Send("after");

        string[] expected = [.. from text in new[] { "before", "during", "after" } from way in Ways() select Lines.Frame($"{text} {way.Name}", way.Key)];
        Eventually.Holds(
            () => expected.All(sekoia.Frames().Select(Lines.WithoutTime).Contains), "every message with its intake's key", null, server.Describe);
        Assert.That(sekoia.Frames().Select(Lines.WithoutTime).Distinct(), Is.EquivalentTo(expected));
        Assert.That(server.Stop(), Is.Zero);
    }

    [Test]
    public void Debug_shows_what_came_and_what_is_sent_and_no_key()
    {
        using TlsIntake sekoia = NewIntake();
        int tcp = FreePort.Next(), udp = FreePort.Next();
        Add("Techno1", "tcp", tcp, IntakeKey, "debug: True");
        Add("Techno2", "udp", udp, UdpKey);
        ServerProcess server = StartIntakes(Yaml, Environment(sekoia));
        using StreamSender overTcp = StreamSender.Tcp(tcp, Framing.Lf);
        using DatagramSender overUdp = DatagramSender.Udp(udp);
        overUdp.Send(Lines.Message("not shown"));
        overTcp.Send(Lines.Message("shown"));

        server.WaitForLine("[Output Techno1]");
        Assert.That(server.LogLines, Does.Contain("[Input Techno1] <134>1 2026-11-22T06:13:25.123456+00:00 edge haproxy 32177 - - shown"));
        Assert.That(
            server.LogLines, Has.Exactly(1).Matches(@"^\[Output Techno1\] <134>1 [^ ]+ edge haproxy 32177 LOG \[SEKOIA@53288 intake_key=""zQ7i…""\] shown$"));
        sekoia.WaitForFrames(2);
        Assert.That(server.Log, Does.Not.Contain("not shown"));
    }

    [Test]
    public void An_edit_is_taken_up_while_the_intakes_that_stay_notice_nothing()
    {
        using TlsIntake sekoia = NewIntake(keepFrames: false);
        int kept = FreePort.Next(), gone = FreePort.Next(), added = FreePort.Next();
        Add("kept", "tcp", kept, IntakeKey);
        Add("gone", "tcp", gone, UdpKey);
        ServerProcess server = StartIntakes(Yaml, Environment(sekoia));
        HashSet<int> ofKept = [];
        byte[] keptKey = Encoding.ASCII.GetBytes(IntakeKey);
        sekoia.OnFrame = (connection, frame) =>
        {
            if (frame.IndexOf(keptKey) >= 0) Locked(ofKept, seen => seen.Add(connection));
        };
        using SteadyLoad load = new(StreamSender.Tcp(kept, Framing.Lf), NumberedMessage.HttpLog, perSecond: 2000);
        Eventually.Holds(() => sekoia.FrameCount > 100, "messages arrive");
        Eventually.Holds(() => sekoia.Connections == 2, "the other intake is connected too, though it has nothing to send", detail: server.Describe);

        _intakes.RemoveAt(1);
        Add("added", "tcp", added, TlsKey);
        Add("another", "udp", FreePort.Next(), TlsKey);
        Directory.Write("intakes.yaml", Yaml);
        server.WaitForLine("configuration reloaded: 3 listeners");
        Assert.That(FreePort.IsListening(gone), Is.False);
        using StreamSender overAdded = StreamSender.Tcp(added, Framing.Lf);

        Directory.Write("intakes.yaml", $"{Yaml}  colour: red\n");
        server.WaitForLine("configuration not reloaded: 1 errors");
        Assert.That(server.Log, Does.Contain($"{Directory["intakes.yaml"]}:15: intakes:2:colour: is not a known field"));
        overAdded.Send(Lines.Message("the old configuration stays"));

        int sent = load.Stop();
        Eventually.Holds(() => sekoia.Sequence.Unnumbered == 1, "the added intake's message", null, server.Describe);
        sekoia.Sequence.AssertComplete(sent);
        Assert.That(Locked(ofKept, static seen => seen.ToArray()), Has.Length.EqualTo(1), "the intake that stays has kept its connection");
    }

    [Test]
    public void Statistics_reach_their_intake_and_add_up()
    {
        using TlsIntake sekoia = NewIntake();
        int tcp = FreePort.Next(), udp = FreePort.Next();
        Add("Techno1", "tcp", tcp, IntakeKey);
        Add("Techno2", "udp", udp, UdpKey);
        _intakes.Add($"- name: Monitoring\n  stats: True\n  intake_key: {TlsKey}\n");
        ServerProcess server = StartIntakes(
            Yaml, new Dictionary<string, string?>(Environment(sekoia)) { ["CONCENTRATOR__Statistics__Interval"] = "00:00:01" });
        using StreamSender sender = StreamSender.Tcp(tcp, Framing.Lf);
        for (int i = 0; i < 50; i++) sender.Send(Lines.Message("counted"));

        string input = string.Create(CultureInfo.InvariantCulture, $"input-techno1({tcp})");
        Eventually.Holds(() => Sum(input, "submitted") == 50 && Sum("output-techno1", "delivered") == 50, "all are reported", null, server.Describe);
        Assert.That(
            Objects().Select(static o => $"{o.GetProperty("name")} {o.GetProperty("origin")}").Distinct(),
            Is.EquivalentTo(new[]
            {
                $"{input} imtcp", string.Create(CultureInfo.InvariantCulture, $"input-techno2(*/{udp}/IPv4) imudp"), "output-techno1 core.action",
                "ruleset-techno1 core.queue", "ruleset-techno1[DA] core.queue", "output-techno2 core.action", "ruleset-techno2 core.queue",
                "ruleset-techno2[DA] core.queue", "output-monitoring core.action", "ruleset-monitoring core.queue", "ruleset-monitoring[DA] core.queue",
                string.Create(CultureInfo.InvariantCulture, $"TCP-localhost-{sekoia.Port} omfwd"), "resource-usage impstats",
            }));
        Assert.That(Sum("ruleset-techno1", "enqueued"), Is.EqualTo(50));
        Assert.That(Sum(input, "unrouted"), Is.Zero);

        _intakes.RemoveAt(2);
        Directory.Write("intakes.yaml", Yaml);
        server.WaitForLine("configuration reloaded: 2 listeners");
        Assert.That(server.Metrics().Sum("concentrator_unrouted_messages_total"), Is.Zero);

        long Sum(string name, string field) =>
            Objects().Where(o => o.GetProperty("name").GetString() == name).Sum(o => o.GetProperty(field).GetInt64());

        List<JsonElement> Objects() => [.. sekoia.Frames().Select(Lines.WithoutTime)
            .Where(static frame => frame.StartsWith("<46>", StringComparison.Ordinal))
            .Select(static frame =>
            {
                string header = $"<46>1 TIME {Lines.ThisHost} rsyslogd-pstats - LOG [SEKOIA@53288 intake_key=\"{TlsKey}\"] ";
                Assert.That(frame, Does.StartWith(header));
                return JsonDocument.Parse(frame[header.Length..]).RootElement;
            })];
    }

    [Test]
    public void A_hang_up_reloads_as_well()
    {
        using TlsIntake sekoia = NewIntake();
        Add("kept", "udp", FreePort.Next(), IntakeKey);
        ServerProcess server = StartIntakes(Yaml, Environment(sekoia));
        server.Send(Signal.Hup);
        server.WaitForLine("configuration reloaded: 1 listeners");
    }

    private static TResult Locked<T, TResult>(T shared, Func<T, TResult> action)
        where T : class
    {
        lock (shared) return action(shared);
    }

    private void Add(string name, string protocol, int port, string key, string more = "") => _intakes.Add(
        string.Create(CultureInfo.InvariantCulture, $"- name: {name}\n  protocol: {protocol}\n  port: {port}\n  intake_key: {key}\n{(more.Length == 0 ? "" : $"  {more}\n")}"));

    /// <summary>As a container's, with the test's own authority in place of the system's.</summary>
    private Dictionary<string, string?> Environment(TlsIntake sekoia, string? tlsIntake = null)
    {
        Dictionary<string, string?> variables = new()
        {
            ["REGION"] = "OTHER",
            ["ENDPOINT"] = string.Create(CultureInfo.InvariantCulture, $"localhost:{sekoia.Port}"),
            ["DISK_SPACE"] = "200m",
            ["MEMORY_MESSAGES"] = "100000",
            ["SSL_CERT_FILE"] = TestCertificates.Authority.WritePem(Directory.Path, "ca.crt"),
        };
        if (tlsIntake is not null)
        {
            (string certificate, string key) = TestCertificates.Server.WritePem(Directory.Path, "server");
            variables[$"CONCENTRATOR__Listeners__{tlsIntake}__Tls__CertificateFile"] = certificate;
            variables[$"CONCENTRATOR__Listeners__{tlsIntake}__Tls__KeyFile"] = key;
        }
        return variables;
    }

    private static (string Name, string Key)[] Ways() => [("tcp", IntakeKey), ("udp", UdpKey), ("tls", TlsKey)];
}
