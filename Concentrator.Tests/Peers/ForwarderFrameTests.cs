using System.Text;
using Concentrator.Messages.Rendering;
using Concentrator.Tests.Equipment;
using Concentrator.Tests.Rendering;
using NUnit.Framework;

namespace Concentrator.Tests.Peers;

/// <summary>Sekoia.io's frame beside the one that a real rsyslogd makes with the template of Sekoia.io's forwarder.</summary>
internal sealed class ForwarderFrameTests
{
    // In place of the time of reception stands a fixed one. The last expression is the template's own: the text without leading blanks.
    private const string Template =
        "<%pri%>1 " + Renderers.Received + " %hostname% %app-name% %procid% LOG [SEKOIA@53288 intake_key=\\\"" + Renderers.Key
        + "\\\"] %msg:R,ERE,1,FIELD:^[ \\t]*(.*)$--end%";

    [Test]
    public void Control_characters_are_escaped_as_the_forwarder_does()
    {
        string[] frames =
        [
            "<134>Nov 22 06:13:25 node app[12]: two\nlines",
            "<134>Nov 22 06:13:25 node app[12]: tab\there, CR\rthere",
            "<134>Nov 22 06:13:25 node app[12]: \u0001\u0002\u0007\u0008\u000B\u000C\u000E\u001B\u001F and NUL \0.",
            "<134>Nov 22 06:13:25 node app[12]: C1 \u0080\u009F, UTF-8 \u00C3\u00A9, a literal #012",
            "<134>Nov 22 06:13:25 node app[12]: a LF at the end\n",
            "<134>Nov 22 06:13:25 node app[12]:    blanks",
            "<134>1 2026-11-22T06:13:25.123456+00:00 node app 12 ID47 [x@1 a=\"b\"] RFC 5424\twith a tab",
            "<134>1 2026-11-22T06:13:25.123456+00:00 node app - - - VMware\r\n says\r\n so.",
        ];
        using RsyslogHost rsyslog = RsyslogHost.WritingFile(template: Template);
        using DatagramSender sender = DatagramSender.Udp(rsyslog.UdpPort);
        for (int n = 0; n < frames.Length; n++)
        {
            byte[] frame = Encoding.Latin1.GetBytes(frames[n]);
            sender.Send(frame);
            string theirs = LineFile.WaitForLines(rsyslog.LogFile, n + 1)[n];
            string ours = Encoding.Latin1.GetString(Renderers.Render(new SekoiaFrame(TimestampSource.Received, Renderers.Key), frame));
            Assert.That(ours[(ours.IndexOf(' ', StringComparison.Ordinal) + 1)..], Is.EqualTo(theirs));
        }
    }
}
