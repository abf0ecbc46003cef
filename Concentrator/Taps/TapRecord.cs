using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Concentrator.Accounting;
using Concentrator.Bytes;
using Concentrator.Messages;
using Concentrator.Messages.Parsing;
using Concentrator.Messages.Rendering;
using Concentrator.Messages.Timestamps;
using Concentrator.Routing;

namespace Concentrator.Taps;

/// <summary>The fixed part of a <see cref="TapRecord"/>. The bytes that it gives lengths of follow it, in that order, and then the steps.</summary>
/// <param name="RoutedAt">When the message was in its queues, UTC ticks.</param>
/// <param name="Sender">The sender's address, valid with <see cref="TapFlags.HasSender"/>.</param>
/// <param name="FrameLength">Bytes of the message as received.</param>
/// <param name="FrameBytes">Those of them that follow.</param>
/// <param name="SentLength">Bytes of the message as sent; -1 = not asked for.</param>
/// <param name="SentBytes">Those of them that follow: all or none.</param>
/// <param name="ListenerBytes">Bytes of the listener's name.</param>
/// <param name="Steps">Number of steps.</param>
/// <param name="Format">The header format that the listener expects.</param>
/// <param name="Flags">What else is known.</param>
internal readonly record struct TapRecordHead(
    long RoutedAt, UInt128 Sender, int FrameLength, int FrameBytes, int SentLength, int SentBytes, int ListenerBytes, int Steps,
    HeaderFormat Format, TapFlags Flags);

/// <summary>A step of a <see cref="TapRecord"/>. The output's name follows it.</summary>
internal readonly record struct TapStepHead(int Route, int NameBytes, StepOutcome Outcome, DropReason Reason, QueuePlace Place);

[Flags]
internal enum TapFlags : byte
{
    None = 0,
    HasSender = 1,
    IsTruncated = 2,
    IsContinued = 4,
    HasMoreSteps = 8,
}

/// <summary>
/// A message in a <see cref="TapRing"/>: everything about it that the tap's thread shows later, with no reference to the server's state,
/// which a reload may have replaced by then. The message is not stored parsed: the tap's thread parses it again, which gives the same.
/// </summary>
internal static class TapRecord
{
    /// <summary>Bytes of a message that a tap copies at most, as received or as sent: it bounds what one message can cost.</summary>
    public const int MostBytes = 64 * 1024;

    public static readonly int HeadBytes = Unsafe.SizeOf<TapRecordHead>();

    public static readonly int StepBytes = Unsafe.SizeOf<TapStepHead>();

    /// <summary>The bytes that <see cref="Write"/> writes for the same message.</summary>
    /// <param name="tapped">The message.</param>
    /// <param name="sentLength">Bytes of the message as sent; -1 = not asked for.</param>
    public static int Measure(in TappedMessage tapped, int sentLength)
    {
        int length = HeadBytes + Rfc3339.Length + Encoding.UTF8.GetByteCount(tapped.Listener.Name)
            + Math.Min(tapped.Message.Frame.Length, MostBytes) + KeptOf(sentLength);
        foreach (ref readonly TrailStep step in tapped.Trail.Steps) length += StepBytes + NameBytes(step.Target);
        return length;
    }

    /// <summary>Writes the record.</summary>
    /// <param name="record">Of the length that was measured.</param>
    /// <param name="tapped">The message.</param>
    /// <param name="target">The output whose frame is asked for; null = none is.</param>
    /// <param name="sentLength">Bytes of that frame.</param>
    /// <param name="routedAt">UTC ticks.</param>
    public static void Write(Span<byte> record, in TappedMessage tapped, RouteTarget? target, int sentLength, long routedAt)
    {
        SpanWriter writer = new(record);
        ReadOnlySpan<byte> frame = tapped.Message.Frame[..Math.Min(tapped.Message.Frame.Length, MostBytes)];
        TapFlags flags = (tapped.Sender.IsKnown ? TapFlags.HasSender : 0) | (tapped.IsTruncated ? TapFlags.IsTruncated : 0)
            | (tapped.IsContinued ? TapFlags.IsContinued : 0) | (tapped.Trail.IsCut ? TapFlags.HasMoreSteps : 0);
        int listenerBytes = Encoding.UTF8.GetByteCount(tapped.Listener.Name);
        TapRecordHead head = new(
            routedAt, tapped.Sender.Value, tapped.Message.Frame.Length, frame.Length, sentLength, KeptOf(sentLength), listenerBytes,
            tapped.Trail.Steps.Length, tapped.Listener.Format, flags);
        MemoryMarshal.Write(writer.Take(HeadBytes), head);
        writer.Add(tapped.Reception.Rfc3339);
        Encoding.UTF8.GetBytes(tapped.Listener.Name, writer.Take(listenerBytes));
        writer.Add(frame);
        if (target is not null && head.SentBytes > 0) Render(tapped, target, writer.Take(head.SentBytes));
        foreach (ref readonly TrailStep step in tapped.Trail.Steps)
        {
            int nameBytes = NameBytes(step.Target);
            MemoryMarshal.Write(writer.Take(StepBytes), new TapStepHead(step.Route, nameBytes, step.Outcome, step.Reason, step.Place));
            if (nameBytes > 0) Encoding.UTF8.GetBytes(step.Target!.Spool.Counters.Name, writer.Take(nameBytes));
        }
    }

    /// <summary>Bytes of the message as that output sends it.</summary>
    public static int MeasureSent(in TappedMessage tapped, RouteTarget target)
    {
        int length = target.Renderer.Measure(tapped.Message, tapped.Reception);
        if (length <= target.MostBytes) return length;
        SyslogMessage message = tapped.Message;
        return FrameLimit.Shorten(ref message, tapped.Reception, target.Renderer, length, target.MostBytes);
    }

    /// <summary>Renders it once more: the copy in the output's block may be gone, and its lock is not to be held for this.</summary>
    private static void Render(in TappedMessage tapped, RouteTarget target, Span<byte> room)
    {
        SyslogMessage message = tapped.Message;
        Renderer renderer = target.Renderer;
        int length = renderer.Measure(message, tapped.Reception);
        if (length > target.MostBytes) FrameLimit.Shorten(ref message, tapped.Reception, renderer, length, target.MostBytes);
        renderer.Write(message, tapped.Reception, room);
    }

    private static int KeptOf(int sentLength) => sentLength is > 0 and <= MostBytes ? sentLength : 0;

    private static int NameBytes(RouteTarget? target) =>
        target is null ? 0 : Encoding.UTF8.GetByteCount(target.Spool.Counters.Name);
}
