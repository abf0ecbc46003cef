using System.Net;
using System.Net.Sockets;
using System.Text;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Peers;

/// <summary>The runner of the server and the reader of its metrics, proved with a stand-in for the server.</summary>
internal sealed class EquipmentTestsServer
{
    private const string Balanced =
        """
        # HELP concentrator_received_messages_total Messages.
        # TYPE concentrator_received_messages_total counter
        concentrator_received_messages_total{listener="haproxy"} 10
        concentrator_received_messages_total{listener="a \"b\" \\ c"} 1e1
        concentrator_routed_messages_total{listener="haproxy"} 7
        concentrator_routed_messages_total{listener="a \"b\" \\ c"} 10 1700000000000
        concentrator_unrouted_messages_total{listener="haproxy"} 3
        concentrator_output_accepted_messages_total{output="sekoia"} 12
        concentrator_output_delivered_messages_total{output="sekoia"} 6
        concentrator_output_queued_messages{output="sekoia"} 1
        concentrator_output_dropped_messages_total{output="sekoia",reason="shutdown"} 2
        concentrator_output_dropped_messages_total{reason="queue_full_oldest",output="sekoia"} 3
        process_up 1

        """;

    [Test]
    public void Metrics_are_read_with_their_labels()
    {
        MetricsSnapshot metrics = MetricsSnapshot.Parse(Balanced);
        Assert.Multiple(() =>
        {
            Assert.That(metrics.Sum("concentrator_received_messages_total"), Is.EqualTo(20));
            Assert.That(
                metrics.Values("concentrator_received_messages_total", "listener"),
                Is.EqualTo(new List<string> { "haproxy", "a \"b\" \\ c" }));
            Assert.That(metrics.Sum("concentrator_output_dropped_messages_total", ("output", "sekoia")), Is.EqualTo(5));
            Assert.That(metrics.Sum("concentrator_output_dropped_messages_total", ("reason", "shutdown")), Is.EqualTo(2));
            Assert.That(metrics.Sum("process_up"), Is.EqualTo(1));
        });
    }

    [Test]
    public void A_balanced_ledger_passes_and_each_imbalance_fails()
    {
        LedgerAssert.Balances(MetricsSnapshot.Parse(Balanced));
        foreach (string broken in new[]
        {
            Balanced.Replace("sekoia\"} 6", "sekoia\"} 5", StringComparison.Ordinal),
            Balanced.Replace("haproxy\"} 3", "haproxy\"} 4", StringComparison.Ordinal),
            Balanced.Replace("unrouted_messages_total{listener=\"haproxy\"} 3", "unrouted_messages_total 4", StringComparison.Ordinal),
            "process_up 1\n",
        })
        {
            using (new NUnit.Framework.Internal.TestExecutionContext.IsolatedContext())
                Assert.That(() => LedgerAssert.Balances(MetricsSnapshot.Parse(broken)), Throws.InstanceOf<ResultStateException>());
        }
    }

    [Test]
    public void The_server_is_started_asked_signalled_and_stopped()
    {
        using TempDirectory directory = new();
        string standIn = directory.WriteProgram("server", """
            #!/bin/sh
            trap 'echo reopened' HUP
            trap 'exit 0' TERM
            echo "$@ on $CONCENTRATOR__Monitoring__Address" | tee address >/dev/null
            echo configuration: $(cat "$3")
            while :; do sleep 0.05; done
            """);
        using ServerProcess server = ServerProcess.Launch(directory, "{ \"it\": \"works\" }", binary: standIn);
        server.WaitForLine("configuration: { \"it\": \"works\" }");
        Assert.That(server.Status("/readyz"), Is.Null);
        using MonitoringStandIn monitoring = new(server.MonitoringPort);
        server.WaitUntilReady();
        Assert.That(server.Status("/nowhere"), Is.EqualTo(404));
        LedgerAssert.Balances(server.WaitForMetrics(static metrics => metrics.Sum("process_up") > 0, "it is up"));
        server.Send(Signal.Hup);
        server.WaitForLine("reopened");
        string expected = $"run --config {directory["concentrator.json"]} on 127.0.0.1:{server.MonitoringPort}\n";
        Assert.That(File.ReadAllText(directory["address"]), Is.EqualTo(expected));
        Assert.That(server.Stop(), Is.Zero);
    }

    [Test]
    public void A_server_that_ends_instead_of_starting_shows_its_exit_code_and_words()
    {
        using TempDirectory directory = new();
        string standIn = directory.WriteProgram("server", "#!/bin/sh\necho 'Listeners:udp:Address: in use' >&2\nexit 2\n");
        using (new NUnit.Framework.Internal.TestExecutionContext.IsolatedContext())
        {
            Assert.That(
                () => ServerProcess.Start(directory, "{}", binary: standIn),
                Throws.InstanceOf<AssertionException>().With.Message.Contains("in use").And.Message.Contains("ended with 2"));
        }
        using ServerProcess server = ServerProcess.Launch(directory, "{}", binary: standIn);
        Assert.That(server.WaitForExit(), Is.EqualTo(2));
    }

    /// <summary>Answers as the server's monitoring does, one request a connection.</summary>
    private sealed class MonitoringStandIn : IDisposable
    {
        private readonly TcpListener _listener;

        public MonitoringStandIn(int port)
        {
            _listener = new TcpListener(IPAddress.Loopback, port);
            _listener.Start();
            _ = Task.Run(ServeAsync);
        }

        public void Dispose() => _listener.Dispose();

        private async Task ServeAsync()
        {
            try
            {
                while (true)
                {
                    using TcpClient client = await _listener.AcceptTcpClientAsync();
                    byte[] request = new byte[4096];
                    int length = await client.GetStream().ReadAsync(request);
                    string path = Encoding.ASCII.GetString(request, 0, length).Split(' ')[1];
                    string status = path is "/readyz" or "/metrics" ? "200 OK" : "404 Not Found";
                    string body = path == "/metrics" ? Balanced : "";
                    string response = $"HTTP/1.1 {status}\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}";
                    await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(response));
                }
            }
            catch (Exception stopped) when (stopped is SocketException or ObjectDisposedException)
            {
                // Disposed.
            }
        }
    }
}
