using System.Globalization;
using Concentrator.Hosting.Senders.HaproxyConfiguration;

namespace Concentrator.Tools.Doctor;

/// <summary>Builds corrected lines for haproxy.cfg.</summary>
internal static class HaproxyConfigLine
{
    /// <summary>The line with the recommended length and format.</summary>
    /// <param name="log">The current line.</param>
    /// <param name="address">The destination to write instead of the line's own.</param>
    public static string Better(HaproxyLogDirective log, string? address = null)
    {
        string[] words = log.Text.Split(' ');
        string rest = Without(string.Join(' ', words.Skip(2)), "len", "format");
        int length = log.Length > HaproxyLogDirective.DefaultLength ? log.Length : LogLineCheck.GoodLength;
        string? format = LogLineCheck.Lacks(log.Format) is null ? log.Format : null;

        // A ring has its own format. In log-forward, any format loses more of the incoming headers than none does.
        if (log.Of.Kind != "log-forward" && (log.RingName is null || address is not null)) format ??= LogLineCheck.GoodFormat;
        return string.Create(CultureInfo.InvariantCulture, $"log {address ?? words[1]} len {length} {(format is null ? "" : $"format {format} ")}{rest}").TrimEnd();
    }

    /// <summary>The text without these keywords and the word after each.</summary>
    public static string Without(string text, params string[] keywords)
    {
        List<string> words = [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries)];
        foreach (string keyword in keywords)
        {
            int at = words.IndexOf(keyword);
            if (at >= 0) words.RemoveRange(at, Math.Min(2, words.Count - at));
        }
        return string.Join(' ', words);
    }

    /// <summary>The command that removes a line from its file, if the file still has it on that line.</summary>
    public static string Remove(HaproxyLogDirective log)
    {
        int colon = log.Place.LastIndexOf(':');
        return $"sed -i '{log.Place[(colon + 1)..]}{{/log.*{log.Facility ?? ""}/d}}' {log.Place[..colon]} && systemctl reload haproxy";
    }
}
