using Concentrator.Bench.Measure;

namespace Concentrator.Bench.Load;

/// <summary>A prepared message without framing. Only its <see cref="SendStamp"/> is changed when it is sent.</summary>
/// <param name="Bytes">Read-only: senders copy it.</param>
/// <param name="StampAt">The offset of the stamp's <see cref="SendStamp.Length"/> bytes.</param>
internal sealed record FrameTemplate(byte[] Bytes, int StampAt)
{
    /// <summary>The message with a stamp at its end.</summary>
    public static FrameTemplate Append(ReadOnlySpan<byte> message) =>
        new([.. message, (byte)' ', .. new byte[SendStamp.Length]], message.Length + 1);
}
