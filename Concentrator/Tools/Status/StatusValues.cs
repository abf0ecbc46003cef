using System.Globalization;
using System.Text.Json;

namespace Concentrator.Tools.Status;

/// <summary>Reads and formats the values of a status document, for every command that shows one.</summary>
internal static class StatusValues
{
    /// <summary>Replaces control characters, so that no answer can send escape sequences to the terminal. The length stays.</summary>
    public static string Printable(string? text) => string.Concat((text ?? "").Select(static c => char.IsControl(c) ? '?' : c));

    /// <summary>With separators between thousands.</summary>
    public static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A time in seconds, infinite where the document says so; null if unknown.</summary>
    public static double? Seconds(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.GetDouble(),
        JsonValueKind.String => double.PositiveInfinity,
        _ => null,
    };

    /// <summary>An element of <c>log.recent</c> as one line, with its local time in the given format.</summary>
    public static string Event(JsonElement item, string timeFormat)
    {
        string time = item.GetProperty("time").GetDateTime().ToLocalTime().ToString(timeFormat, CultureInfo.InvariantCulture);
        string times = item.GetProperty("count").GetInt64() is > 1 and long count ? $" ({Number(count)} times)" : "";
        return $"{time} {item.GetProperty("level").GetString()} {item.GetProperty("message").GetString()}{times}";
    }
}
