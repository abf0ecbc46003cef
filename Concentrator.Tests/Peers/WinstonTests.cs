using System.Globalization;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Peers;

/// <summary>
/// winston-syslog 2.7.1, the usual syslog sender of Node.js programs, over every transport that it has. It names its host "localhost"
/// unless told otherwise, and its text is JSON unless told otherwise.
/// </summary>
internal sealed class WinstonTests : SenderTests
{
    private static readonly (string Level, string Message)[] Records =
    [
        ("emerg", "first"), ("alert", "12 begins with a number"), ("crit", "with \"quotes\" and [brackets]: <13>"), ("error", "two\nlines"),
        ("warning", "größer"), ("notice", new string('n', 20_000)), ("info", ""), ("debug", "last"),
    ];

    private readonly int _port = FreePort.Next(), _tls = FreePort.Next();

    private string Datagrams => Directory.Socket("log");

    protected override ServerSetup Configure(ServerSetup setup) => setup
        .Listen("datagrams", $"unix-dgram:{Datagrams}")
        .Listen("udp", $"udp://127.0.0.1:{_port}")
        .Listen("tcp", $"tcp://127.0.0.1:{_port}")
        .ListenTls("tls", _tls)
        .Relay(Intake.Port).File("out", "rfc5424");

    [TestCase("udp4", "BSD", null)]
    [TestCase("udp4", "5424", null)]
    [TestCase("unix", "BSD", null)]
    [TestCase("unix", "5424", null)]
    [TestCase("unix-connect", "BSD", null)]
    [TestCase("unix-connect", "5424", null)]
    [TestCase("tcp4", "BSD", "\n")]
    [TestCase("tcp4", "5424", "\n")]
    [TestCase("tcp4", "BSD", "\0")]
    [TestCase("tls4", "BSD", "\n")]
    [TestCase("tls4", "5424", "\n")]
    public void What_winston_sends_arrives_with_its_fields_over_every_transport(string protocol, string type, string? eol)
    {
        if (protocol.StartsWith("unix", StringComparison.Ordinal)) Winston.RequireUnixSockets();
        using Winston winston = new(Options(protocol, type, eol), Records);
        RelayedFrame[] frames = [.. Intake.WaitForFrames(Records.Length).Select(static frame => RelayedFrame.Read(frame.Bytes))];
        string pid = winston.Pid.ToString(CultureInfo.InvariantCulture);
        RelayedFrame[] expected = [.. Records.Select((record, severity) => new RelayedFrame(
            (21 << 3) + severity, frames[severity].Timestamp, "shop", "checkout", pid, ServerSetup.IntakeKey, Json(record)))];
        Assert.That(frames, Is.EqualTo(expected));
        string[] lines = LineFile.WaitForLines(Directory["out"], Records.Length);
        for (int i = 0; i < Records.Length; i++)
        {
            Assert.That(lines[i], Does.StartWith($"<{(21 << 3) + i}>1 ").And.EndWith($" shop checkout {pid} - - {Json(Records[i])}"));
        }
        winston.Finish();
        LedgerAssert.AllWellFormed(Server, Records.Length);
    }

    /// <summary>Where it is told nothing: it names its host "localhost", at a unix socket too, and its program after node's.</summary>
    [TestCase("udp4", "BSD")]
    [TestCase("udp4", "5424")]
    [TestCase("unix", "BSD")]
    [TestCase("unix", "5424")]
    public void Its_defaults_give_the_fields_that_it_wrote(string protocol, string type)
    {
        if (protocol == "unix") Winston.RequireUnixSockets();
        using Winston winston = new(new { protocol, type, host = "127.0.0.1", port = _port, path = Datagrams }, Records);
        RelayedFrame[] frames = [.. Intake.WaitForFrames(Records.Length).Select(static frame => RelayedFrame.Read(frame.Bytes))];
        string pid = winston.Pid.ToString(CultureInfo.InvariantCulture);
        RelayedFrame[] expected = [.. Records.Select((record, severity) => new RelayedFrame(
            (16 << 3) + severity, frames[severity].Timestamp, "localhost", "node", pid, ServerSetup.IntakeKey, Json(record)))];
        Assert.That(frames, Is.EqualTo(expected));
        winston.Finish();
    }

    /// <summary>Over TCP it writes nothing between two messages, in either format, unless its <c>eol</c> says what.</summary>
    [TestCase("tcp4", "BSD")]
    [TestCase("tcp4", "5424")]
    [TestCase("tls4", "BSD")]
    [TestCase("tls4", "5424")]
    public void Without_its_eol_nothing_is_lost_and_what_is_missing_is_said_once(string protocol, string type)
    {
        for (int connection = 1; connection <= 2; connection++)
        {
            using Winston winston = new(Options(protocol, type, eol: null), Records);
            winston.Finish();
            RelayedFrame frame = RelayedFrame.Read(Intake.WaitForFrames(connection)[^1].Bytes);
            string pid = winston.Pid.ToString(CultureInfo.InvariantCulture);
            Assert.That(
                frame with { Text = "" },
                Is.EqualTo(new RelayedFrame(21 << 3, frame.Timestamp, "shop", "checkout", pid, ServerSetup.IntakeKey, "")));
            string[] pieces = frame.Text.Split($" shop checkout {pid} - - ");
            if (type == "BSD") pieces = frame.Text.Split($" shop checkout[{pid}]: ");
            Assert.That(pieces, Has.Length.EqualTo(Records.Length), frame.Text);
            for (int i = 0; i < pieces.Length; i++) Assert.That(pieces[i], Does.StartWith(Json(Records[i])));
        }
        IReadOnlyList<string> said = Server.WaitForLine("without a separator");
        Assert.That(said, Has.Count.EqualTo(1), Server.Describe());
        Assert.That(said[0], Does.Contain("127.0.0.1").And.Contain("winston-syslog").And.Contain("eol"));
        Server.WaitForMetrics(static m => m.Sum("concentrator_received_messages_total") == 2, "both are counted");
    }

    private object Options(string protocol, string type, string? eol) => new
    {
        protocol,
        type,
        eol,
        host = "127.0.0.1",
        port = protocol == "tls4" ? _tls : _port,
        path = Datagrams,
        facility = "local5",
        app_name = "checkout",
        localhost = "shop",
    };

    /// <summary>winston's default format, as Latin-1.</summary>
    private static string Json((string Level, string Message) record)
    {
        string text = record.Message.Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        string json = $"{{\"level\":\"{record.Level}\",\"message\":\"{text}\"}}";
        return System.Text.Encoding.Latin1.GetString(System.Text.Encoding.UTF8.GetBytes(json));
    }
}
