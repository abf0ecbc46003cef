using Serilog.Core;
using Serilog.Debugging;
using Serilog.Events;

namespace Concentrator.Telemetry.Log;

/// <summary>
/// Passes on the events that <see cref="RepeatFolding{TEvent}"/> admits, and shows the repeats of a window when it ends. The
/// timer runs only while a window has something to show, so a quiet server is not woken. Any thread may emit; events are passed on in
/// the order in which they are shown. After <see cref="Dispose"/> events pass unfolded, so the last lines of a stop are not lost.
/// </summary>
internal sealed class FoldingSink : ILogEventSink, IDisposable
{
    /// <summary>The property that carries a count to <see cref="LineFormatter"/>, which appends it to the line.</summary>
    public const string RepeatsProperty = "FoldedRepeats";

    public static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    /// <summary>Limit of folded events: a server has far fewer faults at once, and a hostile peer must not use up memory.</summary>
    private const int Capacity = 256;

    private readonly Lock _gate = new();
    private readonly ILogEventSink _inner;
    private readonly TimeProvider _time;
    private readonly RecentEvents? _recent;
    private readonly RepeatFolding<LogEvent> _folding;
    private readonly List<Repeats<LogEvent>> _ended = [];
    private readonly ITimer _timer;

    // Timestamp at which the timer fires; null = not set.
    private long? _firesAt;
    private bool _disposed;

    /// <param name="inner">Receives the events that are shown.</param>
    /// <param name="time">The clock of the windows.</param>
    /// <param name="recent">Receives every event, including those not shown; null = none.</param>
    public FoldingSink(ILogEventSink inner, TimeProvider time, RecentEvents? recent = null)
    {
        _inner = inner;
        _time = time;
        _recent = recent;
        _folding = new RepeatFolding<LogEvent>(time, Window, Capacity);
        _timer = time.CreateTimer(static sink => ((FoldingSink)sink!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Emit(LogEvent logEvent)
    {
        lock (_gate)
        {
            if (_disposed)
            {
                _inner.Emit(logEvent);
                return;
            }

            string identity = EventIdentity.Of(logEvent);
            _recent?.Keep(identity, logEvent);
            bool show = _folding.Admit(identity, logEvent, _ended);
            ShowEnded();
            if (show) _inner.Emit(logEvent);
            Arm();
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed) return;
            _disposed = true;
            _folding.EndAll(_ended);
            ShowEnded();
        }

        _timer.Dispose();
    }

    private void OnTimer()
    {
        try
        {
            lock (_gate)
            {
                if (_disposed) return;
                _firesAt = null;
                _folding.EndWindows(_ended);
                Arm();
                ShowEnded();
            }
        }
        catch (Exception e)
        {
            // A log that cannot be written must not end the server, as an exception in a timer callback would.
            SelfLog.WriteLine("the log cannot be written: {0}", e.Message);
        }
    }

    private void Arm()
    {
        if (_folding.UntilNextShown is not { } left) return;
        long endsAt = _time.GetTimestamp() + (long)(left.TotalSeconds * _time.TimestampFrequency);
        if (_firesAt <= endsAt) return;
        _firesAt = endsAt;
        _timer.Change(left, Timeout.InfiniteTimeSpan);
    }

    private void ShowEnded()
    {
        if (_ended.Count == 0) return;
        Repeats<LogEvent>[] ended = [.. _ended];
        _ended.Clear();
        foreach (Repeats<LogEvent> repeats in ended) _inner.Emit(WithCount(repeats));
    }

    /// <summary>The event again with its count, at the present time so that the log stays in order.</summary>
    private LogEvent WithCount(Repeats<LogEvent> repeats)
    {
        LogEvent last = repeats.Last;
        IEnumerable<LogEventProperty> properties = last.Properties.Select(static p => new LogEventProperty(p.Key, p.Value));
        LogEvent counted = new(_time.GetLocalNow(), last.Level, last.Exception, last.MessageTemplate, properties);
        string times = repeats.Count == 1 ? "time" : "times";
        string suffix = $"({repeats.Count} {times} in the last {Math.Ceiling(repeats.Period.TotalSeconds):0} s)";
        counted.AddOrUpdateProperty(new LogEventProperty(RepeatsProperty, new ScalarValue(suffix)));
        return counted;
    }
}
