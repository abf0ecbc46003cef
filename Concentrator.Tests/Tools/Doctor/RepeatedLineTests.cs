using System.Net;
using Concentrator.Configuration.Options;
using Concentrator.Hosting.Senders.HaproxyConfiguration;
using Concentrator.Tests.Equipment;
using Concentrator.Tools.Doctor;
using NUnit.Framework;

namespace Concentrator.Tests.Tools.Doctor;

/// <summary>Lines of haproxy.cfg by which one message, or one request, arrives more than once.</summary>
internal sealed class RepeatedLineTests
{
    private static readonly ListenerOptions[] Two =
    [
        Findings.UnixListener("/var/lib/haproxy/dev/log"),
        new() { Name = "udp", Address = new ListenAddress(Transport.Udp, null, new IPEndPoint(IPAddress.Any, 514)) },
    ];

    [Test]
    public void Two_lines_that_lead_to_two_listeners_of_ours_say_everything_twice()
    {
        const string Lines = "global\n    log /dev/log len 8192 format rfc5424 local0\n    log 127.0.0.1 len 8192 format rfc5424 local1 notice\n";
        Look(Lines, Two).Says(Verdict.Warn, "haproxy.cfg:2 also sends it to /dev/log", "sed -i '3{/log.*local1/d}'");
        Look(Lines, Two).Says(Verdict.Warn, "every message of severity notice or worse is sent twice", "systemctl reload haproxy");
        Assert.That(Look(Lines, Two[..1]), Is.Empty, "the other line leads elsewhere");
        Assert.That(Look(Lines.Replace("127.0.0.1", "192.0.2.1", StringComparison.Ordinal), Two), Is.Empty);
    }

    [TestCase("    log global\n    log /dev/log len 8192 format rfc5424 local2\n")]
    [TestCase("    log global\n    log 127.0.0.1:514 len 8192 format rfc5424 local2\n")]
    [TestCase("    mode http\n    log /dev/log len 8192 format rfc5424 local2\n    log global\n")]
    public void A_line_of_a_proxys_own_beside_log_global_says_everything_twice(string lines) => Look(
        $"global\n    log /dev/log len 8192 format rfc5424 local0\nfrontend web\n{lines}", Two)
        .Says(Verdict.Warn, "every message of severity debug or worse of frontend web is sent twice", "sed -i '5{/log.*local2/d}'");

    [Test]
    public void What_a_proxy_inherits_counts_and_no_log_takes_it_back()
    {
        const string Start = "global\n    log /dev/log len 8192 format rfc5424 local0\ndefaults\n    log global\nfrontend web\n";
        Look($"{Start}    log /dev/log len 8192 format rfc5424 local2\n", Two).Says(Verdict.Warn, "of frontend web is sent twice", "sed -i '6{");
        Assert.That(Look($"{Start}    no log\n    log /dev/log len 8192 format rfc5424 local2\n", Two), Is.Empty);
        Assert.That(Look($"{Start}    log global\n", Two), Is.Empty, "HAProxy adds a line once");
        Assert.That(Look($"{Start}backend app\n    no log\n", Two), Is.Empty);
        Assert.That(
            Look("global\n    log /dev/log len 8192 format rfc5424 local0\nfrontend web\n    log 127.0.0.1 len 8192 format rfc5424 local2\n", Two), Is.Empty,
            "without log global the proxy has its own alone");
    }

    [Test]
    public void Lines_that_take_turns_are_not_the_same_messages() => Assert.That(
        Look("global\n    log /dev/log len 8192 format rfc5424 sample 1:2 local0\n    log 127.0.0.1 len 8192 format rfc5424 sample 2:2 local0\n", Two), Is.Empty);

    [Test]
    public void A_ring_with_two_servers_of_ours_says_everything_twice()
    {
        ListenerOptions[] listeners = [.. new[] { 1514, 1515 }.Select(static port => new ListenerOptions
        {
            Name = $"tcp{port}",
            Address = new ListenAddress(Transport.Tcp, null, new IPEndPoint(IPAddress.Any, port)),
        })];
        const string Servers = "    server one 127.0.0.1:1514 log-proto octet-count\n    server two 127.0.0.1:1515 log-proto octet-count\n";
        Look($"global\n    log ring@r len 8192 local0\nring r\n    format rfc5424\n{Servers}", listeners)
            .Says(Verdict.Warn, "haproxy.cfg:5 also leads to a Concentrator listener", "remove it");
        Assert.That(
            Look($"global\n    log backend@b len 8192 format rfc5424 local0\nbackend b\n    mode log\n{Servers}", listeners), Is.Empty, "servers of a backend take turns");
    }

    [TestCase("log-steps all", "log-steps close")]
    [TestCase("log-steps accept,close", "log-steps close")]
    [TestCase("http-request do-log if { path /x }", "remove it")]
    [TestCase("http-after-response do-log", "remove it")]
    [TestCase("tcp-request content do-log", "remove it")]
    public void A_proxy_that_logs_several_steps_of_a_request_is_warned_of(string line, string remedy) =>
        Look($"global\n    log /dev/log len 8192 format rfc5424 local0\nfrontend web\n    log global\n    {line}\n", Two)
            .Says(Verdict.Warn, "frontend web logs several lines per request", remedy);

    [TestCase("    log global\n    log-steps close\n")]
    [TestCase("    no log\n    log-steps all\n")]
    [TestCase("    log /dev/log len 8192 profile only local0\n    log-steps all\n    http-request do-log\n")]
    public void One_line_a_request_is_let_be(string lines) =>
        Assert.That(Look($"log-profile only\n    on any drop\n    on close format \"%HM\"\nfrontend web\n{lines}", Two), Is.Empty);

    [Test]
    public void Steps_in_defaults_are_those_of_the_proxies_that_have_them()
    {
        const string Profile = "log-profile only\n    on any drop\n    on close format \"%HM\"\ndefaults\n    log-steps all\n";
        Assert.That(Look($"{Profile}frontend web\n    log /dev/log len 8192 profile only local0\nfrontend quiet\n    no log\n", Two), Is.Empty);
        Look($"{Profile}frontend web\n    log /dev/log len 8192 profile only local0\nfrontend other\n    log /dev/log len 8192 local0\n", Two)
            .Says(Verdict.Warn, "logs several lines per request", "log-steps close");
    }

    private static IEnumerable<Diagnosis> Look(string text, ListenerOptions[] listeners)
    {
        using TempDirectory temp = new();
        HaproxyConfig config = HaproxyConfig.Read([temp.Write("haproxy.cfg", text)]);
        return [.. new RepeatedLineCheck(config, new LogDestinations(config, listeners, "/var/lib/haproxy", null, sharesNetwork: true, [])).Look()];
    }
}
