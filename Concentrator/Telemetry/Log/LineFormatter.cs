using System.Globalization;
using System.Text;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Parsing;

namespace Concentrator.Telemetry.Log;

/// <summary>
/// Formats one event as one line: <c>2026-11-22T06:13:25.123+00:00 WARN relay sekoia: …</c>, or with an sd-daemon priority
/// (<c>&lt;4&gt;WARN relay sekoia: …</c>) if the journal adds its own time. Control characters in values are escaped,
/// so neither a peer nor a file name can forge a line. Exceptions show their messages; the stack only when
/// <paramref name="withStackTraces"/>, and then on the same line. No intake key is shown. Any thread may call.
/// </summary>
internal sealed class LineFormatter(bool forJournal, bool withStackTraces, KeyMask keys) : ITextFormatter
{
    /// <summary>In characters. The journal cuts a line at 48 KB and would show the rest as a separate event.</summary>
    private const int MaxLength = 8192;

    public void Format(LogEvent logEvent, TextWriter output)
    {
        if (forJournal)
            output.Write($"<{Priority(logEvent.Level)}>");
        else
            output.Write(logEvent.Timestamp.ToString("yyyy-MM-dd'T'HH:mm:ss.fffzzz", CultureInfo.InvariantCulture) + ' ');
        output.Write(Word(logEvent.Level));
        output.Write(' ');
        output.Write(keys.Hide(Message(logEvent, withStackTraces)));
        if (logEvent.Properties.TryGetValue(FoldingSink.RepeatsProperty, out LogEventPropertyValue? repeats))
        {
            output.Write(' ');
            output.Write(Text((repeats as ScalarValue)?.Value));
        }

        output.Write('\n');
    }

    /// <summary>The event's message as one line without time and level; keys are not hidden yet.</summary>
    public static string Message(LogEvent logEvent, bool withStackTraces)
    {
        StringBuilder line = new();
        AppendMessage(line, logEvent);
        if (logEvent.Exception is { } exception)
            line.Append(": ").Append(withStackTraces ? exception.ToString() : Messages(exception));
        return Escaped(line.ToString());
    }

    public static string Word(LogEventLevel level) => level switch
    {
        LogEventLevel.Verbose => "TRACE",
        LogEventLevel.Debug => "DEBUG",
        LogEventLevel.Information => "INFO",
        LogEventLevel.Warning => "WARN",
        LogEventLevel.Error => "ERROR",
        _ => "FATAL",
    };

    /// <summary>Formats a value for readers: <c>0.5 s</c> for a duration, <c>-</c> for nothing, no quotes around text.</summary>
    public static string Text(object? value, string? format = null) => value switch
    {
        null or "" => "-",
        string text => text,
        TimeSpan duration => duration.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture) + " s",
        IFormattable formattable => formattable.ToString(format, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "-",
    };

    /// <summary>Messages of the exception and its causes, outermost first: with TLS and sockets, the inner ones are informative.</summary>
    public static string Messages(Exception exception)
    {
        List<string> messages = [];
        for (Exception? e = exception; e is not null; e = e.InnerException)
        {
            if (!messages.Contains(e.Message)) messages.Add(e.Message);
        }

        return string.Join(": ", messages);
    }

    private static void AppendMessage(StringBuilder line, LogEvent logEvent)
    {
        foreach (MessageTemplateToken token in logEvent.MessageTemplate.Tokens)
        {
            if (token is not PropertyToken property)
                line.Append(token is TextToken text ? text.Text : token.ToString());
            else if (!logEvent.Properties.TryGetValue(property.PropertyName, out LogEventPropertyValue? value))
                line.Append('-');
            else
                line.Append(value is ScalarValue scalar ? Text(scalar.Value, property.Format) : value.ToString());
        }
    }

    private static string Escaped(string line)
    {
        StringBuilder escaped = new(line.Length);
        foreach (char c in line.AsSpan(0, Math.Min(line.Length, MaxLength)))
        {
            switch (c)
            {
                case '\n': escaped.Append("\\n"); break;
                case '\r': escaped.Append("\\r"); break;
                case '\t': escaped.Append("\\t"); break;
                case '\u2028' or '\u2029': escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"); break;
                case var _ when char.IsControl(c): escaped.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}"); break;
                default: escaped.Append(c); break;
            }
        }

        return line.Length > MaxLength ? escaped.Append('…').ToString() : escaped.ToString();
    }

    /// <summary>The severities of syslog, which sd-daemon(3) shares.</summary>
    private static int Priority(LogEventLevel level) => level switch
    {
        LogEventLevel.Verbose or LogEventLevel.Debug => 7,
        LogEventLevel.Information => 6,
        LogEventLevel.Warning => 4,
        LogEventLevel.Error => 3,
        _ => 2,
    };
}
