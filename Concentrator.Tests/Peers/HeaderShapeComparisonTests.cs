using System.Globalization;
using System.Text;
using Concentrator.Messages;
using Concentrator.Messages.Parsing;
using Concentrator.Messages.Timestamps;
using Concentrator.Tests.Equipment;
using Concentrator.Tests.Parsing;
using NUnit.Framework;

namespace Concentrator.Tests.Peers;

/// <summary>
/// Every shape of header gives the fields that a real program finds in it: rsyslog where it reads the shape, else syslog-ng. What a
/// program reads otherwise is no example to follow, and the last test says that it still does.
/// </summary>
internal sealed class HeaderShapeComparisonTests
{
    private const string RsyslogTemplate =
        "%timereported:::date-rfc3339%|%hostname%|%app-name%|%procid%|%msgid%|%msg%";

    private const string SyslogNgTemplate = "${S_ISODATE}|${HOST}|${PROGRAM}|${PID}|${MSGID}|${MESSAGE}";

    [Test]
    public void What_rsyslog_reads_is_read_as_it_does()
    {
        using RsyslogHost rsyslog = RsyslogHost.WritingFile(template: RsyslogTemplate);
        Compare(Reader.Rsyslog, rsyslog.UdpPort, rsyslog.LogFile);
    }

    [TestCase("")]
    [TestCase("SID")]
    public void What_syslog_ng_alone_reads_is_read_as_it_does(string suite)
    {
        using SyslogNg network = SyslogNg.ReadingUdp("network", SyslogNgTemplate, suite);
        Compare(Reader.SyslogNg, network.Port, network.LogFile);
        using SyslogNg syslog = SyslogNg.ReadingUdp("syslog", SyslogNgTemplate, suite);
        Compare(Reader.SyslogNgSyslog, syslog.Port, syslog.LogFile);
    }

    [Test]
    public void Where_rsyslog_is_no_example_it_reads_other_fields()
    {
        using RsyslogHost rsyslog = RsyslogHost.WritingFile(template: RsyslogTemplate);
        using DatagramSender sender = DatagramSender.Udp(rsyslog.UdpPort);
        foreach (HeaderShape shape in HeaderShapes.All.Where(static shape => shape.Reader != Reader.Rsyslog))
        {
            byte[] frame = Encoding.Latin1.GetBytes(shape.Frame);
            Assert.That(Ask(sender, frame, rsyslog.LogFile).Fields, Is.Not.EqualTo(Ours(frame).Fields), shape.Name);
        }
    }

    private static void Compare(Reader reader, int port, string file)
    {
        using DatagramSender sender = DatagramSender.Udp(port);
        HeaderShape[] shapes = [.. HeaderShapes.All.Where(shape => shape.Reader == reader)];
        Assert.That(shapes, Is.Not.Empty);
        Assert.Multiple(() =>
        {
            foreach (HeaderShape shape in shapes)
            {
                byte[] frame = Encoding.Latin1.GetBytes(shape.Frame);
                (DateTimeOffset? time, string fields) = Ours(frame);
                (DateTimeOffset? theirTime, string theirs) = Ask(sender, frame, file);
                Assert.That(fields, Is.EqualTo(theirs), shape.Name);
                if (time is { } sent) Assert.That(theirTime!.Value.ToUnixTimeSeconds(), Is.EqualTo(sent.ToUnixTimeSeconds()), shape.Name);
            }
        });
    }

    /// <summary>The time where it is beyond doubt, and the other fields as both programs write them.</summary>
    private static (DateTimeOffset? Time, string Fields) Ours(byte[] frame)
    {
        SyslogParser.Parse(frame, HeaderFormat.Auto, out SyslogMessage message);
        Fields f = new(message);
        DateTimeOffset? time = SentTime.TryRead(message.Timestamp, out DateTimeOffset sent) ? sent : null;
        return (time, Normal(f.HostName == "" ? "127.0.0.1" : f.HostName, f.AppName, f.ProcId, f.MsgId, f.Text));
    }

    private static (DateTimeOffset? Time, string Fields) Ask(DatagramSender sender, byte[] frame, string file)
    {
        int before = File.Exists(file) ? LineFile.Lines(file).Length : 0;
        sender.Send(frame);
        LineFile.WaitForLines(file, before + 1);
        string[] fields = LineFile.Lines(file)[before].Split('|', 6);
        return (DateTimeOffset.Parse(fields[0], CultureInfo.InvariantCulture), Normal(fields[1], fields[2], fields[3], fields[4], fields[5]));
    }

    // rsyslog writes a missing field as a NILVALUE and keeps the blank behind the tag.
    private static string Normal(string host, string app, string procId, string msgId, string text) =>
        string.Join('|', host, NotNil(app), NotNil(procId), NotNil(msgId), text.TrimStart(' '));

    private static string NotNil(string field) => field == "-" ? "" : field;
}
