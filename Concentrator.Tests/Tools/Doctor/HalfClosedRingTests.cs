using System.Net;
using System.Net.Sockets;
using Concentrator.Configuration.Options;
using Concentrator.Tests.Equipment;
using Concentrator.Tools.Doctor;
using NUnit.Framework;

namespace Concentrator.Tests.Tools.Doctor;

/// <summary>Octet-counted rings of a real HAProxy 3.0 that has fallen silent, and of those that come back.</summary>
internal sealed class HalfClosedRingTests
{
    [TestCase("3_0", true)]
    [TestCase("3_2", false)]
    [TestCase("", false)]
    public void A_ring_that_does_not_come_back_from_a_receivers_end_is_found_by_its_half_closed_connection(string version, bool staysDead)
    {
        string? program = HAProxy.OfVersion(version);
        using PlantedHost host = new();
        using Socket receiver = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        receiver.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        receiver.Listen();
        IPEndPoint end = (IPEndPoint)receiver.LocalEndPoint!;
        using HAProxy haproxy = new(
            new HAProxySetup { Log = ["ring@conc local0"], Sections = [HAProxySetup.Ring("conc", end.Port, octetCount: true)] }, program);
        host.Show(haproxy.Pid);
        ListenerOptions listener = new() { Name = "ring", Address = new ListenAddress(Transport.Tcp, null, end) };
        Version running = version switch { "3_0" => new Version(3, 0, 11), "3_2" => new Version(3, 2, 26), _ => new Version(2, 6, 12) };
        IEnumerable<Diagnosis> Look() => new HalfClosedRingCheck(host.Proc, haproxy.Pid, running, [listener]).Look();

        using (Socket connection = receiver.Accept())
        {
            haproxy.Request(10);
            byte[] buffer = new byte[65536];
            int received = 0;
            while (received < 1000) received += connection.Receive(buffer);
            Assert.That(Look(), Is.Empty);
            while (connection.Available > 0) connection.Receive(buffer);

            // A FIN, as a killed receiver's kernel sends it.
            connection.Shutdown(SocketShutdown.Both);
        }
        int next = 10;
        bool IsBack()
        {
            // 3.2 comes back with a later line.
            haproxy.Request(10, first: next);
            next += 10;
            return receiver.Poll(200_000, SelectMode.SelectRead);
        }
        if (staysDead)
        {
            Eventually.Holds(() => !IsBack() && Look().Any(), "the half-closed connection shows", detail: haproxy.Describe);
            Look().Says(Verdict.Fail, $"the connection of its worker (pid {haproxy.Pid}) to listener ring is half closed", "systemctl reload haproxy");
            Assert.That(Enumerable.Range(0, 10).Select(_ => IsBack()), Has.None.True, "and it does not connect again");
        }
        else
        {
            Eventually.Holds(IsBack, "it connects again", detail: haproxy.Describe);
            Assert.That(Look(), Is.Empty);
        }
    }
}
