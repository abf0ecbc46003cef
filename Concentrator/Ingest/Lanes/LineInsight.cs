using Concentrator.Accounting;
using Concentrator.Accounting.HAProxyTraffic;
using Concentrator.Messages;
using Concentrator.Messages.HAProxyLines;

namespace Concentrator.Ingest.Lanes;

/// <summary>
/// Counts what a lane's lines of HAProxy say, beside the journey of a message: whatever it finds, the message goes on unchanged. A line is HAProxy's if
/// its program is <c>haproxy*</c>, or if it has the form of a line about a client; a program that wrote one such line is HAProxy from then
/// on (<c>log-tag</c>), and without a program the form decides for each line. Used by one thread at a time, as its lane. Allocates nothing.
/// </summary>
internal sealed class LineInsight(ListenerCounters counters, TimeProvider time)
{
    private readonly TrafficInsight _insight = counters.Insight;
    private readonly RecentNames _names = new();
    private TrafficShard? _shard;

    /// <summary>Where requests with the names kept are counted, and the shard that this is in.</summary>
    private RequestCounters _requests;
    private TrafficShard? _countedIn;

    /// <summary>The listener's <c>Insight</c>.</summary>
    public bool IsOn => _insight.IsOn;

    /// <summary>Counts one message, if it is a line of HAProxy.</summary>
    /// <param name="truncated">Whether this server or its receiver has cut it, so that no sender's limit has.</param>
    public void Look(in SyslogMessage message, bool truncated)
    {
        if (!message.AppName.StartsWith("haproxy"u8) && !IsFromHAProxy(message)) return;
        HAProxyLineScanner.Scan(message, _names, out HAProxyLine line);
        TrafficShard shard = _shard ??= _insight.Borrow();
        shard.AddLine();
        if (line.IsTraffic)
        {
            int statusClass = line.Kind == LineKind.TcpSession ? StatusClasses.Tcp : StatusClasses.NumberOf(line.Status);
            RequestCounters requests = line.HasKnownNames && shard == _countedIn ? _requests : CountersOf(line, shard);
            requests.Add(statusClass, line.ResponseTime, line.ActiveTime, TerminationStates.NumberOf(line.Cause, line.Phase));
        }
        if (line.LogCounter >= 0 && _insight.Follow(line.Frontend, message.ProcId, line.LogCounter) is > 0 and long lost)
            counters.AddLostBefore(LostBefore.CounterGap, lost);
        if (line.Kind > LineKind.MarkedJson) Report(message, line.Kind, shard);
        if (line.IsUnfinished && !truncated) _insight.AddUnfinished(message.Frame.Length);
    }

    /// <summary>Gives the shard back. Call it after every batch.</summary>
    public void EndBatch()
    {
        if (_shard is not { } shard) return;
        _shard = null;
        if (shard.WantsStamp) shard.Stamp(time.GetUtcNow().UtcTicks);
        _insight.Return(shard);
    }

    /// <summary>Whether a line whose program has another name is HAProxy's.</summary>
    private bool IsFromHAProxy(in SyslogMessage message)
    {
        if (HAProxyLineScanner.HasShape(message.Text))
        {
            if (!message.AppName.IsEmpty) _insight.Programs.NumberOf(message.AppName);
            return true;
        }
        return message.AppName.IsEmpty ? RingNotice.TryRead(message.Text, out _) : _insight.Programs.Contains(message.AppName);
    }

    private RequestCounters CountersOf(in HAProxyLine line, TrafficShard shard)
    {
        if (shard == _countedIn && _names.AreOf(line)) return _requests;
        _names.Keep(line);
        _countedIn = shard;
        return _requests = shard.CountersOf(line.Frontend, line.Backend);
    }

    private void Report(in SyslogMessage message, LineKind kind, TrafficShard shard)
    {
        if (kind == LineKind.DroppedNotice && RingNotice.TryRead(message.Text, out long dropped)) counters.AddLostBefore(LostBefore.RingDropped, dropped);
        UnreadableKind unreadable = Unreadable(kind);
        if (shard.AddUnreadable(unreadable)) _insight.Keep(unreadable, MaskedLine.Of(message.Text, kind));
    }

    private static UnreadableKind Unreadable(LineKind kind) => kind switch
    {
        LineKind.RequestWithTlsVersion => UnreadableKind.HttpsTlsVersion,
        LineKind.OddUri => UnreadableKind.Uri,
        LineKind.TcpSession => UnreadableKind.TcpLog,
        LineKind.Clf => UnreadableKind.Clf,
        LineKind.Json => UnreadableKind.Json,
        LineKind.HealthCheck => UnreadableKind.Health,
        LineKind.StateNotice => UnreadableKind.State,
        LineKind.DroppedNotice => UnreadableKind.RingNotice,
        LineKind.UnixClient => UnreadableKind.UnixClient,
        LineKind.Truncated => UnreadableKind.Truncated,
        _ => UnreadableKind.Custom,
    };
}
