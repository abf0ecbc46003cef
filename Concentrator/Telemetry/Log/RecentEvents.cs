using Serilog.Events;

namespace Concentrator.Telemetry.Log;

/// <summary>
/// The last warnings and errors of our own log, for those who look at the running server. What repeats is one entry with its count, so
/// that one fault does not push out all others; there are never more than <see cref="Most"/>. Any thread may keep and read.
/// </summary>
internal sealed class RecentEvents(KeyMask keys)
{
    public const int Most = 20;

    private readonly Lock _gate = new();

    // The one that came last is the last.
    private readonly List<Kept> _kept = new(Most);

    /// <summary>Keeps what is a warning or worse.</summary>
    /// <param name="identity">Equal for events that are one to a reader (<see cref="EventIdentity"/>).</param>
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

    /// <summary>In the order of their last times.</summary>
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
/// <param name="Time">When it came last.</param>
/// <param name="First">When it came first.</param>
/// <param name="Level">As in the log: <c>WARN</c>, <c>ERROR</c>, <c>FATAL</c>.</param>
/// <param name="Message">One line, control characters escaped, keys hidden; of the last time.</param>
/// <param name="Count">How often it came.</param>
internal readonly record struct RecentEvent(DateTimeOffset Time, DateTimeOffset First, string Level, string Message, long Count);
