using System.Text;
using Concentrator.Messages.FrameScanning;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.EndToEnd;

internal sealed class RoutingTests : ServerTests
{
    private const string SecondKey = "zQ7intakeKey9Another0One";

    [Test]
    public void Every_condition_decides_and_stop_ends_and_the_unrouted_are_counted()
    {
        int tcp = FreePort.Next(), udp = FreePort.Next(), udp6 = FreePort.Next();
        using TlsIntake intake = NewIntake();
        string[] files = ["from", "program", "host", "v4", "v6", "severity", "level", "facility", "contains", "first", "second"];
        Dictionary<string, object> outputs = files.ToDictionary(static name => name, name => LogFile(Directory, name));
        outputs.Add("sekoia", Relay(intake, Directory));
        ServerProcess server = Start(new
        {
            Listeners = new
            {
                local = new { Address = $"unix-dgram:{Directory.Socket("log")}" },
                tcp = new { Address = $"tcp://127.0.0.1:{tcp}" },
                udp = new { Address = $"udp://127.0.0.1:{udp}" },
                udp6 = new { Address = $"udp://[::1]:{udp6}" },
            },
            Outputs = outputs,
            Routes = new object[]
            {
                new { Contains = "discard me", To = Array.Empty<string>(), Stop = true },
                new { From = new[] { "local", "udp6" }, To = new[] { "from" } },
                new { Program = "haproxy*", To = new[] { "program" } },
                new { Host = "WEB-??.example", To = new[] { "host" } },
                new { Sender = "127.0.0.0/8", To = new[] { "v4" } },
                new { Sender = "::1/128", To = new[] { "v6" } },
                new { Severity = "err..crit", To = new[] { "severity" } },
                new { Severity = "warning", To = new[] { "level" } },
                new { Facility = new[] { "local7", "kern" }, To = new[] { "facility" } },
                new { Contains = "n\u00e9edle", To = new[] { "contains" } },
                new { Contains = "to both keys", To = new[] { "sekoia" } },
                new { Contains = "to both keys", IntakeKey = SecondKey, To = new[] { "sekoia" } },
                new { Contains = "stops here", To = new[] { "first" }, Stop = true },
                new { Contains = "here", To = new[] { "second" } },
            },
        });

        using DatagramSender local = DatagramSender.Unix(Directory["log"]);
        using StreamSender overTcp = StreamSender.Tcp(tcp, Framing.Lf);
        using DatagramSender overUdp = DatagramSender.Udp(udp);
        using DatagramSender overUdp6 = DatagramSender.Udp(udp6, ipv6: true);
        local.Send(Message("local", "app"));
        local.Send(Message("discard me", "app"));
        overUdp6.Send(Message("udp6", "app"));
        overUdp.Send(Message("udp", "haproxy-edge"));
        overTcp.Send(Message("tcp", "HAProxy", host: "web-01.Example"));
        overTcp.Send(Message("err", "app", pri: 16 * 8 + 3));
        overTcp.Send(Message("emerg", "app", pri: 16 * 8));
        overTcp.Send(Message("warning", "app", pri: 16 * 8 + 4));
        overTcp.Send(Message("notice", "app", pri: 16 * 8 + 5));
        overTcp.Send(Message("local7", "app", pri: 23 * 8 + 6));
        overTcp.Send(Message("kern", "app", pri: 6));
        overTcp.Send(Message("a n\u00e9edle in it", "app"));
        overTcp.Send(Message("stops here", "app"));
        overTcp.Send(Message("goes on here", "app"));
        overTcp.Send(Message("to both keys", "haproxy", pid: "32177", host: "edge"));

        Expect("from", "local", "udp6");
        Expect("program", "udp", "to both keys");
        Expect("host", "tcp");
        Expect("v4", "udp", "tcp", "err", "emerg", "warning", "notice", "local7", "kern", "a n\u00e9edle in it", "stops here", "goes on here", "to both keys");
        Expect("v6", "udp6");
        Expect("severity", "err");
        Expect("level", "err", "emerg", "warning");
        Expect("facility", "local7", "kern");
        Expect("contains", "a n\u00e9edle in it");
        Expect("first", "stops here");
        Expect("second", "goes on here");
        Assert.That(
            intake.WaitForFrames(2).Select(Lines.WithoutTime),
            Is.EqualTo(new[] { Lines.Frame("to both keys", IntakeKey), Lines.Frame("to both keys", SecondKey) }));
        Assert.That(intake.Connections, Is.EqualTo(1), "both keys over one connection");
        Assert.That(server.Metrics().Sum("concentrator_unrouted_messages_total"), Is.Zero, "a message discarded on purpose was routed");
    }

    [Test]
    public void Messages_that_no_route_takes_are_counted_and_said_once()
    {
        string path = Directory.Socket("log");
        ServerProcess server = Start(new
        {
            Listeners = new { log = new { Address = $"unix-dgram:{path}" } },
            Outputs = new { file = LogFile(Directory) },
            Routes = new[] { new { Program = "haproxy", To = new[] { "file" } } },
        });
        using DatagramSender sender = DatagramSender.Unix(path);
        for (int i = 0; i < 1000; i++) sender.Send(Message("nobody's", "other"));
        sender.Send(Message("somebody's", "haproxy"));
        WaitForLines(Directory["out.log"], 1);
        MetricsSnapshot metrics = server.WaitForMetrics(static m => m.Sum("concentrator_received_messages_total") == 1001, "all are received");
        Assert.That(metrics.Sum("concentrator_unrouted_messages_total"), Is.EqualTo(1000));
        Assert.That(server.Stop(), Is.Zero);
        Assert.That(server.LogLines.Where(static line => line.Contains("messages match no route", StringComparison.Ordinal)), Has.Exactly(1).Items);
    }

    private static byte[] Message(string text, string program, int pri = 134, string host = "h", string pid = "1") =>
        Encoding.UTF8.GetBytes($"<{pri}>1 2026-11-22T06:13:25.123456+00:00 {host} {program} {pid} - - {text}");

    /// <summary>In any order: messages came over several sockets.</summary>
    private void Expect(string file, params string[] texts) => Assert.That(
        WaitForLines(Directory[file], texts.Length).Select(static line => line[(line.IndexOf("]: ", StringComparison.Ordinal) + 3)..]),
        Is.EquivalentTo(texts), file);
}
