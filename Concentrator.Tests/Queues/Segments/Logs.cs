using System.Globalization;
using System.Text;
using Concentrator.Queues.Blocks;
using Concentrator.Queues.Files;
using Concentrator.Queues.Segments;

namespace Concentrator.Tests.Queues.Segments;

/// <summary>One block, as a test knows it.</summary>
internal sealed record Entry(long First, int Messages, string Payload)
{
    public long End => First + Messages;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"[{First},{End}) {Payload.Length} bytes");
}

/// <summary>Short ways to fill a log and to see what is in it.</summary>
internal static class Logs
{
    /// <summary>Two or three blocks of the tests fill a segment of this size.</summary>
    public static readonly SegmentLogOptions Small = new() { SegmentSize = 512 };

    public static SegmentLog Open(this ISpoolDirectory directory, out RecoveryReport report) => SegmentLog.Open(directory, Small, out report);

    public static SegmentLog Open(this ISpoolDirectory directory) => SegmentLog.Open(directory, Small, out _);

    /// <summary>Appends a payload that is different from every other one.</summary>
    public static Entry Append(this SegmentLog log, int messages, int length)
    {
        string payload = Payload(log.NextSequence, messages, length);
        return new Entry(log.Append(Encoding.Latin1.GetBytes(payload), messages), messages, payload);
    }

    /// <summary>What the payload says depends on where it stands, so that nothing in the wrong place looks right.</summary>
    public static string Payload(long sequence, int messages, int length)
    {
        string text = string.Create(CultureInfo.InvariantCulture, $"<{sequence}+{messages}:{length}>");
        return text.PadRight(Math.Max(length, messages), (char)('a' + (sequence % 26)));
    }

    public static Entry Entry(Block block) => new(block.FirstSequence, block.Messages, Encoding.Latin1.GetString(block.Bytes.Span));

    /// <summary>Everything from the first held message on.</summary>
    public static List<Entry> ReadAll(this SegmentLog log)
    {
        SegmentLogCursor cursor = log.CursorAt(0);
        return log.ReadOn(ref cursor);
    }

    public static List<Entry> ReadOn(this SegmentLog log, ref SegmentLogCursor cursor, int most = int.MaxValue)
    {
        List<Entry> entries = [];
        while (entries.Count < most && log.TryRead(ref cursor, static length => new Block(length), out Block? block)) entries.Add(Entry(block));
        return entries;
    }
}
