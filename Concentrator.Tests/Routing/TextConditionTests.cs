using System.Text;
using Concentrator.Messages;
using Concentrator.Messages.Parsing;
using Concentrator.Routing;
using NUnit.Framework;

namespace Concentrator.Tests.Routing;

/// <summary>What routes ask of a message's text and of its program's name, as rsyslog's rules do.</summary>
internal sealed class TextConditionTests
{
    [TestCase("<134>Nov 22 05:38:11 h a[1]: Proxy x", "Proxy", true)]
    [TestCase("<134>Nov 22 05:38:11 h a[1]: Proxy x", " Proxy", true)]
    [TestCase("<134>Nov 22 05:38:11 h a[1]:  Proxy x", " Proxy", true)]
    [TestCase("<134>Nov 22 05:38:11 h a[1]: the Proxy", " Proxy", true)]
    [TestCase("<134>Nov 22 05:38:11 h a[1]: aProxy", " Proxy", false)]
    [TestCase("<134>Nov 22 05:38:11 h a[1]: x", " ", true)]
    [TestCase("<134>1 - h a 1 - - Proxy x", " Proxy", false, Description = "rsyslog's msg of RFC 5424 has no blank before it")]
    [TestCase("<134>1 - h a 1 - - the Proxy", " Proxy", true)]
    [TestCase("Proxy", " Proxy", false)]
    [TestCase("<134>Nov 22 05:38:11 h a[1]: n\u00e9e", "n\u00e9e", true)]
    public void A_text_that_begins_with_a_blank_is_found_where_rsyslog_finds_it(string frame, string text, bool holds)
    {
        SyslogParser.Parse(Encoding.UTF8.GetBytes(frame), HeaderFormat.Auto, out SyslogMessage message);
        Assert.That(new TextCondition(text).Holds(message), Is.EqualTo(holds));
    }

    [TestCase("postfix/smtpd", "postfix")]
    [TestCase("app:web", "app")]
    [TestCase("ha[x]proxy", "ha")]
    [TestCase("haproxy-edge", "haproxy-edge")]
    [TestCase("/usr/sbin/x", "")]
    [TestCase("", "")]
    public void The_name_of_a_program_ends_before_a_slash_a_colon_or_a_bracket(string appName, string expected) =>
        Assert.That(Encoding.UTF8.GetString(ProgramName.Of(Encoding.UTF8.GetBytes(appName))), Is.EqualTo(expected));
}
