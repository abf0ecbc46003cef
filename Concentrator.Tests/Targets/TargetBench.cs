using System.Text;
using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Queues;
using Concentrator.Queues.Blocks;
using Concentrator.Targets;
using Concentrator.Targets.Files;
using Concentrator.Targets.Relays;
using Concentrator.Telemetry.Watchdog;
using Concentrator.Tests.Equipment;

namespace Concentrator.Tests.Targets;

/// <summary>A target with its spool, without the rest of the server: lines or frames in, ledger and log to look at.</summary>
internal sealed class TargetBench : IDisposable
{
    private readonly Target _target;

    private TargetBench(OutputOptions options, long limit, Func<MemoryQueue, OutputCounters, LogCapture, Target> make)
    {
        Counters = new OutputCounters(options.Name, options is RelayOutputOptions, limit);
        Spool = new MemoryQueue(Counters, new BlockPool(), new WhenFullBarrier(), WhenFull.DropOldest, limit, _ => { });
        _target = make(Spool, Counters, Log);
        _target.Start();
    }

    public LogCapture Log { get; } = new();

    public OutputCounters Counters { get; }

    public MemoryQueue Spool { get; }

    public OutputSnapshot Ledger => Counters.Read();

    public static TargetBench File(FileOutputOptions options, long limit = 1_000_000, RunningLoops? loops = null) =>
        new(options, limit, (spool, counters, log) => new FileTarget(options, spool, counters, loops ?? new RunningLoops(), log.Logger));

    public static TargetBench Relay(RelayOutputOptions options, RelayDeadlines? deadlines = null, long limit = 64_000_000, TimeProvider? time = null, RunningLoops? loops = null) =>
        new(options, limit, (spool, counters, log) =>
            new RelayTarget(
                options, spool, counters, loops ?? new RunningLoops(), deadlines ?? RelayDeadlines.Default, time ?? TimeProvider.System, log.Logger));

    /// <summary>Appends one message's bytes as they are, and wakes the target.</summary>
    public void Send(string bytes)
    {
        byte[] all = Encoding.UTF8.GetBytes(bytes);
        using (Spool.Enter())
        {
            Span<byte> room = Spool.ReserveUnsynchronized(all.Length);
            if (!room.IsEmpty) all.CopyTo(room);
        }
        Spool.Publish();
    }

    /// <summary>Appends an octet-counted frame.</summary>
    public void SendFrame(string message) => Send($"{Encoding.UTF8.GetByteCount(message)} {message}");

    public void WaitForDelivered(long messages) =>
        Eventually.Holds(() => Ledger.Delivered == messages, $"{messages} delivered", detail: () => $"{Ledger}\n{Log}");

    public void Reopen() => _target.Reopen();

    public Task StopAsync(double seconds = 5) => _target.StopAsync(TimeSpan.FromSeconds(seconds), DropReason.Shutdown);

    public Task DetachAsync() => _target.DetachAsync();

    public void Dispose()
    {
        Log.Dispose();
    }
}
