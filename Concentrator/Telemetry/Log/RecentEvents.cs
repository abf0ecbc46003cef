using Serilog.Events;

namespace Concentrator.Telemetry.Log;

/// <summary>
/// The last warnings and errors of the program's own log, for views of the running server. Repeats share one entry with a count, so
/// that one fault does not displace all others; there are at most <see cref="Most"/> entries. Any thread may keep and read.
/// </summary>
internal sealed class RecentEvents(KeyMask keys)
{
    public const int Most = 20;

    private readonly Lock _gate = new();

    // The most recent event is last.
    private readonly List<Kept> _kept = new(Most);

    /// <summary>Keeps the event if it is a warning or worse.</summary>
    /// <param name="identity">Equal for events that are the same to a reader (<see cref="EventIdentity"/>).</param>
    public void Keep(string identity, LogEvent item)
    {
        if (item.Level < LogEventLevel.Warning) return;
        lock (_gate)
        {
            Kept kept = new(identity, item.Timestamp);
            if (_kept.FindIndex(known => known.Identity == identity) is >= 0 and int at)
            {
                kept = _kept[at];
                _kept.RemoveAt(at);
            }
            else if (_kept.Count == Most)
            {
                _kept.RemoveAt(0);
            }
            kept.Last = item;
            kept.Count++;
            _kept.Add(kept);
        }
    }

    /// <summary>Returns the events in the order of their last occurrence.</summary>
    public IReadOnlyList<RecentEvent> Read()
    {
        lock (_gate)
        {
            return [.. _kept.Select(kept => new RecentEvent(
                kept.Last!.Timestamp, kept.First, LineFormatter.Word(kept.Last.Level),
                keys.Hide(LineFormatter.Message(kept.Last, withStackTraces: false)), kept.Count))];
        }
    }

    private sealed class Kept(string identity, DateTimeOffset first)
    {
        public string Identity { get; } = identity;

        public DateTimeOffset First { get; } = first;

        public LogEvent? Last { get; set; }

        public long Count { get; set; }
    }
}

/// <summary>A warning or an error.</summary>
/// <param name="Time">Time of the last occurrence.</param>
/// <param name="First">Time of the first occurrence.</param>
/// <param name="Level">As in the log: <c>WARN</c>, <c>ERROR</c>, <c>FATAL</c>.</param>
/// <param name="Message">One line of the last occurrence, with control characters escaped and keys hidden.</param>
/// <param name="Count">Number of occurrences.</param>
internal readonly record struct RecentEvent(DateTimeOffset Time, DateTimeOffset First, string Level, string Message, long Count);
