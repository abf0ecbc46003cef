using System.Diagnostics;

namespace Concentrator.Bench.Measure;

/// <summary>
/// Measures what another process uses from now until <see cref="Read"/>. Samples its threads once a second, so that the context switches of
/// ended threads count, except those between a thread's last sample and its end.
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

    /// <summary>Also resets the peak memory.</summary>
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

/// <summary>The result of a <see cref="ProcessMeter"/>.</summary>
/// <param name="Cpu">User and system time of all threads, including ended ones.</param>
/// <param name="ContextSwitches">Voluntary and involuntary, of all threads.</param>
/// <param name="Memory">Resident memory at the end, in bytes.</param>
/// <param name="PeakMemory">Peak resident memory, in bytes.</param>
internal sealed record ProcessUsage(TimeSpan Elapsed, TimeSpan Cpu, long ContextSwitches, long Memory, long PeakMemory);
