using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Concentrator.Configuration.Options;
using Concentrator.Ingest.Lanes;
using Concentrator.Messages.FrameScanning;
using Concentrator.Native;
using Concentrator.Routing;

namespace Concentrator.Ingest.Streams;

/// <summary>
/// Step 2 of the journey for streams: finds the frames in what a connection has read, and takes them through its lane. Used by the
/// connection's reading loop.
/// </summary>
internal sealed class StreamFrames(
    Socket socket, ListenerOptions options, HostName host, IngestLane lane, SenderFaults faults, EndPoint? peer, SenderAddress sender)
{
    private readonly byte[]? _senderAddress = sender.IsKnown ? SenderNames.AddressOf(sender.ToIPAddress()) : null;
    private FrameScanner _scanner = new(options.Framing, options.MaxMessageSize);

    /// <summary>
    /// Takes every complete frame of what was read and, when the stream <paramref name="ends"/>, the rest of the last one, marked as cut if
    /// the sender did not end it. False when the framing can no longer be followed.
    /// </summary>
    /// <param name="buffer">On return, what belongs to an unfinished frame.</param>
    /// <param name="ends">Whether nothing more is read.</param>
    /// <param name="isBroken">Whether the stream ends and its peer did not end it.</param>
    /// <param name="gathered">Where to collect the outputs to notify; null = they are notified at once.</param>
    public bool Take(ref ReadOnlySequence<byte> buffer, bool ends, bool isBroken, PendingWakeUps? gathered)
    {
        lane.BeginBatch();
        FrameStatus status;
        while (true)
        {
            status = _scanner.TryRead(ref buffer, out ReadOnlySequence<byte> frame, out FrameParts parts);
            if (status == FrameStatus.Frame) Accept(frame, parts);
            else if (status == FrameStatus.NeedMore && _scanner.IsHolding && (ends || IsPause())) _scanner.Pause();
            else break;
        }
        if (ends && status == FrameStatus.NeedMore)
        {
            while (_scanner.TryFinish(ref buffer, out ReadOnlySequence<byte> last, out FrameParts parts))
                Accept(last, isBroken ? parts | FrameParts.Cut : parts);
        }
        lane.EndBatch();
        CrashPoint.Reach("stream queued");
        lane.Publish(gathered);
        return status != FrameStatus.Violation;
    }

    /// <summary>Whether the kernel holds nothing more from this sender. Over TLS the stream may still hold a record or two.</summary>
    private bool IsPause()
    {
        try
        {
            return socket.Available == 0;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It was cut meanwhile; the next read reports that.
            return true;
        }
    }

    /// <summary>Accepts a frame. One received in pieces is first joined in a pooled buffer, so an idle connection keeps none.</summary>
    private void Accept(in ReadOnlySequence<byte> frame, FrameParts parts)
    {
        bool truncated = parts.HasFlag(FrameParts.Cut), isContinued = parts.HasFlag(FrameParts.Continued);
        if (_scanner.HasNoSeparator && (truncated || PriMarks.AreWithin(frame.FirstSpan))) faults.SayNoSeparator(sender, peer);
        byte[] senderName = _senderAddress ?? host.Bytes;
        if (frame.IsSingleSegment)
        {
            lane.Accept(frame.FirstSpan, truncated, senderName, sender, isContinued);
            return;
        }
        int length = (int)frame.Length;
        byte[] joined = ArrayPool<byte>.Shared.Rent(length);
        frame.CopyTo(joined);
        lane.Accept(joined.AsSpan(0, length), truncated, senderName, sender, isContinued);
        ArrayPool<byte>.Shared.Return(joined);
    }
}
