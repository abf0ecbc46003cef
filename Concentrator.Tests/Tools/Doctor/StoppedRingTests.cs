using System.Net;
using System.Net.Sockets;
using Concentrator.Hosting.Senders.HaproxyConfiguration;
using Concentrator.Tests.Equipment;
using Concentrator.Tools.Doctor;
using NUnit.Framework;

namespace Concentrator.Tests.Tools.Doctor;

/// <summary>A real HAProxy's ring that takes no message any more.</summary>
internal sealed class StoppedRingTests
{
    [TestCase("")]
    [TestCase("3_0")]
    [TestCase("3_2")]
    public void A_ring_that_takes_no_message_is_told_until_it_takes_some(string version)
    {
        using Socket receiver = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        receiver.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        receiver.Listen();
        int port = ((IPEndPoint)receiver.LocalEndPoint!).Port;
        // With more threads than one a full ring of 2.6 may really stop for good.
        using HAProxy haproxy = new(new HAProxySetup
        {
            Log = ["ring@conc local0"],
            Sections = [HAProxySetup.Ring("conc", port, octetCount: true, size: HAProxySetup.SmallRing)],
            Threads = 1,
        }, HAProxy.OfVersion(version));
        using Socket connection = receiver.Accept();
        StoppedRingCheck check = new(HaproxyConfig.Read([haproxy.ConfigurationFile]), TimeProvider.System);
        IReadOnlyList<Diagnosis> Look() => check.LookAsync(CancellationToken.None).GetAwaiter().GetResult();
        haproxy.Request(10);
        Assert.That(Look(), Is.Empty);

        using CancellationTokenSource enough = new();
        Task load = Task.Run(() =>
        {
            while (!enough.IsCancellationRequested) haproxy.Request(100);
        });
        IReadOnlyList<Diagnosis> found = [];
        Eventually.Holds(() => (found = Look()).Count > 0, "the sockets are full, and the ring", detail: haproxy.Describe);
        found.Says(Verdict.Fail, "HAProxy's ring conc: it takes no message", "systemctl reload haproxy");
        enough.Cancel();
        load.Wait();
        Look().Says(Verdict.Warn, "dropped and not announced yet", $"echo show events | socat stdio {haproxy.StatsSocket}");

        Task<long> read = Task.Run(() =>
        {
            byte[] buffer = new byte[1 << 20];
            long bytes = 0;
            for (int count; (count = connection.Receive(buffer)) > 0;) bytes += count;
            return bytes;
        });
        Eventually.Holds(
            () =>
            {
                haproxy.Request(10);
                return Look().Count == 0;
            },
            "it takes messages again, and has announced its loss", detail: haproxy.Describe);
        connection.Shutdown(SocketShutdown.Both);
        Assert.That(read.Result, Is.Positive);
    }
}
