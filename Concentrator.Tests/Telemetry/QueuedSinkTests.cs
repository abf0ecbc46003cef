using Concentrator.Accounting;
using Concentrator.Telemetry.Log;
using NUnit.Framework;
using Serilog.Core;
using Serilog.Events;
using Serilog.Parsing;

namespace Concentrator.Tests.Telemetry;

/// <summary>The log's queue: a place that takes no lines costs lines, and nobody waits for it.</summary>
internal sealed class QueuedSinkTests
{
    private Ledger _ledger = null!;
    private Door _door = null!;

    [SetUp]
    public void Begin() => (_ledger, _door) = (new Ledger(), new Door());

    [TearDown]
    public void End() => _door.Open();

    [Test]
    public void Events_arrive_in_their_order_and_all_of_them_before_the_end()
    {
        _door.Open();
        using (QueuedSink sink = new(_door, _ledger, TimeProvider.System))
        {
            for (int i = 0; i < 500; i++) sink.Emit(Event($"line {i}"));
        }
        Assert.That(_door.Seen(), Is.EqualTo(Enumerable.Range(0, 500).Select(static i => $"line {i}")));
        Assert.That(_ledger.DroppedLogLines, Is.Zero);
    }

    [Test]
    public void What_finds_the_queue_full_is_dropped_counted_and_said_when_the_place_takes_lines_again()
    {
        using QueuedSink sink = new(_door, _ledger, TimeProvider.System);
        sink.Emit(Event("taken"));
        _door.WaitForVisitor();
        for (int i = 0; i < QueuedSink.Capacity + 7; i++) sink.Emit(Event($"line {i}"));
        Assert.That(_ledger.DroppedLogLines, Is.EqualTo(7));
        _door.Open();
        sink.Dispose();
        IReadOnlyList<string> seen = _door.Seen();
        Assert.That(seen, Has.Count.EqualTo(QueuedSink.Capacity + 2));
        Assert.That(seen[^2], Is.EqualTo($"line {QueuedSink.Capacity - 1}"));
        Assert.That(seen[^1], Does.StartWith("log: 7 lines before this one were dropped"));
    }

    [Test]
    public void The_end_does_not_wait_for_a_place_that_takes_no_lines()
    {
        QueuedSink sink = new(_door, _ledger, TimeProvider.System);
        sink.Emit(Event("taken"));
        _door.WaitForVisitor();
        sink.Emit(Event("waits"));
        sink.Dispose();
        sink.Emit(Event("too late"));
        Assert.That(_door.Seen(), Is.Empty);
        Assert.That(_ledger.DroppedLogLines, Is.EqualTo(1));
    }

    [Test]
    public void A_place_that_fails_costs_the_line_and_not_the_next()
    {
        _door.Open();
        _door.Failures = 3;
        using (QueuedSink sink = new(_door, _ledger, TimeProvider.System))
        {
            for (int i = 0; i < 5; i++) sink.Emit(Event($"line {i}"));
        }
        Assert.That(_door.Seen(), Is.EqualTo(new[] { "line 3", "line 4" }));
        Assert.That(_ledger.DroppedLogLines, Is.EqualTo(3));
    }

    private static LogEvent Event(string text) =>
        new(DateTimeOffset.UnixEpoch, LogEventLevel.Information, null, new MessageTemplateParser().Parse(text), []);

    /// <summary>Where events go, once it is open.</summary>
    private sealed class Door : ILogEventSink
    {
        private readonly ManualResetEventSlim _open = new();
        private readonly ManualResetEventSlim _visited = new();
        private readonly Lock _gate = new();
        private readonly List<string> _seen = [];

        /// <summary>Events that it will not take.</summary>
        public int Failures { get; set; }

        public void Emit(LogEvent logEvent)
        {
            _visited.Set();
            _open.Wait();
            if (Failures-- > 0) throw new IOException("no space left on device");
            lock (_gate) _seen.Add(logEvent.RenderMessage(System.Globalization.CultureInfo.InvariantCulture));
        }

        public void Open() => _open.Set();

        public void WaitForVisitor() => _visited.Wait();

        public IReadOnlyList<string> Seen()
        {
            lock (_gate) return [.. _seen];
        }
    }
}
