using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Concentrator.Tools.Trace;

/// <summary>A text that no other message contains, and messages with it in them.</summary>
internal sealed class TraceMark
{
    /// <summary>The default program of a traced message: a name that routes by program do not take for another's.</summary>
    public const string DefaultProgram = "concentrator-trace";

    /// <summary>The text.</summary>
    public string Text { get; } = Convert.ToHexString(RandomNumberGenerator.GetBytes(8));

    /// <summary>A line as HAProxy writes it to a local syslog socket: local0.info, RFC 3164 without a host name.</summary>
    /// <param name="program">The program in its tag.</param>
    public byte[] LocalLine(string program, DateTime now) => Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture, $"<134>{now:MMM} {now.Day,2} {now:HH:mm:ss} {program}[{Environment.ProcessId}]: {Said}"));

    /// <summary>A message as HAProxy's <c>format rfc5424</c> writes it.</summary>
    /// <param name="program">Its APP-NAME.</param>
    public byte[] Rfc5424(string program, DateTimeOffset now) => Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $"<134>1 {now:yyyy-MM-dd'T'HH:mm:ss.ffffffzzz} {Environment.MachineName} {program} {Environment.ProcessId} - - {Said}"));

    /// <summary>The URL with the mark in its query, which HAProxy logs with the request.</summary>
    public Uri In(Uri url)
    {
        UriBuilder marked = new(url);
        marked.Query = $"{(marked.Query.Length > 1 ? $"{marked.Query[1..]}&" : "")}concentrator-trace={Text}";
        return marked.Uri;
    }

    private string Said => $"concentrator trace: mark {Text}";
}
