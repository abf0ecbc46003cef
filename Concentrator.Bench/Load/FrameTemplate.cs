using Concentrator.Bench.Measure;

namespace Concentrator.Bench.Load;

/// <summary>One prepared message without framing: only its <see cref="SendStamp"/> is patched when it is sent.</summary>
/// <param name="Bytes">Not to be changed: senders copy it.</param>
/// <param name="StampAt">Where <see cref="SendStamp.Length"/> bytes of it are the stamp's.</param>
internal sealed record FrameTemplate(byte[] Bytes, int StampAt)
{
    /// <summary>The message with its stamp behind it, and behind that nothing.</summary>
    public static FrameTemplate Append(ReadOnlySpan<byte> message) =>
        new([.. message, (byte)' ', .. new byte[SendStamp.Length]], message.Length + 1);
}
