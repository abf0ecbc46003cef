using System.Text;
using System.Text.Json;
using Concentrator.Configuration.Options;
using Concentrator.Messages;
using Concentrator.Messages.Parsing;
using Concentrator.Taps;
using Concentrator.Telemetry.Log;
using Concentrator.Tests.Equipment;
using Concentrator.Tests.Parsing;
using NUnit.Framework;

namespace Concentrator.Tests.Taps;

/// <summary>What a tap takes of the messages that a lane routes, what it passes over, and what that costs.</summary>
[TestFixture]
internal sealed class TapTests
{
    private const string Header = "<134>1 2026-11-22T06:13:25.123456+00:00 edge haproxy 1 - - ";

    [Test]
    public void Watching_the_whole_corpus_allocates_nothing_on_the_way_of_a_message()
    {
        TappedLane bench = new();
        byte[][] frames = [.. Corpus.Messages.Select(static m => m.Frame).Where(static f => f.Length < 60 * 1024)];
        HurriedClock clock = new();
        Tap framed = new(new TapRequest { Output = "relay", WithFrame = true }, clock);
        Assert.That(bench.Taps.TryAdd(framed) && bench.Taps.TryAdd(new Tap(new TapRequest { Text = "e" }, clock)));
        Assert.That(Allocation.InSteadyState(() =>
        {
            for (int first = 0; first < frames.Length; first += 64)
            {
                bench.Lane.BeginBatch();
                for (int i = first; i < Math.Min(first + 64, frames.Length); i++) bench.Lane.Accept(frames[i], false, "sender"u8, default);
                bench.Lane.EndBatch();
                bench.Deliver();
                while (framed.Ring.TryRead(out _)) framed.Ring.Release();
            }
        }), Is.Zero);
        Assert.That(framed.Counts.Matched, Is.EqualTo(35L * frames.Length));
        Assert.That(framed.Counts.Taken, Is.EqualTo(framed.Counts.Matched), "none is passed over, which would cost less");
        Assert.That(bench.Ledger.Outputs().Select(static o => o.Balances), Is.All.True);
    }

    [Test]
    public void Beyond_its_rate_messages_are_passed_over_and_counted()
    {
        TappedLane bench = new();
        Tap tap = bench.Tap(new TapRequest());
        string[] burst = [.. Enumerable.Range(0, 1500).Select(static i => $"{Header}{i}")];
        bench.Accept(burst);
        Assert.That(tap.Counts, Is.EqualTo(new TapCounts(Tap.MostPerSecond, 500, 0)));
        bench.Time.Advance(TimeSpan.FromMilliseconds(100));
        bench.Accept(burst);
        Assert.That(tap.Counts, Is.EqualTo(new TapCounts(Tap.MostPerSecond + 100, 1900, 0)));
        bench.Time.Advance(TimeSpan.FromHours(1));
        bench.Accept(burst);
        Assert.That(tap.Counts.Taken, Is.EqualTo((2 * Tap.MostPerSecond) + 100), "a silence saves up one second and no more");
    }

    [Test]
    public void A_tenth_of_the_rate_is_never_passed_over_whatever_the_fractions()
    {
        TappedLane bench = new();
        Tap tap = bench.Tap(new TapRequest());
        for (int i = 0; i < 20_000; i++)
        {
            bench.Time.Advance(TimeSpan.FromTicks(10_007));
            bench.Accept($"{Header}{i}");
            TappedLane.Read(tap);
        }
        Assert.That(tap.Counts, Is.EqualTo(new TapCounts(20_000, 0, 0)));
    }

    [Test]
    public void A_reader_that_does_not_read_costs_messages_of_the_tap_and_none_of_the_outputs()
    {
        TappedLane bench = new();
        Tap tap = bench.Tap(new TapRequest());
        string text = new('x', 20_000);
        bench.Accept([.. Enumerable.Range(0, 100).Select(i => $"{Header}{i} {text}")]);
        Assert.That(tap.Counts.Matched, Is.EqualTo(100));
        Assert.That(tap.Counts.PassedForRoom, Is.GreaterThan(40));
        Assert.That(TappedLane.Read(tap), Has.Count.EqualTo(tap.Counts.Taken));
        Assert.That(bench.Ledger.Outputs().Select(static o => o.Accepted), Is.All.EqualTo(100));
    }

    [Test]
    public void A_tap_ends_at_its_limit_and_counts_nothing_after_it()
    {
        TappedLane bench = new();
        Tap tap = bench.Tap(new TapRequest { Limit = 2 });
        bench.Accept([.. Enumerable.Range(0, 5).Select(static i => $"{Header}{i}")]);
        Assert.That(tap.IsClosed);
        Assert.That(tap.Counts, Is.EqualTo(new TapCounts(2, 0, 0)));
        Assert.That(TappedLane.Read(tap), Is.EqualTo(new[] { $"{Header}0", $"{Header}1" }));
    }

    [Test]
    public void Four_taps_fit_and_none_sees_another()
    {
        TappedLane bench = new();
        Tap[] taps = [.. Enumerable.Range(0, TapPoint.Most).Select(i => bench.Tap(new TapRequest { Text = $"to {i}" }))];
        Assert.That(bench.Taps.TryAdd(new Tap(new TapRequest(), bench.Time)), Is.False);
        bench.Accept(Header + "to 2", Header + "to 0", Header + "to 7");
        Assert.That(taps.Select(static t => t.Counts.Matched), Is.EqualTo(new[] { 1, 0, 1, 0 }));
        foreach (Tap tap in taps) bench.Taps.Remove(tap);
        Assert.That(bench.Taps.Active, Is.Null, "nobody taps any more");
        bench.Accept(Header + "to 2");
        Assert.That(taps[2].Counts.Matched, Is.EqualTo(1));
    }

