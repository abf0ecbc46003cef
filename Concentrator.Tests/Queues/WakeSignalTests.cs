using Concentrator.Queues;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Queues;

[TestFixture]
internal sealed class WakeSignalTests
{
    [Test]
    public void A_signal_set_before_anyone_waits_is_kept_once()
    {
        WakeSignal signal = new();
        signal.Set();
        signal.Set();
        Assert.That(signal.WaitAsync().IsCompleted);
        Assert.That(signal.WaitAsync().IsCompleted, Is.False);
    }

    [Test]
    public async Task A_loop_that_is_resumed_goes_on_on_the_waking_thread_and_one_that_is_set_does_not()
    {
        WakeSignal signal = new();
        List<int> threads = [];
        Task loop = WakeTwiceAsync(signal, threads);
        signal.Resume();
        Assert.That(threads, Is.EqualTo(new[] { Environment.CurrentManagedThreadId }), "it has run when the call returns");
        Thread setting = new(signal.Set);
        setting.Start();
        await loop.WaitAsync(Deadline.Reaction);
        Assert.That(threads[1], Is.Not.EqualTo(setting.ManagedThreadId));
    }

    private static async Task WakeTwiceAsync(WakeSignal signal, List<int> threads)
    {
        for (int i = 0; i < 2; i++)
        {
            await signal.WaitAsync().ConfigureAwait(false);
            threads.Add(Environment.CurrentManagedThreadId);
        }
    }

    [Test]
    public async Task No_signal_is_lost_between_two_threads()
    {
        WakeSignal ping = new(), pong = new();
        int count = 0;
        Task answering = Task.Run(async () =>
        {
            for (int i = 0; i < 50_000; i++)
            {
                await ping.WaitAsync();
                count++;
                pong.Set();
            }
        });
        for (int i = 0; i < 50_000; i++)
        {
            ping.Set();
            await pong.WaitAsync();
        }
        await answering.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.That(count, Is.EqualTo(50_000));
    }
}
