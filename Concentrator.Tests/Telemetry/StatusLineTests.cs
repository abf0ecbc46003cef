using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Hosting.Status;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Telemetry;

/// <summary>The line of <c>systemctl status</c>.</summary>
internal sealed class StatusLineTests
{
    private const string Configured = """
        {
          "Listeners": { "a": { "Address": "udp://127.0.0.1:1" }, "b": { "Address": "udp://127.0.0.1:2" } },
          "Outputs": { "file": { "Type": "file", "Path": "/tmp/out.log" }, "relay": { "Type": "syslog-tcp", "Endpoint": "localhost:1", "Format": "rfc5424" } }
        }
        """;

    private Ledger _ledger = null!;
    private ServerOptions _options = null!;
    private OutputCounters _file = null!;
    private OutputCounters _relay = null!;

    [SetUp]
    public void Configure()
    {
        _ledger = new Ledger();
        using ConfigurationFolder folder = new();
        _options = folder.Load(Configured).Options!;
        _file = _ledger.Output("file", isRelay: false, 1000);
        _relay = _ledger.Output("relay", isRelay: true, 1000);
        _ledger.Output("of an earlier configuration", isRelay: true, 1000);
        _relay.Connected();
    }

    [Test]
    public void A_server_that_is_well_says_what_runs() => Assert.That(Line(), Is.EqualTo("ready: 2 listeners, 2 outputs"));

    [Test]
    public void A_relay_that_is_away_is_named_with_what_waits()
    {
        _relay.Disconnected();
        Assert.That(Line(), Is.EqualTo("ready: 2 listeners, 2 outputs; relay relay: not connected, 0 messages queued"));
    }

    [Test]
    public void What_stands_against_being_ready_is_said_as_the_status_pages_say_it()
    {
        _file.Problem = "cannot be written";
        Assert.That(Line(), Is.EqualTo("not ready: file file: cannot be written"));
        Assert.That(Line("in use"), Is.EqualTo("not ready: file file: cannot be written; status pages unavailable: in use"));
    }

    [Test]
    public void A_listener_that_hears_nothing_stands_against_it_too()
    {
        _ledger.Listener("a").Problem = "its path is gone";
        Assert.That(Line(), Is.EqualTo("not ready: listener a: its path is gone"));
    }

    private string Line(string? pages = null) => StatusLine.Of(_options, _ledger.Listeners(), _ledger.Outputs(), pages);
}
