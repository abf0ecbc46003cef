using System.Diagnostics;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Faults;

/// <summary>
/// Tests that kill a server and start the next. They stand in for the service manager and hold the datagram socket, so that what is
/// sent while no server runs waits there; what a server has taken from it must be found again by the next.
/// </summary>
internal abstract class KilledServerTests : FaultTests
{
    private SocketHolder _holder = null!;

    /// <summary>Of the socket; it is there once <see cref="HoldSocket"/> was called.</summary>
    protected string SocketPath => Directory["log"];

    [SetUp]
    public void MakeHolder() => _holder = new SocketHolder();

    [TearDown]
    public void EndHolder() => _holder.Dispose();

    protected void HoldSocket() => _holder.UnixDatagrams("in", Directory.Socket("log"));

    /// <summary>Starts a server with the socket, and does not wait for it.</summary>
    protected ServerProcess LaunchWithSocket(object configuration, IReadOnlyDictionary<string, string?>? environment = null) =>
        Launch(configuration, environment: environment, binary: _holder.Script(Directory));

    /// <summary>Kills servers at random moments while messages come, and waits for what the last one delivers.</summary>
    /// <param name="received">What the intake has received.</param>
    /// <param name="render">The message with a number; called by one thread.</param>
    /// <returns>The last server, and how many messages were sent.</returns>
    protected (ServerProcess Server, int Sent) KillUnderLoad(
        int kills, int seed, object configuration, SequenceLedger received, Func<int, ReadOnlySpan<byte>> render, int perSecond,
        IReadOnlyDictionary<string, string?>? environment = null)
    {
        TestContext.Out.WriteLine($"seed {seed}");
        Random random = new(seed);
        using SysctlGuard queue = new(SysctlGuard.DatagramQueue);
        queue.TrySet(512);
        HoldSocket();
        ServerProcess server = LaunchWithSocket(configuration, environment);
        using CancellationTokenSource stop = new();
        Task<int> sending = Task.Factory.StartNew(
            () => SendUntil(render, perSecond, stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        for (int kill = 0; kill < kills; kill++)
        {
            // Most have work in all their queues when they die; some have not even started.
            if (random.Next(5) > 0) server.WaitUntilReady();
            Thread.Sleep(random.Next(1000));
            server.Kill();
            server = LaunchWithSocket(configuration, environment);
        }
        server.WaitUntilReady();
        stop.Cancel();
        int sent = sending.Result;
        Eventually.TryHold(() => received.Distinct >= sent, Deadline.Transfer);
        return (server, sent);
    }

    /// <summary>As HAProxy does, without ever waiting; but a number that found no room is tried again.</summary>
    private int SendUntil(Func<int, ReadOnlySpan<byte>> render, int perSecond, CancellationToken stop)
    {
        using DatagramSender sender = DatagramSender.LikeHAProxy(SocketPath, sendBuffer: 4 << 20);
        long start = Stopwatch.GetTimestamp();
        int sent = 0;
        while (!stop.IsCancellationRequested)
        {
            int due = (int)(Stopwatch.GetElapsedTime(start).TotalSeconds * perSecond);
            while (sent < due && sender.TrySend(render(sent))) sent++;
            Thread.Sleep(1);
        }
        return sent;
    }
}
