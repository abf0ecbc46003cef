using Concentrator.Tools.Switch;
using Concentrator.Tools.Trace;
using NUnit.Framework;

namespace Concentrator.Tests.Tools.Switch;

/// <summary>When the way of the marked line proves a switch.</summary>
[TestFixture]
internal sealed class LineWayTests
{
    private static readonly Dictionary<string, string> Files = new() { ["file"] = "/var/log/haproxy.log", ["copy"] = "/var/log/copy.log" };

    [Test]
    public void A_line_on_its_way_to_a_file_is_proved_by_the_file_and_not_by_a_relay()
    {
        LineWay way = new(Files);
        Assert.That(way.IsSent, Is.False);
        Assert.That(Reach(way, "sent", null), Is.Null);
        Assert.That(way.IsSent);
        Assert.That(Reach(way, "queued", "sekoia"), Is.Null);
        Assert.That(Reach(way, "queued", "file"), Is.Null);
        Assert.That(Reach(way, "stored", "sekoia"), Is.Null);
        Assert.That(Reach(way, "acknowledged", "sekoia"), Is.Null);
        Assert.That(Reach(way, "written", "file"), Is.EqualTo("is in /var/log/haproxy.log"));
    }

    [Test]
    public void A_line_that_no_route_leads_to_a_file_is_proved_by_the_queue_of_a_relay()
    {
        LineWay way = new(Files);
        Reach(way, "sent", null);
        Reach(way, "queued", "sekoia");
        Assert.That(Reach(way, "queued", "other"), Is.Null);
        Assert.That(Reach(way, "stored", "sekoia"), Is.EqualTo("is in the queue of sekoia, other"));
    }

    [Test]
    public void A_line_that_no_output_gets_proves_nothing()
    {
        LineWay way = new(Files);
        foreach (string station in new[] { "sent", "received", "parsed", "routed", "dropped" }) Assert.That(Reach(way, station, null), Is.Null);
    }

    private static string? Reach(LineWay way, string station, string? output)
    {
        bool goesOn = way.Reach(new TraceStation(station, output, DateTimeOffset.UnixEpoch, ""));
        Assert.That(goesOn, Is.EqualTo(way.Found is null));
        return way.Found;
    }
}
