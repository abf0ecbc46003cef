using System.Buffers;
using NUnit.Framework;

namespace Concentrator.Tests.Equipment;

/// <summary>What <see cref="OctetFrameReader.Feed"/> met.</summary>
internal enum OctetFeed
{
    /// <summary>All bytes taken; more may come.</summary>
    Open,

    /// <summary>The receiver of frames asked to stop; the bytes after that frame are discarded.</summary>
    Stopped,

    /// <summary>Not RFC 5425: no later byte can be trusted.</summary>
    Broken,
}

/// <summary>
/// RFC 5425 4.3 taken literally: a length without leading zero, one blank, that many bytes, and nothing in between. Slow and
/// obvious, written independently of the server's own scanner so that one can prove the other. One stream, one thread.
/// </summary>
internal sealed class OctetFrameReader
{
    private const int MostDigits = 7;

    private byte[] _pending = new byte[1 << 17];
    private int _count;

    /// <summary>Whether an incomplete frame is waiting for its rest.</summary>
    public bool IsPartial => _count > 0;

    /// <param name="bytes">The next bytes of the stream.</param>
    /// <param name="onFrame">Gets each whole frame's content, valid during the call; false stops.</param>
    public OctetFeed Feed(ReadOnlySpan<byte> bytes, Func<ReadOnlySpan<byte>, bool> onFrame)
    {
        if (_count + bytes.Length > _pending.Length) Array.Resize(ref _pending, Math.Max(_pending.Length * 2, _count + bytes.Length));
        bytes.CopyTo(_pending.AsSpan(_count));
        _count += bytes.Length;
        int at = 0;
        OctetFeed result = OctetFeed.Open;
        while (result == OctetFeed.Open)
        {
            ReadOnlySpan<byte> rest = _pending.AsSpan(at, _count - at);
            OperationStatus header = ReadLength(rest, out int digits, out int length);
            if (header == OperationStatus.InvalidData) result = OctetFeed.Broken;
            if (header != OperationStatus.Done || rest.Length < digits + 1 + length) break;
            at += digits + 1 + length;
            if (!onFrame(rest.Slice(digits + 1, length))) result = OctetFeed.Stopped;
        }
        _pending.AsSpan(at, _count - at).CopyTo(_pending);
        _count -= at;
        return result;
    }

    /// <summary>All frames of a complete stream; fails the test when it is not one.</summary>
    public static List<byte[]> ReadAll(ReadOnlySpan<byte> stream)
    {
        List<byte[]> frames = [];
        OctetFrameReader reader = new();
        OctetFeed result = reader.Feed(stream, frame =>
        {
            frames.Add(frame.ToArray());
            return true;
        });
        Assert.That(result, Is.EqualTo(OctetFeed.Open), $"the framing breaks after {frames.Count} frames");
        Assert.That(reader.IsPartial, Is.False, $"an incomplete frame follows {frames.Count} whole ones");
        return frames;
    }

    private static OperationStatus ReadLength(ReadOnlySpan<byte> bytes, out int digits, out int length)
    {
        length = 0;
        for (digits = 0; digits < bytes.Length; digits++)
        {
            byte b = bytes[digits];
            if (b == ' ' && digits > 0) return OperationStatus.Done;
            bool isDigit = b is >= (byte)'0' and <= (byte)'9';
            if (!isDigit || digits == MostDigits || (digits == 0 && b == '0')) return OperationStatus.InvalidData;
            length = (length * 10) + (b - '0');
        }
        return OperationStatus.NeedMoreData;
    }
}
