using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Native;
using Concentrator.Queues;
using Concentrator.Queues.Blocks;
using Concentrator.Telemetry.Log;
using Concentrator.Telemetry.Watchdog;
using Microsoft.Extensions.Logging;

namespace Concentrator.Targets.Files;

/// <summary>
/// Writes blocks of lines to a file, on its own thread, so that a disk that hangs delays only this thread. A disk
/// that is full or failing is logged once and tried again every second; meanwhile the queue holds messages up to its limit.
/// </summary>
internal sealed class FileTarget : Target
{
    /// <summary>Time that a thread outside a write needs to give its block back.</summary>
    private static readonly TimeSpan ShortestFarewell = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Pause after a write that emptied the queue: lines that arrive meanwhile are written together, sooner if they fill some blocks. The
    /// first line after a silence does not wait. Readers of the file do not notice; lines unwritten at a kill are kept (Memory).
    /// </summary>
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(100);

    /// <summary>A write that hangs in the disk cannot be cancelled: this long before the deadline it is left to finish alone.</summary>
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(1);

    private readonly FileOutputOptions _options;
    private readonly OutputCounters _counters;
    private readonly RunningLoops _loops;
    private readonly LoopHeartbeat _mark;
    private readonly ILogger _log;
    private readonly ThreadSignal _wake = new();
    private readonly Thread _thread;
    private volatile bool _reopen;
    private volatile bool _stopping;
    private volatile bool _giveUp;

    // Owned by the writing thread.
    private AppendFile? _file;
    private FileIdentity? _lastIdentity;
    private long? _failingSince;

    public FileTarget(FileOutputOptions options, DeliveryQueue queue, OutputCounters counters, RunningLoops loops, ILogger log)
        : base(options, queue)
    {
        _options = options;
        _counters = counters;
        _loops = loops;
        _log = log;
        _mark = new LoopHeartbeat($"file {options.Name}") { HasCome = wait => wait == LoopWait.Work && queue.HasBlock };
        _thread = new Thread(Run) { Name = _mark.Name, IsBackground = true };
        queue.WakeConsumer = _wake.Set;
    }

    public override void Start() => _thread.Start();

    public override void Reopen()
    {
        _reopen = true;
        _wake.Set();
    }

    public override Task StopAsync(TimeSpan timeout, DropReason reason) => Blocking(() =>
    {
        Queue.Close();
        _stopping = true;
        _wake.Set();
        TimeSpan farewell = timeout < 2 * Farewell ? timeout / 2 : Farewell;
        if (!_thread.Join(timeout - farewell)) GiveUp(farewell);
        long dropped = Queue.End(reason);
        if (dropped > 0) _log.Undelivered(_options.Name, dropped, reason);
    });

    public override Task DetachAsync() => Blocking(() => GiveUp(Farewell));

    private void GiveUp(TimeSpan farewell)
    {
        _giveUp = true;
        _wake.Set();
        _thread.Join(farewell > ShortestFarewell ? farewell : ShortestFarewell);
    }

    private static Task Blocking(Action action) =>
        Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private void Run()
    {
        _mark.Thread = BlockedThreads.Current();
        _loops.Enter(_mark);
        while (!_giveUp)
        {
            _mark.Works();
            if (_reopen) CloseForReopening();
            Block? block = Queue.TryTake();
            if (block is not null)
            {
                bool caughtUp = block.IsSparse;
                Deliver(block);
                if (!caughtUp || !Queue.TryRest()) continue;
                _mark.Waits(LoopWait.Work);
                _wake.Wait(Rest);
            }
            else if (_stopping) break;
            else
            {
                _mark.Waits(LoopWait.Work);
                _wake.Wait();
            }
        }
        _counters.Problem = null;
        Close();
        _loops.Leave(_mark);
    }

    private void Deliver(Block block)
    {
        ReadOnlySpan<byte> bytes = block.Bytes.Span;
        int written = 0;
        while (written < bytes.Length)
        {
            try
            {
                using LoopHeartbeat.Pause pause = _mark.While(LoopWait.Disk);
                if (PrepareFile()) written = bytes[..written].LastIndexOf((byte)'\n') + 1;
                written += _file!.Write(bytes[written..]);
            }
            catch (IOException e)
            {
                if (_giveUp)
                {
                    BlockList undelivered = default;
                    undelivered.Append(block);
                    Queue.GiveBack(ref undelivered);
                    return;
                }
                Fail(e.Message);
            }
        }
        CrashPoint.Reach("written");
        if (_failingSince is { } since) Recover(TimeSpan.FromMilliseconds(Environment.TickCount64 - since));
        Queue.Settle(block);
        Queue.Recycle(block);
    }

    /// <summary>
    /// Step 7 for files: the path is checked before every write, so the first line after a rotation is in the new file.
    /// True when a different file than the last one was opened: a line begun in the old one is then written again in full.
    /// </summary>
    private bool PrepareFile()
    {
        if (_reopen) CloseForReopening();
        if (_file is { IsCurrent: true }) return false;
        Close();
        _file = AppendFile.Open(_options);
        bool another = _lastIdentity is not null && _file.Identity != _lastIdentity;
        if (_lastIdentity is null && _file.EndsWithinLine) _file.Write("\n"u8);
        _lastIdentity = _file.Identity;
        if (another) _log.FileReopened(_options.Name, _options.Path);
        return another;
    }

    private void Fail(string reason)
    {
        if (_failingSince is null) _log.FileCannotBeWritten(_options.Name, _options.Path, reason, Queue.Limit);
        _failingSince ??= Environment.TickCount64;
        _counters.Problem = $"{_options.Path} cannot be written: {reason}";
        Close();
        using LoopHeartbeat.Pause pause = _mark.While(LoopWait.Disk);
        _wake.Wait(RetryPause);
    }

    private void Recover(TimeSpan outage)
    {
        _failingSince = null;
        _counters.Problem = null;
        _log.FileResumed(_options.Name, _options.Path, outage);
    }

    private void CloseForReopening()
    {
        _reopen = false;
        Close();
    }

    private void Close()
    {
        using LoopHeartbeat.Pause pause = _mark.While(LoopWait.Disk);
        _file?.Dispose();
        _file = null;
    }
}
