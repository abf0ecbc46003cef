using System.Diagnostics;
using Concentrator.Accounting;
using Concentrator.Telemetry.Metrics;

namespace Concentrator.Ingest.Statistics;

/// <summary>The input of a <see cref="ForwarderReport"/> at one moment.</summary>
internal sealed record ForwarderReading
{
    public required IReadOnlyList<ListenerSnapshot> Listeners { get; init; }

    public required IReadOnlyList<OutputSnapshot> Outputs { get; init; }

    public TimeSpan UserTime { get; init; }

    public TimeSpan SystemTime { get; init; }

    /// <summary>Peak memory since the start, in bytes.</summary>
    public long PeakMemory { get; init; }

    /// <summary>Null where <c>/proc</c> cannot be read.</summary>
    public long? OpenFiles { get; init; }

    public static ForwarderReading Take(Ledger ledger)
    {
        using Process self = Process.GetCurrentProcess();
        MetricSnapshot frame = MetricSnapshot.Take(ledger);
        return new ForwarderReading
        {
            Listeners = frame.Listeners,
            Outputs = frame.Outputs,
            UserTime = Environment.CpuUsage.UserTime,
            SystemTime = Environment.CpuUsage.PrivilegedTime,
            PeakMemory = self.PeakWorkingSet64,
            OpenFiles = frame.OpenFileDescriptors,
        };
    }

    /// <summary>The counters of a listener; all zero if it has none yet.</summary>
    public ListenerSnapshot Listener(string name) => Listeners.FirstOrDefault(l => l.Name == name, new ListenerSnapshot { Name = name });

    /// <summary>The counters of an output; all zero if it has none yet.</summary>
    public OutputSnapshot Output(string name) =>
        Outputs.FirstOrDefault(o => o.Name == name, new OutputSnapshot { Name = name, Dropped = new long[DropReasons.All.Length] });
}
