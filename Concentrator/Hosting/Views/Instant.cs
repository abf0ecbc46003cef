using System.Globalization;

namespace Concentrator.Hosting.Views;

/// <summary>A time as every document of the server shows it.</summary>
internal static class Instant
{
    /// <summary>RFC 3339, UTC, milliseconds.</summary>
    public static string Text(DateTime utc) => utc.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
