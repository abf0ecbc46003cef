using System.Text.Json;
using Concentrator.Accounting;
using Concentrator.Accounting.HAProxyTraffic;
using Concentrator.Hosting.Status;
using Concentrator.Hosting.Views;
using Concentrator.Telemetry.Log;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Telemetry;

/// <summary>What stands in <c>/status.json</c>.</summary>
internal sealed class StatusDocumentTests
{
    private const string Configured = """
        {
          "Listeners": { "a": { "Address": "udp://127.0.0.1:0" }, "b": { "Address": "tcp://127.0.0.1:2" } },
          "Outputs": {
            "file": { "Type": "file", "Path": "/tmp/out.log" },
            "relay": { "Type": "syslog-tls", "Endpoint": ["one:1", "two:2"], "Format": "rfc5424" }
          },
          "Spool": { "Directory": "/var/spool/here", "MaxSize": "1GB" }
        }
        """;

    /// <summary>Objects whose members are reasons, classes or states.</summary>
    private static readonly string[] Reasons = [".dropped", ".cut_connections", ".lost_before", ".requests", ".terminations"];

    private ManualTimeProvider _time = null!;
    private Ledger _ledger = null!;
    private OutputCounters _relay = null!;
    private ServerView _view = null!;
    private JsonDocument? _document;

    [SetUp]
    public void Configure()
    {
        _time = new ManualTimeProvider();
        _ledger = new Ledger();
        using ConfigurationFolder folder = new();
        _view = new ServerView(_ledger, new RecentEvents(new KeyMask()), _time) { Options = folder.Load(Configured).Options!, IsListening = true };
        _ledger.Listener("a").Address = "udp://127.0.0.1:4711";
        _ledger.Listener("b");
        TrafficInsight insight = _ledger.Listener("a").Insight;
        TrafficShard shard = insight.Borrow();
        shard.AddLine();
        shard.CountersOf("web"u8, "app"u8).Add(StatusClasses.NumberOf(404), 3, 4, TerminationStates.NumberOf((byte)'L', (byte)'R'));
        if (shard.AddUnreadable(UnreadableKind.Clf)) insight.Keep(UnreadableKind.Clf, "192.0.2.x - - […]");
        shard.Stamp(_time.GetUtcNow().UtcTicks);
        insight.Return(shard);
        _ledger.Output("file", isRelay: false, 1000);
        _relay = _ledger.Output("relay", isRelay: true, 5000);
    }

    [TearDown]
    public void Close() => _document?.Dispose();

    [Test]
    public void A_listener_is_where_it_is_bound_and_else_where_the_configuration_says()
    {
        _ledger.Listener("removed").Address = "udp://127.0.0.1:9";
        Assert.That(Of("listeners").Select(static l => l.GetProperty("address").GetString()),
            Is.EqualTo(new[] { "udp://127.0.0.1:4711", "tcp://127.0.0.1:2", null }));
    }

    [Test]
    public void A_listener_says_what_its_lines_of_HAProxy_say()
    {
        JsonElement insight = Of("listeners")[0].GetProperty("insight");
        Assert.That(insight.ToString(), Is.EqualTo(
            """{"lines":1,"frontends":[{"name":"web","requests":{"4xx":1},"terminations":{"LR":1}}],"backends":[{"name":"app","requests":{"4xx":1}}],"unreadable":"""
            + """[{"kind":"clf","count":1,"last":"2026-11-22T06:13:25.123Z","example":"192.0.2.x - - [\u2026]","remedy":"Use \u0027option httplog\u0027 in place of \u0027option httplog clf\u0027."}],"cut_lines":0,"cut_lengths":[]}"""));
        Assert.That(Of("listeners")[1].GetProperty("insight").ValueKind, Is.EqualTo(JsonValueKind.Null));
    }

    [Test]
    public void An_output_says_where_it_leads_and_who_has_the_connection()
    {
        _ledger.Output("removed", isRelay: true, 1);
        _relay.Connected(new ConnectedPeer("two:2", "TLS 1.3", new DateTime(2027, 1, 2, 3, 4, 5, DateTimeKind.Utc)));
        JsonElement[] outputs = Of("outputs");
        Assert.That(outputs.Select(static o => o.GetProperty("type").GetString()), Is.EqualTo(new[] { "file", "syslog-tls", null }));
        Assert.That(outputs[0].GetProperty("to").ToString(), Is.EqualTo("""["/tmp/out.log"]"""));
        Assert.That(outputs[0].GetProperty("relay").ValueKind, Is.EqualTo(JsonValueKind.Null));
        Assert.That(outputs[1].GetProperty("to").ToString(), Is.EqualTo("""["one:1","two:2"]"""));
        JsonElement relay = outputs[1].GetProperty("relay");
        Assert.That(relay.GetProperty("endpoint").GetString(), Is.EqualTo("two:2"));
        Assert.That(relay.GetProperty("certificate_ends").GetString(), Is.EqualTo("2027-01-02T03:04:05.000Z"));
        _relay.Disconnected();
        relay = Of("outputs")[1].GetProperty("relay");
        Assert.That(relay.GetProperty("connected").GetBoolean(), Is.False);
        Assert.That(relay.GetProperty("endpoint").ValueKind, Is.EqualTo(JsonValueKind.Null));
    }

