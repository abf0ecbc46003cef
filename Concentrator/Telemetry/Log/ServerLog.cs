using Concentrator.Accounting;
using Microsoft.Extensions.Logging;
using Serilog;
using Serilog.Configuration;
using Serilog.Core;
using Serilog.Events;
using Serilog.Extensions.Logging;

namespace Concentrator.Telemetry.Log;

/// <summary>
/// The program's own log: Serilog behind <see cref="ILoggerFactory"/>, one line per event, repeats folded
/// (<see cref="RepeatFolding{TEvent}"/>). Disposing the factory shows the repeats held back.
/// </summary>
internal static class ServerLog
{
    /// <summary>
    /// Creates the log of a running server: to standard error, in the journal's form if the journal reads it, through a queue so that
    /// callers never wait for the reader.
    /// </summary>
    /// <param name="minimum">The lowest level that is shown.</param>
    /// <param name="time">The clock.</param>
    /// <param name="ledger">Counts the lines that the queue has no room for.</param>
    /// <param name="keys">Keys to hide in all lines; null = there are none.</param>
    /// <param name="recent">Keeps the last warnings and errors; null = they are not kept.</param>
    public static ILoggerFactory CreateForConsole(
        LogLevel minimum, TimeProvider time, Ledger ledger, KeyMask? keys = null, RecentEvents? recent = null)
    {
        LineFormatter formatter = new(JournalStream.IsStandardError(), WithStackTraces(minimum), keys ?? new KeyMask());
        ILogEventSink queued = LoggerSinkConfiguration.Wrap(
            inner => new QueuedSink(inner, ledger, time), target => target.Console(formatter, standardErrorFromLevel: LevelAlias.Minimum));
        return Create(target => target.Sink(queued), minimum, time, recent);
    }

    /// <summary>Creates a log to <paramref name="writer"/>, which the caller owns and which is flushed after every line.</summary>
    public static ILoggerFactory Create(TextWriter writer, LogLevel minimum, TimeProvider time, bool forJournal = false)
    {
        LineFormatter formatter = new(forJournal, WithStackTraces(minimum), new KeyMask());
        return Create(target => target.Sink(new WriterSink(writer, formatter)), minimum, time, recent: null);
    }

    private static bool WithStackTraces(LogLevel minimum) => minimum <= LogLevel.Debug;

    private static SerilogLoggerFactory Create(
        Action<LoggerSinkConfiguration> target, LogLevel minimum, TimeProvider time, RecentEvents? recent)
    {
        ILogEventSink folding = LoggerSinkConfiguration.Wrap(inner => new FoldingSink(inner, time, recent), target);
        LoggerConfiguration configuration = new LoggerConfiguration().MinimumLevel.Is(LevelConvert.ToSerilogLevel(minimum)).WriteTo.Sink(folding);
        return new SerilogLoggerFactory(configuration.CreateLogger(), dispose: true);
    }

    private sealed class WriterSink(TextWriter writer, LineFormatter formatter) : ILogEventSink
    {
        // Called under the lock of the folding sink.
        public void Emit(LogEvent logEvent)
        {
            formatter.Format(logEvent, writer);
            writer.Flush();
        }
    }
}
