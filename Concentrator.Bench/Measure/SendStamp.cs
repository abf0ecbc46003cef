using System.Buffers;
using System.Buffers.Binary;

namespace Concentrator.Bench.Measure;

/// <summary>The stamp that identifies a message.</summary>
/// <param name="Sender">The sender's number within a run.</param>
/// <param name="Number">The message's number, from 0 for each sender.</param>
/// <param name="SentAt">The time of the monotonic clock (<see cref="System.Diagnostics.Stopwatch"/>), in its ticks: nanoseconds.</param>
internal readonly record struct SendStamp(ushort Sender, uint Number, long SentAt)
{
    /// <summary>The length of the text in bytes. Constant, so that it can be patched into a prepared frame.</summary>
    public const int Length = 2 + (2 * Bytes);

    private const int Bytes = 2 + 4 + 8;
    private const byte Mark = (byte)'~';

    /// <summary><c>~ssssnnnnnnnntttttttttttttttt~</c>: sender, number and time in lower-case hexadecimal. HAProxy logs it in a request's
    /// path as it is.</summary>
    public void Write(Span<byte> to)
    {
        Span<byte> raw = stackalloc byte[Bytes];
        BinaryPrimitives.WriteUInt16BigEndian(raw, Sender);
        BinaryPrimitives.WriteUInt32BigEndian(raw[2..], Number);
        BinaryPrimitives.WriteInt64BigEndian(raw[6..], SentAt);
        to[0] = Mark;
        Convert.TryToHexStringLower(raw, to[1..], out _);
        to[Length - 1] = Mark;
    }

    /// <summary>Finds the stamp in a message.</summary>
    /// <param name="message">The whole message.</param>
    /// <param name="place">
    /// The offset of this connection's last stamp. Tried first, because similar messages have it at one offset. Updated when it differs.
    /// </param>
    public static bool TryFind(ReadOnlySpan<byte> message, ref int place, out SendStamp stamp)
    {
        if ((uint)place < (uint)message.Length && TryRead(message[place..], out stamp)) return true;
        int from = 0;
        while (message[from..].IndexOf(Mark) is >= 0 and int next)
        {
            from += next;
            if (TryRead(message[from..], out stamp))
            {
                place = from;
                return true;
            }
            from++;
        }
        stamp = default;
        return false;
    }

    private static bool TryRead(ReadOnlySpan<byte> at, out SendStamp stamp)
    {
        stamp = default;
        if (at.Length < Length || at[0] != Mark || at[Length - 1] != Mark) return false;
        Span<byte> raw = stackalloc byte[Bytes];
        if (Convert.FromHexString(at[1..(Length - 1)], raw, out _, out _) != OperationStatus.Done) return false;
        stamp = new SendStamp(
            BinaryPrimitives.ReadUInt16BigEndian(raw),
            BinaryPrimitives.ReadUInt32BigEndian(raw[2..]),
            BinaryPrimitives.ReadInt64BigEndian(raw[6..]));
        return true;
    }
}
