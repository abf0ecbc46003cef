using System.Diagnostics;
using Concentrator.Bench.Arguments;
using Concentrator.Bench.Compare;
using Concentrator.Bench.Measure;
using Concentrator.Bench.Programs;

namespace Concentrator.Bench.Footprint;

/// <summary>Measures the time from the server's start to its socket.</summary>
internal static class Starts
{
    private const int Runs = 7;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(10);

    /// <summary>Milliseconds until HAProxy could send. The socket's path is the last one that the server binds.</summary>
    public static Sample Measure(ConcentratorSubject subject, Func<TrialPlace> place, CancellationToken stop)
    {
        List<double> times = [];
        for (int run = 0; run < Runs; run++)
        {
            TrialPlace at = place();
            long began = Stopwatch.GetTimestamp();
            using ChildProcess child = subject.Start(at);
            while (!File.Exists(at.Socket))
            {
                if (child.HasExited || Stopwatch.GetElapsedTime(began) > Limit || stop.WaitHandle.WaitOne(1))
                    throw new UnusableException($"the server does not start: {child.Describe()}");
            }
            times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            child.Terminate(StopLimit);
        }
        return Sample.Of(times);
    }
}