    [TestCase("file")]
    [TestCase("relay")]
    public void The_frame_that_is_shown_is_the_one_in_the_outputs_queue(string output)
    {
        // A frame that is cut at the limit of the output too.
        foreach (string text in new[] { "short", new string('ä', 30_000), "with\u0001control" })
        {
            TappedLane bench = new();
            Tap tap = bench.Tap(new TapRequest { Output = output, WithFrame = true });
            bench.Accept(Header + text);
            Assert.That(tap.Ring.TryRead(out ReadOnlySpan<byte> bytes));
            Assert.That(new TapRecordReader(bytes).Sent.ToArray(), Is.EqualTo(bench.Rendered(output)));
        }
    }

    [Test]
    public void The_line_of_a_message_names_each_field_and_each_route_and_masks_the_key()
    {
        TappedLane bench = new(
            new RouteOptions { Index = 0, Program = "nobody", To = ["file"] },
            new RouteOptions { Index = 1, To = ["relay"] },
            new RouteOptions { Index = 2, To = [], Stop = true },
            new RouteOptions { Index = 3, To = ["file"] });
        Tap tap = bench.Tap(new TapRequest { Output = "relay", WithFrame = true });
        bench.Accept("<131>1 2026-11-22T06:13:25.123456+00:00 edge haproxy 42 id [a@1 b=\"c\"] it\u001b[1m says");
        using JsonDocument line = Line(bench, tap);
        JsonElement root = line.RootElement;
        Assert.Multiple(() =>
        {
            Assert.That(root.GetProperty("frame").GetString(), Does.EndWith("it#033[1m says"));
            Assert.That(root.GetProperty("header").GetString(), Is.EqualTo("rfc5424"));
            Assert.That(root.GetProperty("pri").GetInt32(), Is.EqualTo(131));
            Assert.That(root.GetProperty("facility").GetString(), Is.EqualTo("local0"));
            Assert.That(root.GetProperty("severity").GetString(), Is.EqualTo("err"));
            Assert.That(root.GetProperty("timestamp").GetString(), Is.EqualTo("2026-11-22T06:13:25.123456+00:00"));
            Assert.That(root.GetProperty("hostname").GetString(), Is.EqualTo("edge"));
            Assert.That(root.GetProperty("app_name").GetString(), Is.EqualTo("haproxy"));
            Assert.That(root.GetProperty("procid").GetString(), Is.EqualTo("42"));
            Assert.That(root.GetProperty("msgid").GetString(), Is.EqualTo("id"));
            Assert.That(root.GetProperty("structured_data").GetString(), Is.EqualTo("[a@1 b=\"c\"]"));
            Assert.That(root.GetProperty("message").GetString(), Is.EqualTo("it#033[1m says"));
            Assert.That(root.GetProperty("sent").GetString(), Does.Contain("intake_key=\"Some…\"").And.Not.Contain(TappedLane.Key[..5]));
            Assert.That(root.GetProperty("routes").EnumerateArray().Select(static r => $"{r.GetProperty("route")} {r.GetProperty("output")} {r.GetProperty("outcome")}"),
                Is.EqualTo(new[] { "1 relay queued", "2  no output" }));
        });
    }

    [TestCase("<134>1 2026-11-22T06:13:25Z edge haproxy 1 - - text", HeaderFormat.Auto, "rfc5424")]
    [TestCase("<134>Nov 22 06:13:25 edge haproxy[1]: text", HeaderFormat.Auto, "rfc3164")]
    [TestCase("<134>Nov 22 06:13:25 haproxy[1]: text", HeaderFormat.Auto, "rfc3164 without host name")]
    [TestCase("<134>2026-11-22T06:13:25Z edge haproxy[1]: text", HeaderFormat.Auto, "rfc3164, with an RFC 3339 date")]
    [TestCase("<134>haproxy[1]: text", HeaderFormat.Auto, "tag only")]
    [TestCase("<134>text alone", HeaderFormat.Auto, "priority only")]
    [TestCase("text alone", HeaderFormat.Auto, "none")]
    [TestCase("<134>2026-11-22T06:13:25Z text", HeaderFormat.Timed, "timed")]
    [TestCase("2026-11-22T06:13:25Z text", HeaderFormat.Iso, "iso")]
    [TestCase("<134>1 - - - - - - text", HeaderFormat.Raw, "raw")]
    public void The_header_that_was_recognised_has_a_name(string frame, HeaderFormat hint, string name)
    {
        SyslogParser.Parse(Encoding.UTF8.GetBytes(frame), hint, out SyslogMessage message);
        Assert.That(HeaderName.Of(message, hint), Is.EqualTo(name));
    }

    /// <summary>A millisecond passes between two looks, so that the rate is never reached.</summary>
    private sealed class HurriedClock : TimeProvider
    {
        private long _now;

        public override long GetTimestamp() => _now += TimestampFrequency / 1000;
    }

    private static JsonDocument Line(TappedLane bench, Tap tap)
    {
        KeyMask keys = new();
        keys.Learn(bench.Options);
        using TapLines lines = new();
        Assert.That(tap.Ring.TryRead(out ReadOnlySpan<byte> bytes));
        TapRecordReader record = new(bytes);
        new TapDocument(keys).WriteMessage(lines.Begin(), ref record, 1);
        lines.End();
        return JsonDocument.Parse(lines.Written.ToArray());
    }
}
