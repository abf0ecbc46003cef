using System.Globalization;
using System.Text;
using Concentrator.Messages.FrameScanning;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Peers;

/// <summary>
/// Programs that end messages with LF, NUL, LF NUL or nothing, at a listener that says nothing of its framing. Every message of theirs is
/// one line of the file, with its own severity.
/// </summary>
internal sealed class UncountedSenderTests : SenderTests
{
    private const int Count = 20_000;

    /// <summary>CPython's SysLogHandler: one NUL, no time, no tag; every tenth record is a traceback of three lines.</summary>
    private const string SysLogHandler =
        """
        import logging, logging.handlers as h, socket, sys
        where, first, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
        address = where if where.startswith("/") else ("127.0.0.1", int(where))
        log = logging.getLogger("app")
        log.setLevel(logging.DEBUG)
        log.addHandler(h.SysLogHandler(address, socktype=socket.SOCK_STREAM, facility="local0"))
        log.warning("%s", first.encode().decode("unicode_escape"))
        for i in range(1, count):
            log.error("app[1]: record %06d%s", i, "\nTraceback:\n  line\n" if i % 10 == 0 else "")
        """;

    /// <summary>glibc's syslog(3): one NUL, and what LF the program wrote stays in the text.</summary>
    private const string Glibc =
        """
        import syslog, sys
        syslog.openlog("app", syslog.LOG_PID, syslog.LOG_LOCAL0)
        for i in range(int(sys.argv[1])):
            syslog.syslog(syslog.LOG_ERR, "record %06d%s" % (i, ["", "\n", "\nsecond line"][i % 3]))
        """;

    /// <summary>Perl's Sys::Syslog 0.36: LF NUL.</summary>
    private const string SysSyslog =
        """
        use Sys::Syslog qw(:standard :macros :extended);
        setlogsock({ type => "tcp", host => "127.0.0.1", port => $ARGV[0] }) or die;
        openlog("app", "pid,nofatal", LOG_LOCAL0);
        syslog(LOG_ERR, sprintf("record %06d", $_)) or die "$!" for 0 .. $ARGV[1] - 1;
        closelog();
        """;

    private readonly int _tcp = FreePort.Next();

    private string Stream => Directory.Socket("stream");

    protected override ServerSetup Configure(ServerSetup setup) => setup
        .Listen("tcp", $"tcp://127.0.0.1:{_tcp}")
        .Listen("stream", $"unix-stream:{Stream}")
        .File("out", "rfc5424");

    [TestCase("app[1]: record 000000")]
    [TestCase("app[1]: record 000000\\nTraceback:\\n  line")]
    [TestCase("app[1]: record 000000\\n")]
    public void Every_record_of_a_Python_program_is_a_message(string first)
    {
        Script.Python(SysLogHandler, _tcp.ToString(CultureInfo.InvariantCulture), first, Count.ToString(CultureInfo.InvariantCulture));
        AssertRecords(Count, severity: 3, severityOfFirst: 4);
    }

    [Test]
    public void Every_record_of_a_Python_program_at_a_unix_stream_is_a_message()
    {
        Script.Python(SysLogHandler, Stream, "app[1]: record 000000", Count.ToString(CultureInfo.InvariantCulture));
        AssertRecords(Count, severity: 3, severityOfFirst: 4);
    }

    [Test]
    public void Every_call_of_glibcs_syslog_is_a_message()
    {
        Script.PythonWithDevLog(Stream, Glibc, "10000");
        AssertRecords(10_000, severity: 3, severityOfFirst: 3);
    }

    [Test]
    public void Every_call_of_Perls_syslog_is_a_message()
    {
        Script.Perl(SysSyslog, _tcp.ToString(CultureInfo.InvariantCulture), "1000");
        AssertRecords(1000, severity: 3, severityOfFirst: 3);
    }

