using System.Globalization;
using System.Text;
using Concentrator.Bench.Arguments;
using Concentrator.Bench.Measure;

namespace Concentrator.Bench.Load;

/// <summary>The header that HAProxy writes before its message (docs/reference/haproxy.md, Headers).</summary>
internal enum LoadFormat
{
    /// <summary>HAProxy's default: RFC 3164 without a host name.</summary>
    Local,

    Rfc3164,
    Rfc5424,
}

/// <summary>A line of HAProxy's <c>option httplog</c>, of any length, with the stamp in the request's path.</summary>
internal static class HttpLine
{
    /// <summary>In bytes: the longest datagram that HAProxy can send to a unix socket.</summary>
    public const int LongestSize = 65_507;

    private const string Before =
        "192.0.2.10:51124 [22/Nov/2026:06:13:25.103] www~ be_app/app1 0/0/1/18/19 200 5120 - - ---- 12/12/3/1/0 0/0 \"GET /";
    private const string Between = "?";
    private const string After = " HTTP/1.1\"";

    /// <summary>The size in bytes of the shortest line with that header, whose text is only the stamp.</summary>
    public static int ShortestSize(LoadFormat format) => Header(format).Length + SendStamp.Length;

    /// <summary>The value of <c>--size</c>, if a line with any header can have that size.</summary>
    /// <exception cref="UnusableException">No line can.</exception>
    public static int CheckedSize(long size) => size >= ShortestSize(LoadFormat.Rfc5424) && size <= LongestSize
        ? (int)size
        : throw new UnusableException($"--size {size}: {ShortestSize(LoadFormat.Rfc5424)} to {LongestSize} bytes");

    /// <param name="format">The format of the header.</param>
    /// <param name="size">The message size in bytes, including the header; at least <see cref="ShortestSize"/>.</param>
    public static FrameTemplate Create(LoadFormat format, int size)
    {
        string header = Header(format);
        int padding = size - header.Length - Before.Length - SendStamp.Length - Between.Length - After.Length;
        bool isWhole = padding >= 0;
        if (!isWhole) padding = size - header.Length - SendStamp.Length;
        string stamp = new('0', SendStamp.Length);
        string text = isWhole
            ? header + Before + stamp + Between + new string('q', padding) + After
            : header + stamp + new string('q', padding);
        return new FrameTemplate(Encoding.ASCII.GetBytes(text), header.Length + (isWhole ? Before.Length : 0));
    }

    private static string Header(LoadFormat format)
    {
        DateTimeOffset now = DateTimeOffset.Now;
        return format switch
        {
            LoadFormat.Local => string.Create(CultureInfo.InvariantCulture, $"<134>{now:MMM} {now.Day,2} {now:HH:mm:ss} haproxy[32177]: "),
            LoadFormat.Rfc3164 =>
                string.Create(CultureInfo.InvariantCulture, $"<134>{now:MMM} {now.Day,2} {now:HH:mm:ss} edge haproxy[32177]: "),
            _ => string.Create(CultureInfo.InvariantCulture, $"<134>1 {now:yyyy-MM-dd'T'HH:mm:ss.ffffffzzz} edge haproxy 32177 - - "),
        };
    }
}
