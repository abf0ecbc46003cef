using System.Diagnostics;

namespace Concentrator.Bench.Measure;

/// <summary>
/// What another process uses from now on until <see cref="Read"/>. Looks at its threads once a second meanwhile, so that the
/// context switches of a thread that ends still count; what a thread did between the last look and its end does not.
/// </summary>
internal sealed class ProcessMeter : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly int _pid;
    private readonly TimeSpan _cpuBefore;
    private readonly long _began = Stopwatch.GetTimestamp();
    private readonly Timer _looks;
    private readonly Lock _gate = new();

    // Guarded by _gate.
    private readonly SwitchCount _switches = new();

    /// <summary>Also begins a new peak of memory.</summary>
    public ProcessMeter(int pid)
    {
        _pid = pid;
        ProcessStatistics.ForgetPeak(pid);
        Look();
        _switches.Forget();
        _cpuBefore = ProcessStatistics.Cpu(pid);
        _looks = new Timer(_ => Look(), null, Interval, Interval);
    }

    public ProcessUsage Read()
    {
        TimeSpan cpu = ProcessStatistics.Cpu(_pid) - _cpuBefore;
        Look();
        lock (_gate)
        {
            return new ProcessUsage(
                Stopwatch.GetElapsedTime(_began), cpu, _switches.Total, ProcessStatistics.Memory(_pid), ProcessStatistics.PeakMemory(_pid));
        }
    }

    public void Dispose() => _looks.Dispose();

    private void Look()
    {
        lock (_gate)
        {
            foreach ((int thread, long switches) in ProcessStatistics.ContextSwitches(_pid)) _switches.Saw(thread, switches);
        }
    }
}

/// <summary>What a <see cref="ProcessMeter"/> read.</summary>
/// <param name="Cpu">User and system time of all threads, also of those that have ended.</param>
/// <param name="ContextSwitches">Voluntary and involuntary, of all threads.</param>
/// <param name="Memory">Bytes resident at the end.</param>
/// <param name="PeakMemory">Bytes, the most that was resident.</param>
internal sealed record ProcessUsage(TimeSpan Elapsed, TimeSpan Cpu, long ContextSwitches, long Memory, long PeakMemory);
