using Concentrator.Tools.Import;
using NUnit.Framework;

namespace Concentrator.Tests.Tools.Import;

/// <summary>Rules become routes by which every message goes exactly where it went.</summary>
[TestFixture]
internal sealed class ImportRuleTests
{
    [TestCase(":programname, startswith, \"haproxy\" /f", "program=haproxy* -> f")]
    [TestCase(":programname, isequal, \"haproxy\" /f\n& stop", "programname=haproxy -> f!")]
    [TestCase(":programname, isequal, \"haproxy\" /f\n& ~", "programname=haproxy -> f!")]
    [TestCase(":msg, contains, \"DOWN\" /f", "contains=DOWN -> f")]
    [TestCase(":msg, contains, \" Proxy\" /f", "contains= Proxy -> f")]
    [TestCase(":programname, isequal, \"postfix\" stop\n/h", "programname=postfix -> !|-> h")]
    [TestCase(":programname, contains, \"fix\" /f", "programname=*fix* -> f")]
    [TestCase(":programname, isequal, \"postfix/smtpd\" /f\n/h", "-> h")]
    [TestCase("if $programname != 'a/b' then /f", "-> f")]
    [TestCase(":syslogtag, startswith, \"postfix/smtpd\" /f", "program=postfix/smtpd* -> f")]
    [TestCase("if $msg contains 'a' and $msg contains 'b' then /f", "all=a,b -> f")]
    [TestCase("if $msg contains 'a' and $msg contains 'abc' then /f", "contains=abc -> f")]
    [TestCase("if $msg contains 'a' or $msg contains 'b' then { /f\n stop\n }\n/h", "contains=a,b -> f!|-> h")]
    [TestCase("if $msg contains ['a', 'b', 'c'] then /f", "contains=a,b,c -> f")]
    [TestCase("if ($msg contains 'a' or $msg contains 'b') and $msg contains 'c' and $programname == 'p' then /f", "programname=p contains=a,b all=c -> f")]
    [TestCase("if ($msg contains 'a' or $msg contains 'b') and $msg contains 'xay' then /f", "contains=xay -> f")]
    [TestCase("if $hostname contains_i 'WEB' then /f", "host=*WEB* -> f")]
    [TestCase(":hostname, contains, \"web\" /f", "host=*web* -> f")]
    [TestCase(":fromhost-ip, isequal, \"192.0.2.7\" /f", "sender=192.0.2.7/32 -> f")]
    [TestCase(":fromhost-ip, startswith, \"10.1.\" /f", "sender=10.1.0.0/16 -> f")]
    [TestCase(":syslogfacility-text, isequal, \"local0\" /f", "facilities=10000 -> f")]
    [TestCase(":syslogfacility-text, !isequal, \"local0\" /f", "facilities=feffff -> f")]
    [TestCase(":inputname, isequal, \"a\" /f", "from=a -> f")]
    [TestCase("local0.* /f", "facilities=10000 -> f")]
    [TestCase("local0.info -/f", "severities=01111111 facilities=10000 -> f")]
    [TestCase("*.=info /f", "severities=01000000 -> f")]
    [TestCase("mail,news.err;mail.!=crit /f", "severities=00000011 facilities=4 -> f|severities=00001000 facilities=4 -> f|severities=00001111 facilities=80 -> f")]
    [TestCase("*.*;auth,authpriv.none /f", "facilities=fffbef -> f")]
    [TestCase("*.* { /f\n /g\n }", "-> f,g")]
    [TestCase("if $programname == 'haproxy' then /f", "programname=haproxy -> f")]
    [TestCase("if ($programname startswith \"haproxy\") then { /f\n stop\n }", "program=haproxy* -> f!")]
    [TestCase("if ($programname == \"vpxd\") {\n /f\n }\n/g", "programname=vpxd -> f|-> g")]
    [TestCase("if ($hostname isequal \"sw-1\") then /f", "host=sw-1 -> f")]
    [TestCase("if ($fromhost-ip isequal \"192.0.2.7\") then { /f\n stop\n }\n/g", "sender=192.0.2.7/32 -> f!|-> g")]
    [TestCase("if ($syslogtag startswith \"%ASA-\") then { /f\n stop\n }\n/g", "program=%ASA-* -> f!|-> g")]
    [TestCase("if $programname == ['a', 'b'] then /f", "programname=a -> f|programname=b -> f")]
    [TestCase("if $programname startswith 'ha' and $syslogseverity <= 3 then /f", "program=ha* severities=00001111 -> f")]
    [TestCase("if prifilt(\"local0.*\") and $hostname == 'w' then /f", "host=w facilities=10000 -> f")]
    [TestCase("if $syslogfacility-text == 'kern' then /f\nelse /g", "facilities=1 -> f|facilities=fffffe -> g")]
    [TestCase("if $programname == 'a' then { /f\n stop\n } else { /g\n }\n/h", "programname=a -> f!|-> g,h")]
    [TestCase("if $programname == 'a' then /f\nelse /g\n/h", "programname=a -> f,h!|-> g,h")]
    [TestCase("if $programname != 'a' then /f\n/h", "programname=a -> h!|-> f,h")]
    [TestCase("if not ($programname == 'a' or $msg contains 'x') then stop\n/h", "programname=a -> h!|contains=x -> h!|-> !")]
    [TestCase("if $programname == 'a' or $msg contains 'x' then /f\n/h", "programname=a -> f,h!|contains=x -> f,h!|-> h")]
    [TestCase("if $msg contains 'y' then { if $programname != 'a' then /f\n }\n/h", "programname=a contains=y -> h!|contains=y -> f,h!|-> h")]
    [TestCase("call r\n/h\nruleset(name=\"r\") {\n  if $programname == 'a' then stop\n  /f\n}", "programname=a -> !|-> f,h")]
    [TestCase("if $fromhost-ip == '127.0.0.1' then stop\n/f", "from=a -> !|from=b sender=127.0.0.1/32 -> !|-> f")]
    [TestCase("/g\n*.* stop\n/f", "-> g!")]
    public void A_rule_becomes_routes(string rules, string expected)
    {
        Imported imported = Imported.Rules(rules);
        string[] routes = imported.Routes();
        Assert.That(imported.Result.HasUnsupported, Is.False, imported.Report);
        string[] wanted = expected.Split('|');
        Assert.That(routes, Has.Length.EqualTo(wanted.Length), string.Join('\n', routes));
        for (int i = 0; i < wanted.Length; i++) Assert.That(routes[i], Does.StartWith(wanted[i]), string.Join('\n', routes));
    }

