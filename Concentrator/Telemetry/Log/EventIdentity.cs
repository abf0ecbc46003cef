using System.Text;
using Serilog.Events;

namespace Concentrator.Telemetry.Log;

/// <summary>
/// Defines when two log events are the same to a reader: same wording, same subject. Counts, durations and client
/// addresses (whose port differs each time) are not part of the subject, so a thousand refused clients fold into one line.
/// </summary>
internal static class EventIdentity
{
    /// <summary>Properties that name the subject. All others may differ between repeats of one event.</summary>
    private static readonly string[] Subjects =
        ["Listener", "Output", "Endpoint", "Address", "Path", "Setting", "Line", "Warning", "Problem", "Reason"];

    public static string Of(LogEvent item)
    {
        StringBuilder key = new(item.MessageTemplate.Text);
        foreach (string name in Subjects)
        {
            if (!item.Properties.TryGetValue(name, out LogEventPropertyValue? value) || value is not ScalarValue { Value: string text })
                continue;
            key.Append('\0').Append(name).Append('=');
            if (name == "Reason")
                AppendWithoutDigits(key, text);
            else
                key.Append(text);
        }

        // An exception's text may contain ports and counts; its type identifies the fault.
        if (item.Exception is { } exception) key.Append('\0').Append(exception.GetType().FullName);
        return key.ToString();
    }

    /// <summary>Reasons quote lengths and ports that a peer chooses, so every run of digits counts as equal.</summary>
    private static void AppendWithoutDigits(StringBuilder key, string text)
    {
        bool inDigits = false;
        foreach (char c in text)
        {
            bool isDigit = char.IsAsciiDigit(c);
            if (!isDigit) key.Append(c);
            else if (!inDigits) key.Append('#');
            inDigits = isDigit;
        }
    }
}
