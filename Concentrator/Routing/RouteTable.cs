using Concentrator.Accounting;
using Concentrator.Messages;
using Concentrator.Messages.Rendering;
using Concentrator.Native;
using Concentrator.Queues;

namespace Concentrator.Routing;

/// <summary>
/// The routes that messages of one listener can take, in order; <c>From</c> was applied when the table was built. Immutable:
/// a reload replaces the whole table.
/// </summary>
internal sealed class RouteTable(Route[] routes, MemoryQueue[] outputs)
{
    public static readonly RouteTable Empty = new([], []);

    /// <summary>
    /// Steps 4 and 5 of the journey: selects the outputs and renders the message into the current block of each.
    /// Returns false if no route matched. <paramref name="touched"/> collects the outputs that have something new.
    /// </summary>
    /// <param name="trail">Notes the way of the message; null = nobody wants to know.</param>
    public bool Dispatch(in SyslogMessage message, in Reception reception, SenderAddress sender, ref ulong touched, RouteTrail? trail = null)
    {
        bool matched = false;
        foreach (Route route in routes)
        {
            if (!route.Matches(message, reception, sender)) continue;
            matched = true;
            trail?.Begin(route);
            foreach (RouteTarget target in route.Targets)
            {
                Append(target, message, reception, trail);
                touched |= 1UL << (target.OutputIndex & 63);
            }
            if (route.Stop) break;
        }
        return matched;
    }

    /// <summary>Wakes the targets of the outputs in <paramref name="touched"/>.</summary>
    public void Publish(ulong touched)
    {
        for (int i = 0; i < outputs.Length; i++)
        {
            if ((touched >> (i & 63) & 1) != 0) outputs[i].Publish();
        }
    }

    /// <summary>A receipt for everything that was queued so far to the outputs in <paramref name="touched"/>.</summary>
    public DeliveryReceipt ReceiptFor(ulong touched) =>
        new([.. outputs.Where((_, i) => (touched >> (i & 63) & 1) != 0).Select(static output => (output.Counters, output.Counters.AcceptedUpTo))]);

    private static void Append(RouteTarget target, in SyslogMessage message, in Reception reception, RouteTrail? trail)
    {
        // Measured outside the lock: only the copy itself needs it.
        int length = target.Renderer.Measure(message, reception);
        if (length > target.MostBytes)
        {
            AppendCut(target, message, reception, length, trail);
            return;
        }
        Append(target, message, reception, length, isCut: false, trail);
    }

    private static void AppendCut(RouteTarget target, SyslogMessage message, in Reception reception, int length, RouteTrail? trail)
    {
        length = FrameLimit.Shorten(ref message, reception, target.Renderer, length, target.MostBytes);
        Append(target, message, reception, length, isCut: true, trail);
    }

    private static void Append(RouteTarget target, in SyslogMessage message, in Reception reception, int length, bool isCut, RouteTrail? trail)
    {
        using (target.Spool.Enter())
        {
            if (isCut) target.Spool.CutUnsynchronized();
            Span<byte> room = target.Spool.ReserveUnsynchronized(length);
            trail?.NoteUnsynchronized(target, length, isQueued: !room.IsEmpty);
            if (room.IsEmpty) return;
            target.Renderer.Write(message, reception, room);
            CrashPoint.Reach("rendered");
            target.Spool.CommitUnsynchronized();
        }
    }
}