    [TestCase("if $msg startswith ' x' then { /f\n stop\n }", "no condition msg")]
    [TestCase("if re_match($msg, 'a.*b') then { /f\n stop\n }", "re_match()")]
    [TestCase("if $!usr!x == 'a' then { /f\n stop\n }", "variable")]
    [TestCase("if $programname startswith 'a' and $programname endswith 'b' then { /f\n stop\n }", "in a single route")]
    [TestCase("if $programname == 'ha*' then { /f\n stop\n }", "no condition programname")]
    [TestCase(":msg, regex, \"a.b\" { /f\n stop\n }", "no condition msg regex")]
    public void What_stands_under_a_condition_that_no_route_has_is_left_out_and_the_rest_stays(string rules, string reason)
    {
        Imported imported = Imported.Rules($"{rules}\n/h");
        Assert.That(imported.Routes(), Is.EqualTo(new[] { "-> h" }));
        Assert.That(imported.EntryOn(3).ToString(), Does.Contain("not supported").And.Contain(reason));
        Assert.That(imported.OutcomeOf(4), Is.EqualTo(ImportOutcome.NotSupported), imported.Report);
        Assert.That(imported.OutcomeOf(6), Is.EqualTo(ImportOutcome.Translated));
    }

    [Test]
    public void What_was_left_out_with_its_condition_is_nowhere_in_the_result()
    {
        Imported imported = Imported.Rules("if $programname == 'x' or ($programname startswith 'a' and $programname endswith 'b') then {\n/f\n}\n/h");
        Assert.That(imported.Routes(), Is.EqualTo(new[] { "-> h" }));
        Assert.That(imported.Result.Outputs.Select(static output => output.Options.Name), Is.EqualTo(new[] { "h" }));
        Assert.That(imported.EntryOn(3).ToString(), Does.Contain("not supported").And.Contain("the statements under it were omitted"));
        Assert.That(imported.EntryOn(4).ToString(), Does.Contain("not supported").And.Contain("omitted, because its condition"));
    }

    [Test]
    public void What_the_result_holds_for_some_messages_is_not_said_to_be_left_out()
    {
        Imported imported = Imported.Rules("if $programname endswith 'b' then call r\ncall r\nruleset(name=\"r\") {\nif $programname startswith 'a' then /f\n}");
        Assert.That(imported.Routes(), Is.EqualTo(new[] { "programname=*b -> !", "program=a* -> f" }));
        Assert.That(imported.EntryOn(6).ToString(), Does.Contain("not supported").And.Contain("the statements under it were translated for some of the messages"));
    }

