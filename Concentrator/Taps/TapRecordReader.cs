using System.Runtime.InteropServices;
using System.Text;
using Concentrator.Messages.Timestamps;

namespace Concentrator.Taps;

/// <summary>Reads a record that <see cref="TapRecord"/> wrote: views of it. Steps are read in order, each once.</summary>
internal ref struct TapRecordReader
{
    private ReadOnlySpan<byte> _rest;

    public TapRecordReader(ReadOnlySpan<byte> record)
    {
        _rest = record;
        Head = MemoryMarshal.Read<TapRecordHead>(Take(TapRecord.HeadBytes));
        ReceivedAt = Encoding.ASCII.GetString(Take(Rfc3339.Length));
        Listener = Encoding.UTF8.GetString(Take(Head.ListenerBytes));
        Frame = Take(Head.FrameBytes);
        Sent = Take(Head.SentBytes);
    }

    public TapRecordHead Head { get; }

    /// <summary>Time of reception: RFC 3339 with this host's offset.</summary>
    public string ReceivedAt { get; }

    public string Listener { get; }

    /// <summary>The message as received, at most <see cref="TapRecord.MostBytes"/>.</summary>
    public ReadOnlySpan<byte> Frame { get; }

    /// <summary>The message as sent; empty if that was not asked for, or is too long.</summary>
    public ReadOnlySpan<byte> Sent { get; }

    public readonly bool Has(TapFlags flag) => (Head.Flags & flag) != 0;

    /// <summary>The next step. <paramref name="output"/> is null for a route without outputs.</summary>
    public TapStepHead NextStep(out string? output)
    {
        TapStepHead step = MemoryMarshal.Read<TapStepHead>(Take(TapRecord.StepBytes));
        output = step.NameBytes == 0 ? null : Encoding.UTF8.GetString(Take(step.NameBytes));
        return step;
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        ReadOnlySpan<byte> taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}
