using System.Text;
using Concentrator.Messages;
using Concentrator.Messages.Parsing;
using NUnit.Framework;

namespace Concentrator.Tests.Parsing;

/// <summary>Headers as senders write them; <c>Peers/HeaderShapeComparisonTests</c> asks the real programs for the same fields.</summary>
internal sealed class HeaderShapeTests
{
    [TestCaseSource(typeof(HeaderShapes), nameof(HeaderShapes.All))]
    public void A_shape_gives_its_fields_and_is_not_malformed(HeaderShape shape)
    {
        SyslogParser.Parse(Encoding.Latin1.GetBytes(shape.Frame), HeaderFormat.Auto, out SyslogMessage message);
        Fields f = new(message);
        Assert.That($"{f.Timestamp}|{f.HostName}|{f.AppName}|{f.ProcId}|{f.MsgId}|{f.Text}", Is.EqualTo(shape.Expected));
        Assert.That(message.IsMalformed, Is.False);
    }

    // Text that only begins like one of these shapes stays as it is.
    [TestCase("<134>{\"a\": 1}")]
    [TestCase("<134>127.0.0.1:5432 [28/Nov/2026:06:13:25.103] web")]
    [TestCase("<134>\"quoted: text\": more")]
    [TestCase("<134>[ERROR]: it broke")]
    [TestCase("<134>: text")]
    [TestCase("<134>CEF:0|vendor|product")]
    [TestCase("<134>  text behind blanks")]
    [TestCase("<134>2026-11-28T12:17:46Z 127.0.0.1 - - [28/Nov/2026:06:13:25 +0000] \"GET / HTTP/1.1\"")]
    [TestCase("<134>2026 words")]
    [TestCase("<134>2026 Nov days")]
    public void Text_that_only_begins_like_a_header_is_text(string frame)
    {
        SyslogParser.Parse(Encoding.Latin1.GetBytes(frame), HeaderFormat.Auto, out SyslogMessage message);
        Assert.That(new Fields(message), Is.EqualTo(new Fields(frame["<134>".Length..]) { Pri = 134 }));
        Assert.That(message.IsMalformed, Is.False);
    }

    [TestCase("plain text")]
    [TestCase("app[12]: text")]
    [TestCase("2026-11-28T12:17:46Z plain text")]
    [TestCase("1 2026 words")]
    public void Without_a_PRI_and_a_header_a_frame_is_text_and_malformed(string frame)
    {
        SyslogParser.Parse(Encoding.Latin1.GetBytes(frame), HeaderFormat.Auto, out SyslogMessage message);
        Assert.That(new Fields(message), Is.EqualTo(new Fields(frame)));
        Assert.That(message.IsMalformed);
    }
}
