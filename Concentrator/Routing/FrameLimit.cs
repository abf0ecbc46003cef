using Concentrator.Messages;
using Concentrator.Messages.Rendering;

namespace Concentrator.Routing;

/// <summary>
/// Shortens a message to the frame size that a relay's peer accepts. The text is cut at the end of a UTF-8 character. Structured data
/// that alone exceeds the size is left out, unless it is shown as text: then it is cut like text. Pure; allocates nothing.
/// </summary>
internal static class FrameLimit
{
    /// <summary>No limit, as for a file.</summary>
    public const int None = int.MaxValue;

    /// <summary>Shortens the message until its frame, including the octet count, fits the limit; returns the frame's length.</summary>
    /// <param name="message">A message whose frame is longer than the limit.</param>
    /// <param name="length">The current length of its frame.</param>
    public static int Shorten(ref SyslogMessage message, in Reception reception, Renderer renderer, int length, int limit)
    {
        bool dataIsText = !message.StructuredData.IsEmpty && renderer.ShowsStructuredData(message);
        if (dataIsText) message.Text = MessageText.Trim(message.Text);
        SyslogMessage bare = Without(message, message.Frame.Length, dataIsText: false);
        if (!dataIsText && renderer.Measure(bare, reception) > limit)
        {
            message.StructuredData = default;
            length = renderer.Measure(message, reception);
            if (length <= limit) return length;
        }

        // Each byte removed shortens a plain frame by one. In others, a byte may be escaped as four, and trailing ones not written at all.
        int most = message.IsPlain ? Math.Min(message.Frame.Length, length - limit) : message.Frame.Length;
        int least = message.IsPlain ? most : 1;
        while (least < most)
        {
            int cut = (least + most) / 2;
            if (renderer.Measure(Without(message, cut, dataIsText), reception) <= limit) most = cut;
            else least = cut + 1;
        }
        message = Without(message, most, dataIsText);
        return renderer.Measure(message, reception);
    }

    private static SyslogMessage Without(SyslogMessage message, int bytes, bool dataIsText)
    {
        if (dataIsText && bytes > message.Text.Length)
            message.StructuredData = Cut(message.StructuredData, message.StructuredData.Length - (bytes - message.Text.Length));
        message.Text = Cut(message.Text, message.Text.Length - bytes);
        message.Frame = Cut(message.Frame, message.Frame.Length - bytes);
        return message;
    }

    /// <summary>At most <paramref name="length"/> leading bytes, without the start of a character whose rest is cut off.</summary>
    private static ReadOnlySpan<byte> Cut(ReadOnlySpan<byte> text, int length)
    {
        if (length <= 0) return default;
        int end = length;
        while (end > 0 && length - end < 3 && IsContinuation(text[end])) end--;

        // Not UTF-8: cut at any byte.
        return text[..(end == 0 || IsContinuation(text[end]) ? length : end)];
    }

    private static bool IsContinuation(byte value) => (value & 0xC0) == 0x80;
}
