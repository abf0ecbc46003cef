using Concentrator.Telemetry.Log;
using Microsoft.Extensions.Logging;

namespace Concentrator.Tests.Equipment;

/// <summary>The server's own log, as its lines would appear on the console, without folding's delay being waited for.</summary>
internal sealed class LogCapture : IDisposable
{
    private readonly StringWriter _text = new();
    private readonly TextWriter _writer;
    private readonly ILoggerFactory _factory;

    public LogCapture()
    {
        _writer = TextWriter.Synchronized(_text);
        _factory = ServerLog.Create(_writer, LogLevel.Debug, TimeProvider.System);
        Logger = _factory.CreateLogger("test");
    }

    public ILogger Logger { get; }

    public IReadOnlyList<string> Lines
    {
        get
        {
            // What the writer itself locks while it writes.
            lock (_writer) return _text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }
    }

    public bool Has(string fragment) => Lines.Any(line => line.Contains(fragment, StringComparison.Ordinal));

    public override string ToString() => string.Join('\n', Lines);

    public void Dispose() => _factory.Dispose();
}
