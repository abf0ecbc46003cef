using Concentrator.Messages;
using Concentrator.Messages.Rendering;

namespace Concentrator.Routing;

/// <summary>
/// Makes a message fit into the frame that a relay's peer takes: the text is cut at the end of a character (UTF-8), and structured
/// data that alone would be too much is left out, but where it is shown as text: there it is cut as text is. Pure; allocates nothing.
/// </summary>
internal static class FrameLimit
{
    /// <summary>A limit that no frame meets: what a file has.</summary>
    public const int None = int.MaxValue;

    /// <summary>
    /// Shortens the message until its frame, octet count included, is at most that long; returns the frame's length.
    /// </summary>
    /// <param name="message">Its frame is longer than the limit.</param>
    /// <param name="length">Of its frame now.</param>
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

        // Each byte that goes shortens a plain frame by itself. In others some stand for four, and those at the end for none.
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

    /// <summary>The first bytes, at most that many, without the beginning of a character of which the rest would be gone.</summary>
    private static ReadOnlySpan<byte> Cut(ReadOnlySpan<byte> text, int length)
    {
        if (length <= 0) return default;
        int end = length;
        while (end > 0 && length - end < 3 && IsContinuation(text[end])) end--;

        // Not UTF-8: any place is as good.
        return text[..(end == 0 || IsContinuation(text[end]) ? length : end)];
    }

    private static bool IsContinuation(byte value) => (value & 0xC0) == 0x80;
}