    [Test]
    public void A_rule_for_localhost_says_which_messages_it_takes_no_more()
    {
        Imported imported = Imported.Rules("if $hostname == 'localhost' then /f\nif $hostname == 'Web1' then /g");
        Assert.That(imported.Routes(), Is.EqualTo(new[] { "host=localhost -> f", "host=Web1 -> g" }));
        Assert.That(imported.EntryOn(3).ToString(), Does.Contain("not supported").And.Contain("rsyslog uses localhost for local UDP or TCP messages without a host name"));
        Assert.That(imported.EntryOn(4).ToString(), Does.Contain(": translated: ").And.Contain("the host name is compared case-insensitively here"));
        Imported local = new("input(type=\"imuxsock\" socket=\"/run/a\")\nif $hostname == 'localhost' then /f");
        Assert.That(local.Result.HasUnsupported, Is.False, "no such message comes by a unix socket");
    }

    [TestCase("*.emerg :omusrmsg:*", "terminals")]
    [TestCase("*.* @192.0.2.1", "UDP")]
    [TestCase("*.* |/dev/xconsole", "pipe")]
    [TestCase("*.* ?PerHost", "template")]
    [TestCase("*.* /dev/console", "devices")]
    [TestCase("*.* :ommysql:db,user", "it has no counterpart")]
    [TestCase("action(type=\"omkafka\" topic=\"x\")", "has no counterpart")]
    [TestCase("action(type=\"omfile\" dynaFile=\"x\")", "template")]
    [TestCase("action(type=\"omfwd\" target=[\"a\",\"b\"] port=[\"1\",\"2\",\"3\"] protocol=\"tcp\")", "2 targets and 3 ports")]
    [TestCase("action(type=\"omfwd\" target=\"a\" port=\"1\" protocol=\"tcp\" TCP_FrameDelimiter=\"0\")", "TCP_FrameDelimiter 0")]
    [TestCase("input(type=\"imtcp\" port=\"1\" addtlFrameDelimiter=\"59\")", "addtlFrameDelimiter 59")]
    [TestCase("global(permitSlashInProgramname=\"on\")", "permitSlashInProgramname")]
    [TestCase("*.* /f;Fields\n$template Fields,\"%msg:F,58:2%\\n\"", "no format of a file")]
    [TestCase("if $programname contains_i 'a' then /f", "no condition programname")]
    [TestCase(":syslogtag, contains, \"12\" /f", "no condition syslogtag")]
    [TestCase(":app-name, isequal, \"a/b\" /f", "no condition app-name")]
    [TestCase("action(type=\"omfile\" file=\"/f\" novelty=\"1\")", "novelty")]
    [TestCase("*.* /f;Unheard", "not defined")]
    [TestCase("set $.x = 'a';", "no message variables")]
    [TestCase("call nowhere", "not in these files")]
    [TestCase("!haproxy", "cannot be parsed")]
    [TestCase("$AllowedSender UDP, 10.0.0.0/8", "every sender is accepted")]
    [TestCase("$NoSuchThing 1", "not known")]
    [TestCase("lookup_table(name=\"x\" file=\"y\")", "nothing like lookup_table")]
    public void What_has_no_counterpart_is_said(string statement, string reason)
    {
        Imported imported = Imported.Rules(statement);
        Assert.That(imported.EntryOn(3).ToString(), Does.StartWith("test.conf:3: not supported: ").And.Contain(reason));
    }

    [Test]
    public void Rules_that_only_the_hosts_own_log_takes_stay_where_they_are()
    {
        Imported imported = new("""
            module(load="imuxsock")
            module(load="imklog")
            input(type="imudp" port="514" ruleset="net")
            auth,authpriv.* /var/log/auth.log
            *.emerg :omusrmsg:*
            ruleset(name="net") {
              /var/log/net.log
            }
            """);
        Assert.That(imported.OutcomeOf(4), Is.EqualTo(ImportOutcome.NotNeeded), imported.Report);
        Assert.That(imported.OutcomeOf(5), Is.EqualTo(ImportOutcome.NotNeeded));
        Assert.That(imported.Routes(), Is.EqualTo(new[] { "from=udp -> net.log" }));
        Assert.That(new Imported("input(type=\"imrelp\" port=\"1\")\nauth.* /var/log/auth.log").OutcomeOf(2), Is.EqualTo(ImportOutcome.NotSupported));
    }

    [Test]
    public void A_ruleset_that_calls_itself_and_rules_that_would_need_too_many_routes_are_said()
    {
        Imported loop = Imported.Rules("call r\nruleset(name=\"r\") {\n/f\ncall r\n}");
        Assert.That(loop.Report, Does.Contain("calls itself"));
        Assert.That(loop.Routes(), Is.EqualTo(new[] { "-> f" }));

        string doubling = string.Concat(Enumerable.Range(0, 40).Select(static i => $"if not ($programname startswith '{new string('p', i + 1)}') then /f{i}\n"));
        Imported large = Imported.Rules(doubling);
        Assert.That(large.Result.Routes, Is.Empty);
        Assert.That(large.Result.Lines.Count(static line => line.Sentence.Contains("more than 500 routes", StringComparison.Ordinal)), Is.EqualTo(40));
    }
}
