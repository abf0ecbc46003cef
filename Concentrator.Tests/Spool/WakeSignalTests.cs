using Concentrator.Spool;
using NUnit.Framework;

namespace Concentrator.Tests.Spool;

[TestFixture]
internal sealed class WakeSignalTests
{
    [Test]
    public void A_signal_set_before_anyone_waits_is_kept_once()
    {
        using WakeSignal signal = new("test");
        signal.Set();
        signal.Set();
        Assert.That(signal.WaitAsync().IsCompleted);
        Assert.That(signal.WaitAsync().IsCompleted, Is.False);
    }

    [Test]
    public async Task No_signal_is_lost_between_two_threads()
    {
        using WakeSignal ping = new("ping"), pong = new("pong");
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
