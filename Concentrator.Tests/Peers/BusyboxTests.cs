using System.Text;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Peers;

/// <summary>busybox 1.35 as a sender: its logger at our unix sockets, and its syslogd that forwards to us over UDP.</summary>
internal sealed class BusyboxTests : SenderTests
{
    private const int Pri = (21 << 3) + 4;

    private static readonly string[] Texts = ["first", "second: [with] marks", "12 begins with a number", "größer", new('n', 900)];

    private readonly int _port = FreePort.Next();
    private readonly string _host = File.ReadAllText("/proc/sys/kernel/hostname").Trim();

    private string Datagrams => Directory.Socket("datagrams");

    private string Stream => Directory.Socket("stream");

    protected override ServerSetup Configure(ServerSetup setup) => setup
        .Listen("datagrams", $"unix-dgram:{Datagrams}")
        .Listen("stream", $"unix-stream:{Stream}")
        .Listen("udp", $"udp://127.0.0.1:{_port}")
        .Relay(Intake.Port).File("out", "rfc5424");

    [TestCase(true)]
    [TestCase(false)]
    public void What_its_logger_sends_to_a_unix_socket_arrives_with_its_fields(bool datagrams)
    {
        for (int i = 0; i < Texts.Length; i++)
        {
            Busybox.Logger(datagrams ? Datagrams : Stream, Texts[i], "-t", "backup", "-p", "local5.warning");

            // Two connections have no order between them.
            Intake.WaitForFrames(i + 1);
        }
        AssertArrived("backup", "-", Texts);
    }

    [Test]
    public void What_its_logger_sends_through_its_syslogd_arrives_with_its_fields()
    {
        using Busybox syslogd = Busybox.Syslogd(_port);
        foreach (string text in Texts) Busybox.Logger(syslogd.LogSocket, text, "-t", "backup[4711]", "-p", "local5.warning");
        AssertArrived("backup", "4711", Texts);
    }

    /// <summary>It forwards each datagram as it came, and ensures one LF at the end.</summary>
    [TestCase("<172>Nov 28 01:02:03 backup[4711]: local format", "local format")]
    [TestCase("<172>Nov 28 01:02:03 backup[4711]: with LF\n", "with LF")]
    [TestCase("<172>Nov 28 01:02:03 backup[4711]: with two\n\n", "with two")]
    [TestCase("<172>Nov 28 01:02:03 backup[4711]: two\nlines\n", "two#012lines")]
    [TestCase("<172>Nov 28 01:02:03 backup[4711]: with NUL\0", "with NUL")]
    public void What_others_send_through_its_syslogd_arrives_with_its_fields(string datagram, string text)
    {
        using Busybox syslogd = Busybox.Syslogd(_port);
        using DatagramSender sender = DatagramSender.Unix(syslogd.LogSocket);
        sender.Send(Encoding.UTF8.GetBytes(datagram));
        AssertArrived("backup", "4711", text);
    }

    private void AssertArrived(string app, string pid, params string[] texts)
    {
        string[] bytes = [.. texts.Select(static text => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text)))];
        RelayedFrame[] frames = [.. Intake.WaitForFrames(texts.Length).Select(static frame => RelayedFrame.Read(frame.Bytes))];
        IEnumerable<RelayedFrame> expected =
            frames.Zip(bytes, (frame, text) => new RelayedFrame(Pri, frame.Timestamp, _host, app, pid, ServerSetup.IntakeKey, text));
        Assert.That(frames, Is.EqualTo(expected));
        string[] lines = LineFile.WaitForLines(Directory["out"], texts.Length);
        for (int i = 0; i < texts.Length; i++)
            Assert.That(lines[i], Does.StartWith($"<{Pri}>1 ").And.EndWith($" {_host} {app} {pid} - - {bytes[i]}"));
        LedgerAssert.AllWellFormed(Server, texts.Length);
    }
}