    [Test]
    public void A_certificate_that_never_ends_is_no_trouble()
    {
        _relay.Connected(new ConnectedPeer("two:2", "TLS 1.3", DateTime.SpecifyKind(DateTime.MaxValue, DateTimeKind.Local)));
        Assert.That(Of("outputs")[1].GetProperty("relay").GetProperty("certificate_ends").GetString(), Does.StartWith("9999-12-31T"));
    }

    [Test]
    public void Estimates_are_numbers_null_or_Infinity()
    {
        Assert.That(Estimate("drain_seconds").ValueKind, Is.EqualTo(JsonValueKind.Null));
        _relay.Estimate(new BacklogEstimate(12.345, double.PositiveInfinity));
        Assert.That(Estimate("drain_seconds").GetDouble(), Is.EqualTo(12.3));
        Assert.That(Estimate("autonomy_seconds").GetString(), Is.EqualTo("Infinity"));

        JsonElement Estimate(string name) => Of("outputs")[1].GetProperty(name);
    }

    [Test]
    public void What_stands_against_being_ready_is_what_readyz_says()
    {
        Assert.That(Read().GetProperty("ready").GetBoolean(), Is.True);
        _view.IsListening = false;
        Assert.That(Read().GetProperty("ready").GetBoolean(), Is.False);
        Assert.That(Of("problems").Single().GetString(), Is.EqualTo("not listening"));
    }

    [Test]
    public void The_uptime_is_that_of_the_program()
    {
        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.That(Read().GetProperty("server").GetProperty("uptime_seconds").GetDouble(), Is.EqualTo(120));
    }

    [Test]
    public void Before_the_configuration_is_read_there_is_a_document_too()
    {
        _view.Options = null;
        Assert.That(Read().GetProperty("spool").GetProperty("directory").ValueKind, Is.EqualTo(JsonValueKind.Null));
    }

    [Test]
    public void The_reference_has_every_member_in_its_table_and_no_other()
    {
        IEnumerable<string> table = Repository.Read("docs/reference/metrics.md").Split('\n')
            .SkipWhile(static line => !line.StartsWith("| member of `/status.json` |", StringComparison.Ordinal))
            .TakeWhile(static line => line.StartsWith('|'));
        _relay.Estimate(new BacklogEstimate(1, 1));
        HashSet<string> written = [.. Members(Read(), ""), "log.recent[].time", "log.recent[].first", "log.recent[].level", "log.recent[].count", "log.recent[].message"];
        IEnumerable<string> documented = table.Skip(2).SelectMany(static row => row.Split('|')[1].Split(',')).Select(static name => name.Trim(' ', '`'));
        Assert.That(documented, Is.EquivalentTo(written));
    }

    /// <summary>The paths of all values: objects by their members, lists by those of their elements. Reasons are values of their object.</summary>
    private static IEnumerable<string> Members(JsonElement element, string path) => element.ValueKind switch
    {
        JsonValueKind.Object when Reasons.Any(reasons => path.EndsWith(reasons, StringComparison.Ordinal)) => [path],
        JsonValueKind.Object => element.EnumerateObject().SelectMany(member => Members(member.Value, path.Length == 0 ? member.Name : $"{path}.{member.Name}")),
        JsonValueKind.Array when element.EnumerateArray().Any(static item => item.ValueKind == JsonValueKind.Object) =>
            element.EnumerateArray().SelectMany(item => Members(item, $"{path}[]")),
        JsonValueKind.Null when path is "outputs[].relay" or "listeners[].insight" => [],
        JsonValueKind.Array when path == "log.recent" => [],
        _ => [path],
    };

    private JsonElement[] Of(string list) => [.. Read().GetProperty(list).EnumerateArray()];

    private JsonElement Read()
    {
        _document?.Dispose();
        _document = JsonDocument.Parse(new StatusDocument(_view, _time).Render());
        return _document.RootElement;
    }
}
