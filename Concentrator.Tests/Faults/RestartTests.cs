using System.Diagnostics;
using Concentrator.Tests.EndToEnd;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Faults;

/// <summary>
/// Restarts under a load that never waits: what HAProxy sends meanwhile stays in the kernel's queue. Each test prints its
/// ledger, and what of the queue and of the sender's buffer it took.
/// </summary>
[TestFixture("syslog-tls")]
[TestFixture("sekoia-https")]
internal sealed class RestartTests(string type) : ServerTests
{
    /// <summary>More than any restart of a loaded test machine needs.</summary>
    private const int QueueLength = 200_000;

    private const int SendBuffer = 512 << 20;

    private readonly List<double> _pauses = [];
    private object _relay = null!;
    private SequenceLedger _received = null!;
    private string _path = null!;

    [SetUp]
    public void MakeIntake()
    {
        if (type == "sekoia-https")
        {
            SekoiaHttpsIntake intake = Own(new SekoiaHttpsIntake(TestCertificates.Server, keeps: false));
            (_relay, _received) = (Https(intake, Directory), intake.Sequence);
        }
        else
        {
            TlsIntake intake = Own(NewIntake(keepFrames: false));
            (_relay, _received) = (Relay(intake, Directory), intake.Sequence);
        }
        _path = Directory.Socket("log");
        _pauses.Clear();
    }

    [Test]
    public void Restarts_with_socket_activation_lose_nothing() => Restart(5, 5_000);

    [Test, Category("Soak"), Explicit("full size: dotnet test --filter Category=Soak")]
    public void Twenty_restarts_with_socket_activation_at_20_000_messages_a_second_lose_nothing() => Restart(20, 20_000);

    [Test]
    public void Hand_overs_lose_nothing() => HandOver(5, 5_000);

    [Test, Category("Soak"), Explicit("full size: dotnet test --filter Category=Soak")]
    public void Twenty_hand_overs_at_20_000_messages_a_second_lose_nothing() => HandOver(20, 20_000);

    private void Restart(int restarts, int perSecond)
    {
        using SysctlGuard guard = SysctlGuard.Set(SysctlGuard.DatagramQueue, QueueLength);
        using SocketHolder holder = new();
        holder.UnixDatagrams("log", _path);
        string activated = holder.Script(Directory);
        ServerProcess server = Start(Configuration(), binary: activated);
        using HAProxyLoad load = new(_path, perSecond, SendBuffer);
        for (int restart = 0; restart < restarts; restart++)
        {
            WaitForProgress(perSecond);
            long began = Stopwatch.GetTimestamp();
            Assert.That(server.Stop(), Is.Zero, server.Describe());
            server = Start(Configuration(), binary: activated);
            _pauses.Add(Stopwatch.GetElapsedTime(began).TotalSeconds);
        }
        AssertNothingLost(load, perSecond, "restarts");
    }

    private void HandOver(int handOvers, int perSecond)
    {
        using SysctlGuard guard = SysctlGuard.Set(SysctlGuard.DatagramQueue, QueueLength);
        string successor = Wrapped.Script(Directory, "exec SERVER --take-over");
        ServerProcess server = Start(Configuration());
        using HAProxyLoad load = new(_path, perSecond, SendBuffer);
        for (int handOver = 0; handOver < handOvers; handOver++)
        {
            WaitForProgress(perSecond);
            ServerProcess next = Launch(Configuration(), binary: successor);
            Eventually.Holds(
                () => server.Log.Contains("listener log: stopped", StringComparison.Ordinal) || next.HasExited, "the first has stopped", Deadline.Process, next.Describe);
            long began = Stopwatch.GetTimestamp();
            next.WaitForLine("listener log: listening", Deadline.Process);
            _pauses.Add(Stopwatch.GetElapsedTime(began).TotalSeconds);
            Assert.That(server.WaitForExit(), Is.Zero, server.Describe());
            next.WaitUntilReady();
            server = next;
        }
        AssertNothingLost(load, perSecond, "hand-overs");
    }

    private object Configuration() => new
    {
        Listeners = new { log = new { Address = $"unix-dgram:{_path}" } },
        Outputs = new { sekoia = _relay },
    };

    /// <summary>Half a second's worth more has arrived: the server under test does its work.</summary>
    private void WaitForProgress(int perSecond)
    {
        int goal = _received.Distinct + (perSecond / 2);
        Eventually.Holds(() => _received.Distinct >= goal, $"{goal} messages at the intake", Deadline.Transfer, _received.ToString);
    }

    private void AssertNothingLost(HAProxyLoad load, int perSecond, string what)
    {
        load.Stop();
        int sent = (int)(load.Sender.Sent + load.Sender.Dropped + load.Sender.Failed);
        Eventually.TryHold(() => _received.Distinct >= load.Sender.Sent, Deadline.Transfer);
        int missing = _received.Missing(sent).Count;
        TestContext.Out.WriteLine(
            $"{_pauses.Count} {what} at {perSecond}/s: {sent} sent, {_received.Received} received, {missing} missing, "
            + $"{_received.Duplicates} duplicates, {load.Sender.Dropped} EAGAIN, {load.Sender.Failed} without a socket");
        TestContext.Out.WriteLine(
            $"nobody read for {_pauses.Average():0.00} s, at most {_pauses.Max():0.00} s (some {_pauses.Max() * perSecond:0} messages in the queue); "
            + $"at most {load.MostOutstanding} bytes of the sender's buffer were in use");
        Assert.That(load.Sender.Failed, Is.Zero, "there is always a socket");
        Assert.That(load.Sender.Dropped, Is.Zero, "the queue is never full");
        Assert.That(missing, Is.Zero);
    }
}
