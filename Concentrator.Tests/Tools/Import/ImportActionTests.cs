using Concentrator.Configuration.Options;
using Concentrator.Tools.Import;
using NUnit.Framework;

namespace Concentrator.Tests.Tools.Import;

/// <summary>What files and relays look like after an import, and what is said of it.</summary>
[TestFixture]
internal sealed class ImportActionTests
{
    [TestCase("template(name=\"t\" type=\"string\" string=\"%msg%\\n\")", FileFormat.Message, "without the space")]
    [TestCase("$template t,\"%msg:::sp-if-no-1st-sp%%msg:::drop-last-lf%\\n\"", FileFormat.Message, "without the space")]
    [TestCase("template(name=\"t\" type=\"string\" string=\"%msg:2:$%\\n\")", FileFormat.Message, "output f")]
    [TestCase("template(name=\"t\" type=\"list\") { property(name=\"msg\") constant(value=\"\\n\") }", FileFormat.Message, "without the space")]
    [TestCase("template(name=\"t\" type=\"list\" option.jsonf=\"on\") { property(outname=\"m\" name=\"msg\" format=\"jsonf\") }", FileFormat.Json, "JSON of one shape")]
    [TestCase("$template t,\"{\\\"m\\\":\\\"%msg:::json%\\\"}\\n\"", FileFormat.Json, "JSON of one shape")]
    public void A_template_of_the_text_alone_and_one_of_JSON_have_a_format(string template, FileFormat format, string said)
    {
        Imported imported = Imported.Rules($"{template}\n*.* /f;t");
        Assert.That(imported.Load().Outputs.OfType<FileOutputOptions>().Single().Format, Is.EqualTo(format), imported.Report);
        Assert.That(imported.EntryOn(4).ToString(), Does.Contain(said));
        Assert.That(imported.OutcomeOf(4), Is.EqualTo(format == FileFormat.Json ? ImportOutcome.NotSupported : ImportOutcome.Translated), "the names in the JSON differ");
    }

    [TestCase("$ActionFileDefaultTemplate RSYSLOG_TraditionalFileFormat", "/f", FileFormat.Traditional)]
    [TestCase("$ActionFileDefaultTemplate RSYSLOG_TraditionalFileFormat", "action(type=\"omfile\" file=\"/f\")", FileFormat.Traditional)]
    [TestCase("$template t,\"%msg:2:$%\\n\"\n$ActionFileDefaultTemplate t", "/f", FileFormat.Message)]
    [TestCase("module(load=\"builtin:omfile\" template=\"RSYSLOG_TraditionalFileFormat\")", "action(type=\"omfile\" file=\"/f\")", FileFormat.Traditional)]
    [TestCase("module(load=\"builtin:omfile\" template=\"RSYSLOG_TraditionalFileFormat\")", "/f", FileFormat.Traditional)]
    [TestCase("", "/f", FileFormat.Rfc3339)]
    public void The_default_template_of_files_is_obeyed(string setting, string action, FileFormat format)
    {
        Imported imported = Imported.Rules($"{setting}\n*.* {action}");
        Assert.That(imported.Load().Outputs.OfType<FileOutputOptions>().Single().Format, Is.EqualTo(format), imported.Report);
    }

    [Test]
    public void The_default_template_of_relays_is_obeyed_by_both_kinds_of_action()
    {
        Imported imported = Imported.Rules("$template t,\"%rawmsg%\"\n$ActionForwardDefaultTemplate t\n*.* @@a:1\naction(type=\"omfwd\" target=\"b\" port=\"2\" protocol=\"tcp\")");
        Assert.That(imported.Load().Outputs.Cast<RelayOutputOptions>().Select(static relay => relay.Format), Is.EqualTo(new RelayFormat?[] { RelayFormat.Raw, RelayFormat.Raw }), imported.Report);
    }

    [TestCase("*.* @@a:1", RelayFraming.Lf)]
    [TestCase("*.* @@(o)a:1", RelayFraming.OctetCounted)]
    [TestCase("action(type=\"omfwd\" target=\"a\" port=\"1\" protocol=\"tcp\")", RelayFraming.Lf)]
    [TestCase("action(type=\"omfwd\" target=\"a\" port=\"1\" protocol=\"tcp\" TCP_Framing=\"octet-counted\")", RelayFraming.OctetCounted)]
    [TestCase("action(type=\"omrelp\" target=\"a\" port=\"1\")", RelayFraming.OctetCounted)]
    public void A_relay_keeps_its_framing(string action, RelayFraming framing)
    {
        Imported imported = Imported.Rules(action);
        Assert.That(imported.Result.HasUnsupported, Is.False, imported.Report);
        Assert.That(imported.Load().Outputs.Cast<RelayOutputOptions>().Single().Framing, Is.EqualTo(framing));
    }

    [Test]
    public void Each_target_has_its_own_port_and_that_rsyslog_takes_turns_is_said()
    {
        Imported imported = Imported.Rules("action(type=\"omfwd\" target=[\"a\",\"b\"] port=[\"6514\",\"6515\"] protocol=\"tcp\")\n"
            + "action(type=\"omfwd\" target=[\"c\",\"d\"] port=\"7\" protocol=\"tcp\")");
        Assert.That(imported.Load().Outputs.Cast<RelayOutputOptions>().Select(static relay => string.Join(' ', relay.Endpoints.List)),
            Is.EqualTo(new[] { "a:6514 b:6515", "c:7 d:7" }));
        Assert.That(imported.EntryOn(3).ToString(), Does.Contain("in turn").And.Contain("only while it is unreachable"));
    }

    [TestCase("input(type=\"imtcp\" port=\"1\" rateLimit.interval=\"5\" rateLimit.burst=\"10\")", "rateLimit.interval, rateLimit.burst: dropped")]
    [TestCase("input(type=\"imuxsock\" socket=\"/run/x\" ratelimit.name=\"slow\")", "ratelimit.name: dropped")]
    [TestCase("ratelimit(name=\"slow\" interval=\"5\" burst=\"10\")", "dropped")]
    [TestCase("$IMUXSockRateLimitInterval 5", "dropped")]
    [TestCase("action(type=\"omfwd\" target=\"a\" port=\"1\" protocol=\"tcp\" ratelimit.name=\"slow\")", "ratelimit.name: dropped")]
    public void A_rate_limit_is_said_to_be_dropped(string statement, string said)
    {
        Imported imported = Imported.Rules(statement);
        Assert.That(imported.Result.HasUnsupported, Is.False, imported.Report);
        Assert.That(imported.EntryOn(3).ToString(), Does.Contain(said));
    }

    [TestCase("input(type=\"imtcp\" port=\"1\" addtlFrameDelimiter=\"0\")")]
    [TestCase("global(compatibility.defaults.secure=\"warn\" compatibility.configformat.legacy=\"enable\")")]
    [TestCase("global(abortOnUncleanConfig=\"off\")")]
    public void Newer_words_of_rsyslog_are_known(string statement)
    {
        Imported imported = Imported.Rules(statement);
        Assert.That(imported.Result.HasUnsupported, Is.False, imported.Report);
    }
}
