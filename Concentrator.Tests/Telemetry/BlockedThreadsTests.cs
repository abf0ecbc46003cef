using Concentrator.Telemetry.Watchdog;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Telemetry;

/// <summary>Which threads sleep in the kernel for a disk.</summary>
internal sealed class BlockedThreadsTests
{
    [TestCase("71 (lane a) D (x) D 1 71 71 0", true)]
    [TestCase("71 (lane a) D) S 1 71 71 0", false)]
    [TestCase("71 (lane a) R 1 71 71 0", false)]
    [TestCase("71", false)]
    [TestCase("", false)]
    public void The_state_of_a_thread_is_read_whatever_its_name_is(string stat, bool isHeld)
    {
        using TempDirectory directory = new();
        Directory.CreateDirectory(directory["71"]);
        Directory.CreateDirectory(directory["no number"]);
        directory.Write("71/stat", stat);
        directory.Write("no number/stat", "72 (lane b) D 1 71 71 0");
        Assert.That(new BlockedThreads(directory.Path).Read(), Is.EqualTo(isHeld ? new[] { 71 } : []));
    }

    [Test]
    public void Threads_that_end_meanwhile_and_a_system_without_proc_are_no_trouble()
    {
        using TempDirectory directory = new();
        Directory.CreateDirectory(directory["71"]);
        Assert.That(new BlockedThreads(directory.Path).Read(), Is.Empty);
        Assert.That(new BlockedThreads(directory["nowhere"]).Read(), Is.Empty);
    }

    [Test]
    public void A_thread_finds_its_own_number_and_is_not_held_while_it_only_sleeps()
    {
        int? found = null;
        using ManualResetEventSlim looked = new();
        using ManualResetEventSlim ends = new();
        Thread thread = new(() =>
        {
            found = BlockedThreads.Current();
            looked.Set();
            ends.Wait();
        })
        { IsBackground = true };
        thread.Start();
        Assert.That(looked.Wait(Deadline.Reaction));
        Assert.That(Directory.Exists($"/proc/self/task/{found}"), $"{found}");
        Assert.That(found, Is.Not.EqualTo(BlockedThreads.Current()));
        Assert.That(new BlockedThreads().Read(), Does.Not.Contain(found));
        ends.Set();
        thread.Join();
    }
}
