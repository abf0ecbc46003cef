using Concentrator.Accounting;
using Serilog.Core;
using Serilog.Debugging;
using Serilog.Events;
using Serilog.Parsing;

namespace Concentrator.Telemetry.Log;

/// <summary>
/// A bounded queue and a thread between callers and the log's destination: a standard error that nothing reads (a full
/// pipe, a stopped terminal) blocks only this thread. An event that finds the queue full is dropped and counted; once
/// the queue is empty, a line reports how many. Any thread may emit, and never waits.
/// </summary>
internal sealed class QueuedSink : ILogEventSink, IDisposable
{
    /// <summary>In events: several times what a stop of a server with a hundred outputs logs.</summary>
    public const int Capacity = 1024;

    /// <summary>Time that a stop gives to the last lines; a blocked thread is then abandoned.</summary>
    private static readonly TimeSpan LastLines = TimeSpan.FromSeconds(1);

    private static readonly MessageTemplate Loss = new MessageTemplateParser().Parse(
        "log: {Count} lines before this one were dropped because standard error was not read fast enough");

    private readonly object _gate = new();
    private readonly Queue<LogEvent> _waiting = new();
    private readonly ILogEventSink _inner;
    private readonly Ledger _ledger;
    private readonly TimeProvider _time;
    private readonly Thread _thread;
    private long _dropped;
    private bool _ended;

    /// <param name="inner">Receives the events, one at a time; may block. Not owned.</param>
    /// <param name="ledger">Counts dropped lines.</param>
    /// <param name="time">Clock for the line that reports a loss.</param>
    public QueuedSink(ILogEventSink inner, Ledger ledger, TimeProvider time)
    {
        _inner = inner;
        _ledger = ledger;
        _time = time;
        _thread = new Thread(Run) { Name = "log", IsBackground = true };
        _thread.Start();
    }

    public void Emit(LogEvent logEvent)
    {
        lock (_gate)
        {
            if (_ended || _waiting.Count == Capacity)
            {
                _dropped++;
                _ledger.AddDroppedLogLine();
                return;
            }
            _waiting.Enqueue(logEvent);
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Waits briefly until emitted events are written; gives up if that is blocked.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _ended = true;
            Monitor.Pulse(_gate);
        }
        _thread.Join(LastLines);
    }

    private void Run()
    {
        while (TryTake(out LogEvent? logEvent, out long dropped))
        {
            if (dropped > 0) Write(LossOf(dropped));
            if (logEvent is not null) Write(logEvent);
        }
    }

    /// <summary>Takes the next event, or the number dropped since the last report. False at the end.</summary>
    private bool TryTake(out LogEvent? logEvent, out long dropped)
    {
        lock (_gate)
        {
            while (_waiting.Count == 0 && _dropped == 0 && !_ended) Monitor.Wait(_gate);

            // Dropped events came after all that wait, and before those that come next.
            bool isTaken = _waiting.TryDequeue(out logEvent);
            dropped = isTaken ? 0 : _dropped;
            if (!isTaken) _dropped = 0;
            return isTaken || dropped > 0;
        }
    }

    private void Write(LogEvent logEvent)
    {
        try
        {
            _inner.Emit(logEvent);
        }
        catch (Exception e)
        {
            // A log that cannot be written (its disk is full) must not end the server, as an exception on a thread would.
            _ledger.AddDroppedLogLine();
            SelfLog.WriteLine("the log cannot be written: {0}", e.Message);
        }
    }

    private LogEvent LossOf(long count) => new(
        _time.GetLocalNow(), LogEventLevel.Warning, null, Loss, [new LogEventProperty("Count", new ScalarValue(count))]);
}