    [Test]
    public void A_message_that_ends_with_LF_or_NUL_does_not_wait_for_the_next()
    {
        (string Text, string End)[] senders = [("lf", "\n"), ("nul", "\0"), ("lf nul", "\n\0"), ("crlf", "\r\n")];
        foreach ((string text, string end) in senders)
        {
            using StreamSender sender = StreamSender.Tcp(_tcp, Framing.Lf);
            for (int i = 0; i < 3; i++)
            {
                sender.SendRaw(Encoding.ASCII.GetBytes($"<131>app[1]: {text} {i}{end}"));
                string expected = $" {text} {i}";
                Eventually.Holds(() => Read().Any(line => line.EndsWith(expected, StringComparison.Ordinal)), expected, null, Server.Describe);
            }
        }
    }

    /// <summary>As winston-syslog 2.7.1 sends over TCP by default.</summary>
    [Test]
    public void A_sender_without_any_separator_is_said_once_and_nothing_of_it_is_dropped()
    {
        const int Messages = 20_000;
        long bytes = 0;
        for (int connection = 0; connection < 2; connection++)
        {
            using StreamSender sender = StreamSender.Tcp(_tcp, Framing.Lf);
            for (int i = 0; i < Messages; i++)
            {
                byte[] message = Encoding.ASCII.GetBytes($"<134>Nov 28 01:02:03 host app[1]: {{\"level\":\"info\",\"message\":\"record {i:000000}\"}}");
                sender.SendRaw(message);
                bytes += message.Length;
            }
        }
        MetricsSnapshot metrics = Server.WaitForMetrics(
            m => m.Sum("concentrator_received_bytes_total") == bytes, $"all {bytes} bytes are there");
        long pieces = 2 * ((bytes / 2 + (256 * 1024) - 1) / (256 * 1024));
        Assert.That(metrics.Sum("concentrator_received_messages_total"), Is.EqualTo(pieces));
        Assert.That(metrics.Sum("concentrator_truncated_messages_total"), Is.EqualTo(pieces - 2), "each that was cut, and not its last piece");
        IReadOnlyList<string> said = Server.WaitForLine("without a separator");
        Assert.That(said, Has.Count.EqualTo(1));
        Assert.That(said[0], Does.Contain("127.0.0.1").And.Contain("winston-syslog"));
        LedgerAssert.Balances(metrics);
    }

    [TestCase("<134>Nov 28 01:02:03 host app[1]: one<132>Nov 28 01:02:03 host app[1]: two", 1)]
    [TestCase("<134>app[1]: one <b>bold</b> <123> text", 0)]
    public void Few_messages_without_a_separator_are_said_when_their_connection_ends(string bytes, int said)
    {
        using (StreamSender sender = StreamSender.Tcp(_tcp, Framing.Lf)) sender.SendRaw(Encoding.ASCII.GetBytes(bytes));
        Server.WaitForMetrics(static m => m.Sum("concentrator_received_messages_total") == 1, "one message");
        if (said > 0) Server.WaitForLine("without a separator");
        Assert.That(Server.LogLines.Count(static line => line.Contains("without a separator", StringComparison.Ordinal)), Is.EqualTo(said));
    }

    private void AssertRecords(int count, int severity, int severityOfFirst)
    {
        string[] lines = [];
        Eventually.Holds(() => (lines = Read()).Length >= count, $"{count} lines", null, () => $"{lines.Length}\n{Server.Describe()}");
        Assert.That(lines, Has.Length.EqualTo(count));
        for (int i = 0; i < count; i++)
        {
            Assert.That(lines[i], Does.StartWith($"<{128 + (i == 0 ? severityOfFirst : severity)}>1 "));
            Assert.That(lines[i], Does.Contain($"record {i:000000}"));
        }
        LedgerAssert.AllWellFormed(Server, count);
    }

    private string[] Read() => File.Exists(Directory["out"]) ? File.ReadAllLines(Directory["out"]) : [];
}
