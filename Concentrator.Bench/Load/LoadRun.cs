using System.Diagnostics;
using System.Net.Sockets;
using Concentrator.Bench.Arguments;
using Concentrator.Bench.Measure;
using Concentrator.Native;

namespace Concentrator.Bench.Load;

/// <summary>
/// Sends a <see cref="LoadPlan"/>, with one thread per processor but no more than connections. Call <see cref="Run"/> once; other members
/// may be read from any thread meanwhile.
/// </summary>
internal sealed class LoadRun : IDisposable
{
    /// <summary>Messages between two reads of the clock when the rate is unlimited.</summary>
    private const int UnpacedRun = 64;

    private readonly LoadPlan _plan;
    private readonly StampedSender[] _senders;
    private readonly int _threads;
    private readonly Lock _gate = new();

    // Guarded by _gate.
    private TimeSpan _cpu;
    private string? _failure;

    /// <summary>Opens all connections.</summary>
    /// <exception cref="UnusableException">No receiver is there.</exception>
    public LoadRun(LoadPlan plan)
    {
        _plan = plan;
        _threads = Math.Min(plan.Connections, Environment.ProcessorCount);
        List<StampedSender> senders = [];
        try
        {
            for (int i = 0; i < plan.Connections; i++) senders.Add(StampedSender.Open(plan, (ushort)(plan.FirstSender + i)));
        }
        catch
        {
            foreach (StampedSender sender in senders) sender.Dispose();
            throw;
        }
        _senders = [.. senders];
    }

    public long Sent => _senders.Sum(static sender => sender.Sent);

    public long Dropped => _senders.Sum(static sender => sender.Dropped);

    public long Failed => _senders.Sum(static sender => sender.Failed);

    /// <summary>Returns when everything is sent, or soon after cancellation.</summary>
    /// <exception cref="UnusableException">There is no receiver, and there was none at any time.</exception>
    public LoadResult Run(CancellationToken stop)
    {
        long began = Stopwatch.GetTimestamp();
        UnusableException? unusable = null;
        Thread[] threads = [.. Enumerable.Range(0, _threads).Select(index => new Thread(() =>
        {
            try
            {
                RunThread(index, began, stop);
            }
            catch (UnusableException e)
            {
                unusable = e;
            }
        })
        { IsBackground = true, Name = $"load {index}" })];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        if (unusable is not null) throw unusable;
        TimeSpan elapsed = Stopwatch.GetElapsedTime(began);
        Finish();
        lock (_gate)
        {
            return new LoadResult
            {
                Sent = Sent,
                Dropped = Dropped,
                Failed = Failed,
                Elapsed = elapsed,
                Cpu = _cpu,
                BeganAt = began,
                Failure = _failure,
            };
        }
    }

    public void Dispose()
    {
        foreach (StampedSender sender in _senders) sender.Dispose();
    }

    private void RunThread(int index, long began, CancellationToken stop)
    {
        TimeSpan before = ProcessorClock.OfThisThread;
        ProcessorClock.WakeOnTime();
        try
        {
            StampedSender[] mine = [.. _senders.Where((_, number) => number % _threads == index)];
            RateRange rate = _plan.Rate.Divide(_threads);
            Pace pace = new(rate, _plan.Duration, _plan.Burst);
            long most = _plan.Count == 0 ? long.MaxValue : (_plan.Count / _threads) + (index < _plan.Count % _threads ? 1 : 0);
            long done = 0;
            int turn = 0;
            TimeSpan lastBurst = TimeSpan.FromDays(-1);
            while (done < most && !stop.IsCancellationRequested)
            {
                TimeSpan elapsed = Stopwatch.GetElapsedTime(began);
                if (_plan.Duration > TimeSpan.Zero && elapsed >= _plan.Duration) break;
                TimeSpan wait = done >= pace.Due(elapsed) ? pace.UntilNext(elapsed, done) : pace.LeastGap(elapsed) - (elapsed - lastBurst);
                if (wait > TimeSpan.Zero)
                {
                    ClockCalls.Sleep(wait);
                    continue;
                }
                int part = rate.IsUnlimited ? UnpacedRun : pace.Burst;
                long run = Math.Min(rate.IsUnlimited ? UnpacedRun : pace.Owed(elapsed, elapsed - lastBurst, done), most - done);
                lastBurst = elapsed;
                for (; run > 0; run -= part)
                {
                    part = (int)Math.Min(part, run);
                    mine[turn++ % mine.Length].Send(part);
                    done += part;
                }
            }
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            lock (_gate) _failure ??= e.Message;
        }
        lock (_gate) _cpu += ProcessorClock.OfThisThread - before;
    }

    private void Finish()
    {
        foreach (StampedSender sender in _senders)
        {
            try
            {
                sender.Finish();
            }
            catch (Exception e) when (e is IOException or SocketException or AggregateException)
            {
                // Does not wait for messages in flight; the receiver's own count covers them.
                lock (_gate) _failure ??= e.Message;
            }
        }
    }
}
