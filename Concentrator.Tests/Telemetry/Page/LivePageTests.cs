using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Hosting.Page;
using Concentrator.Hosting.Views;
using Concentrator.Messages;
using Concentrator.Telemetry.Log;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Telemetry.Page;

/// <summary>The document at <c>/</c>, as the server renders it. Peers/LivePageBrowserTests has it in a browser.</summary>
internal sealed partial class LivePageTests
{
    private const string Configured = """
        {
          "Listeners": { "haproxy": { "Address": "unix-dgram:/run/x/log" }, "net": { "Address": "udp://127.0.0.1:0" } },
          "Outputs": {
            "file": { "Type": "file", "Path": "/tmp/out.log" },
            "sekoia": { "Type": "syslog-tls", "Endpoint": "one:1", "IntakeKey": "Zq7Rw3Xt9Bn5Lk1M" }
          },
          "Routes": [
            { "From": "haproxy", "Program": "<haproxy>", "Severity": "warning", "To": ["file", "sekoia"], "Stop": true },
            { "To": [], "Stop": true, "Facility": "auth" }
          ]
        }
        """;

    private readonly ManualTimeProvider _time = new();
    private readonly Ledger _ledger = new();
    private ConfigurationFolder _folder = null!;
    private ServerView _view = null!;

    [SetUp]
    public void Configure()
    {
        _folder = new ConfigurationFolder();
        _view = new ServerView(_ledger, new RecentEvents(new KeyMask()), _time) { Options = _folder.Load(Configured).Options!, IsListening = true };
        _ledger.Listener("haproxy");
        _ledger.Listener("net");
        _ledger.Output("file", isRelay: false, 1000);
        _ledger.Output("sekoia", isRelay: true, 5000);
    }

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [Test]
    public void Every_listener_route_and_output_of_the_configuration_is_on_it()
    {
        string page = Render();
        Assert.That(page, Does.Contain("unix-dgram:/run/x/log").And.Contain("file /tmp/out.log").And.Contain("syslog-tls to one:1"));
        Assert.That(page, Does.Contain("program &lt;haproxy&gt;, severity warning and worse").And.Contain("facility auth"));
        Assert.That(page, Does.Contain("data-from=\"haproxy\" data-to=\"file sekoia\"").And.Contain("data-from=\"haproxy net\" data-to=\"\""));
        Assert.That(page, Does.Contain("to no output: dropped on purpose; later routes do not see it"));
    }

    [Test]
    public void What_is_wrong_is_on_it_and_what_was_lost()
    {
        OutputCounters relay = _ledger.Output("sekoia", isRelay: true, 5000);
        _ledger.Listener("net").AddKernelDropped(1234);
        _ledger.Listener("net").Problem = "its path <gone>";
        using (relay.Gate.Enter()) relay.AcceptUnsynchronized(4000);
        string page = Render();
        Assert.That(page, Does.Contain(">NOT READY<").And.Contain("relay sekoia: not connected, queue at 4000 of 5000 bytes"));
        Assert.That(page, Does.Contain("net: 1,234 dropped by the kernel before they could be read").And.Contain("its path &lt;gone&gt;"));
        Assert.That(page, Does.Contain("1 waiting, 3.9 KB of 4.9 KB").And.Contain("no connection"));
    }

    [Test]
    public void Nothing_that_comes_from_outside_becomes_markup()
    {
        _ledger.Output("<script>alert(1)</script>\"'&", isRelay: true, 1);
        _ledger.Output("file", isRelay: false, 1).Problem = "<img src=x onerror=alert(1)>";
        string page = Render();
        Assert.That(page, Does.Not.Contain("<script>alert").And.Not.Contain("<img"));
        Assert.That(page, Does.Contain("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;"));
    }

    [Test]
    public void The_intake_key_is_not_on_it() => Assert.That(Render(), Does.Not.Contain("Zq7R"));

    [Test]
    public void Its_policy_allows_its_own_style_and_script_and_nothing_else()
    {
        string page = Render();
        Assert.That(LivePage.ContentSecurityPolicy, Does.StartWith("default-src 'none'; "));
        foreach (string kind in new[] { "style", "script" })
        {
            string content = Regex.Match(page, $"<{kind}>(.*)</{kind}>", RegexOptions.Singleline).Groups[1].Value;
            string hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(content)));
            Assert.That(LivePage.ContentSecurityPolicy, Does.Contain($"{kind}-src 'sha256-{hash}'"));
        }
        Assert.That(page, Does.Not.Contain("style=").And.Not.Contain("onclick"));
        Assert.That(References().Matches(page).Select(static match => match.Groups[1].Value), Is.EquivalentTo(new[] { "data:,", "status.json", "metrics", "readyz", "healthz" }));
    }

    [Test]
    public void The_rates_are_those_of_the_last_ten_minutes()
    {
        _view.History.Look();
        _ledger.Listener("haproxy").Add(new BatchTally { Messages = 5000 });
        _time.Advance(SlotSeries.Slot);
        string page = Render();
        Assert.That(page, Does.Contain("<b data-f=\"received\">1,000</b> messages/s"));
        Assert.That(page, Does.Contain("118,0\"/>"));
    }

    [Test]
    public void Before_the_configuration_is_read_there_is_a_page_too()
    {
        _view.Options = null;
        Assert.That(Render(), Does.Contain("not in the running configuration"));
    }

    [TestCase(byte.MaxValue, "every message")]
    [TestCase((byte)1, "severity emerg")]
    [TestCase((byte)0b0111_1111, "severity info and worse")]
    [TestCase((byte)0b0101_0000, "severity warning, info")]
    public void A_range_of_severities_is_said_as_one(byte severities, string words) =>
        Assert.That(RouteWords.Conditions(new RouteOptions { Index = 0, To = [], Severities = severities }), Is.EqualTo(words));

    [Test]
    public void Every_condition_of_a_route_is_said() => Assert.That(
        RouteWords.Conditions(new RouteOptions
        {
            Index = 0,
            To = [],
            Program = "a*",
            ProgramName = "b",
            Host = "c",
            Sender = System.Net.IPNetwork.Parse("10.0.0.0/8"),
            Facilities = (1u << (int)Facility.Auth) | (1u << (int)Facility.Local0),
            Contains = ["x", "y"],
            ContainsAll = ["z"],
        }),
        Is.EqualTo("program a*, program name b, host c, sender 10.0.0.0/8, facility auth, local0, contains \"x\" or \"y\", contains \"z\""));

    [GeneratedRegex("(?:href|src|action)=\"([^\"]*)\"")]
    private static partial Regex References();

    private string Render() => new LivePage(_view, _time).Render();
}
