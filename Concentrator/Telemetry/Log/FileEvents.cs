using Microsoft.Extensions.Logging;

namespace Concentrator.Telemetry.Log;

/// <summary>Log events of file outputs (ids 400 to 499).</summary>
internal static partial class FileEvents
{
    [LoggerMessage(401, LogLevel.Error,
        "file {Output}: {Path} cannot be written: {Reason}; holding up to {Limit:N0} bytes in memory until it can")]
    public static partial void FileCannotBeWritten(this ILogger log, string output, string path, string reason, long limit);

    [LoggerMessage(402, LogLevel.Information, "file {Output}: writing to {Path} resumed after {Outage}")]
    public static partial void FileResumed(this ILogger log, string output, string path, TimeSpan outage);

    [LoggerMessage(404, LogLevel.Information, "file {Output}: writing lines in format {Format}, as found in {Path}")]
    public static partial void FileFormatFound(this ILogger log, string output, string format, string path);

    [LoggerMessage(405, LogLevel.Information, "file {Output}: writing lines in format {Format}, rsyslog's default, because there is no existing file to match")]
    public static partial void FileFormatDefault(this ILogger log, string output, string format);

    [LoggerMessage(403, LogLevel.Information, "file {Output}: reopened {Path}")]
    public static partial void FileReopened(this ILogger log, string output, string path);
}
