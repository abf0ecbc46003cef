using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Concentrator.Telemetry.Log;

/// <summary>
/// The log of a Kestrel server: warnings and worse, and nothing while it starts, because a failed start is an
/// exception that the caller reports in one line. Does not own <paramref name="inner"/>.
/// </summary>
internal sealed class FrameworkLog(ILoggerFactory inner) : ILoggerFactory
{
    private volatile bool _started;

    /// <summary>Lets warnings pass from now on.</summary>
    public void Started() => _started = true;

    public ILogger CreateLogger(string categoryName) => new Filter(this, inner.CreateLogger(categoryName));

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public void Dispose()
    {
    }

    private sealed class Filter(FrameworkLog owner, ILogger inner) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => NullLogger.Instance.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning && owner._started && inner.IsEnabled(logLevel);

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel)) inner.Log(logLevel, eventId, state, exception, formatter);
        }
    }
}
