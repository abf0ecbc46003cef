using System.Runtime.CompilerServices;
using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Messages;
using Concentrator.Messages.Parsing;
using Concentrator.Messages.Rendering;
using Concentrator.Routing;
using Concentrator.Taps;

namespace Concentrator.Ingest.Lanes;

/// <summary>
/// Turns received frames into queued blocks. A lane is the sequential part of the journey, one for each datagram socket and each stream
/// connection, so that a sender's messages stay in order. Used by one thread at a time:
/// <see cref="BeginBatch"/>, any number of <see cref="Accept"/>, <see cref="EndBatch"/>; after one or more batches,
/// <see cref="Publish"/>. Allocates nothing.
/// </summary>
/// <param name="taps">Where messages are watched; null = nowhere.</param>
internal sealed class IngestLane(
    ListenerOptions options, ListenerCounters counters, ListenerRoutes routes, TimeProvider time, TapPoint? taps = null)
{
    private readonly ReceptionClock _clock = new(time);
    private readonly TapPoint _taps = taps ?? new TapPoint();
    private readonly LineInsight _insight = new(counters, time);
    private RouteTrail? _trail;
    private RouteTable _table = RouteTable.Empty;
    private BatchTally _tally;
    private ulong _touched;

    /// <summary>Begins a batch whose first messages were received at <paramref name="receivedAt"/>, in UTC ticks; 0 = now.</summary>
    public void BeginBatch(long receivedAt = 0)
    {
        // Outputs that were touched through a table are published by that table.
        RouteTable table = routes.Table;
        if (_table != table) Publish();
        _table = table;
        _tally = default;
        Stamp(receivedAt);
    }

    /// <summary>Sets the time of reception of the frames accepted from now on, in UTC ticks; 0 = now.</summary>
    public void Stamp(long receivedAt) =>
        _clock.Update(receivedAt == 0 ? time.GetUtcNow() : new DateTimeOffset(receivedAt, TimeSpan.Zero));

    /// <summary>Steps 3 to 5 of the journey for one frame. <paramref name="senderName"/> replaces a missing host name.</summary>
    /// <param name="truncated">Whether the receiver already had to cut the frame.</param>
    /// <param name="isContinued">The frame continues one that was cut: all of it is text.</param>
    public void Accept(
        ReadOnlySpan<byte> frame, bool truncated, ReadOnlySpan<byte> senderName, SenderAddress sender, bool isContinued = false)
    {
        if (frame.Length > options.MaxMessageSize)
        {
            frame = frame[..options.MaxMessageSize];
            truncated = true;
        }

        // Step 3: parse.
        SyslogParser.Parse(frame, isContinued ? HeaderFormat.Raw : options.Format, out SyslogMessage message);
        _tally.Messages++;
        _tally.Bytes += frame.Length;
        if (truncated) _tally.Truncated++;
        if (message.IsMalformed) _tally.Malformed++;
        if (_insight.IsOn && !isContinued) _insight.Look(message, truncated);

        // Steps 4 and 5: route, render.
        Reception reception = new() { SenderName = senderName, Rfc3339 = _clock.Rfc3339, Bsd = _clock.Bsd };
        bool isRouted = _taps.Active is { } watching
            ? DispatchWatched(watching, message, reception, sender, truncated, isContinued)
            : _table.Dispatch(message, reception, sender, ref _touched);
        if (!isRouted) _tally.Unrouted++;
    }

    /// <summary>Steps 4 and 5, and shows the message to those who watch.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool DispatchWatched(
        Tap[] watching, in SyslogMessage message, in Reception reception, SenderAddress sender, bool isTruncated, bool isContinued)
    {
        RouteTrail trail = _trail ??= new RouteTrail();
        trail.Clear();
        bool isRouted = _table.Dispatch(message, reception, sender, ref _touched, trail);
        TappedMessage tapped = new()
        {
            Listener = options,
            Message = message,
            Reception = reception,
            Sender = sender,
            Trail = trail,
            IsTruncated = isTruncated,
            IsContinued = isContinued,
        };
        foreach (Tap tap in watching) tap.Offer(tapped);
        return isRouted;
    }

    /// <summary>Counts the batch. Its messages are queued; their outputs are not woken before <see cref="Publish"/>.</summary>
    public void EndBatch()
    {
        if (_tally.Messages == 0) return;
        counters.Add(_tally);
        _insight.EndBatch();
        if (_tally.Unrouted != 0) routes.ReportUnrouted();
        _tally = default;
    }

    /// <summary>A receipt for what was queued since the last <see cref="Publish"/>. Allocates. Call it between <see cref="EndBatch"/> and that.</summary>
    public DeliveryReceipt TakeReceipt() => _table.ReceiptFor(_touched);

    /// <summary>Wakes the outputs that have something new since the last call, or adds them to <paramref name="gathered"/>.</summary>
    public void Publish(PendingWakeUps? gathered = null)
    {
        if (gathered is null) _table.Publish(_touched);
        else gathered.Add(_table, _touched);
        _touched = 0;
    }
}
