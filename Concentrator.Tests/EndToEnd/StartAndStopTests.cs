using System.Net;
using System.Net.Sockets;
using Concentrator.Messages.FrameScanning;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.EndToEnd;

/// <summary>How the server begins, refuses to begin, and ends.</summary>
internal sealed class StartAndStopTests : ServerTests
{
    [Test]
    public void Addresses_in_use_are_said_in_a_line_each_and_nothing_stays_bound()
    {
        using Socket tcp = Taken(SocketType.Stream, ProtocolType.Tcp);
        using Socket udp = Taken(SocketType.Dgram, ProtocolType.Udp);
        int free = FreePort.Next();
        ServerProcess server = Launch(new
        {
            Listeners = new
            {
                good = new { Address = $"unix-dgram:{Directory["good"]}" },
                fine = new { Address = $"tcp://127.0.0.1:{free}" },
                tcp = new { Address = $"tcp://127.0.0.1:{PortOf(tcp)}" },
                udp = new { Address = $"udp://127.0.0.1:{PortOf(udp)}" },
            },
            Outputs = new { file = LogFile(Directory) },
        });
        Assert.That(server.WaitForExit(), Is.EqualTo(2));
        Assert.That(
            server.LogLines.Where(static line => line.Contains("cannot listen", StringComparison.Ordinal)),
            Is.EqualTo(new[]
            {
                $"Listeners:tcp: cannot listen on tcp://127.0.0.1:{PortOf(tcp)}: Address already in use",
                $"Listeners:udp: cannot listen on udp://127.0.0.1:{PortOf(udp)}: Address already in use",
            }));
        Assert.That(System.IO.Directory.GetFiles(Directory.Path, "good*"), Is.Empty);
        Assert.That(FreePort.IsListening(free), Is.False);
    }

    [Test]
    public void A_monitoring_address_in_use_is_a_warning_and_is_tried_until_it_is_free()
    {
        using NotifySocket notify = new(Directory);
        Socket taken = Taken(SocketType.Stream, ProtocolType.Tcp);
        string address = $"127.0.0.1:{PortOf(taken)}";
        ServerProcess server = Launch(
            new
            {
                Listeners = new { good = new { Address = $"unix-dgram:{Directory["good"]}" } },
                Outputs = new { file = LogFile(Directory) },
            },
            environment: notify.Environment,
            binary: Wrapped.Script(Directory, $"export CONCENTRATOR__Monitoring__Address={address}\nexec SERVER"));
        notify.WaitForReady();
        using DatagramSender sender = DatagramSender.Unix(Directory["good"]);
        sender.Send(NumberedMessage.LocalHttpLog, 0, 1);
        WaitForLines(Directory["out.log"], 1);
        string problem = $"Monitoring:Address: cannot bind {address}: the address is in use";
        Assert.That(server.WaitForLine($"WARN status pages and /metrics are not served: {problem}"), Has.Count.EqualTo(1), server.Describe());
        taken.Dispose();
        server.WaitForLine($"status pages at http://{address}/");
        string[] expected = [$"ready: 1 listener, 1 output; status pages unavailable: {problem}", "ready: 1 listener, 1 output"];
        Eventually.Holds(() => notify.Status().Count >= 2, "the state changes", null, server.Describe);
        Assert.That(server.Stop(), Is.Zero);
        Assert.That(notify.Status(), Is.EqualTo(expected));
    }

    [Test]
    public void The_service_manager_is_told_why_a_start_is_refused()
    {
        using NotifySocket notify = new(Directory);
        ServerProcess server = Launch(
            new
            {
                Listeners = new { good = new { Address = $"unix-dgram:{Directory["good"]}" } },
                Outputs = new { file = new { Type = "file", Paht = Directory["out.log"], Formatt = "raw" } },
            },
            environment: notify.Environment);
        Assert.That(server.WaitForExit(), Is.EqualTo(1));
        Eventually.Holds(() => notify.Status().Count == 1, "a state", null, server.Describe);
        Assert.That(notify.Status()[0], Does.StartWith("not started: ").And.Contain("Outputs:file:").And.EndWith("more)"));
    }

    [Test]
    public void A_wrong_configuration_is_said_and_nothing_is_bound()
    {
        int port = FreePort.Next();
        ServerProcess server = Launch(new
        {
            Listeners = new { good = new { Address = $"unix-dgram:{Directory["good"]}" }, tcp = new { Address = $"tcp://127.0.0.1:{port}" } },
            Outputs = new { file = new { Type = "file", Path = Directory["out.log"], Formatt = "raw" } },
            Routes = new[] { new { To = new[] { "nowhere" } } },
        });
        Assert.That(server.WaitForExit(), Is.EqualTo(1));
        Assert.That(server.LogLines, Has.Count.EqualTo(2).And.Some.Contains("Outputs:file:Formatt").And.Some.Contains("Routes:0:To"));
        Assert.That(File.Exists(Directory["good"]), Is.False);
        Assert.That(FreePort.IsListening(port), Is.False);
    }

    [TestCase(Signal.Term)]
    [TestCase(Signal.Int)]
    public void A_stop_delivers_what_is_queued(object signal)
    {
        const int count = 20_000;
        int port = FreePort.Next();
        using TlsIntake intake = NewIntake(keepFrames: false);
        intake.Refuse();
        ServerProcess server = Start(new
        {
            Listeners = new { tcp = new { Address = $"tcp://127.0.0.1:{port}" } },
            Outputs = new { sekoia = Relay(intake, Directory), file = LogFile(Directory) },
        });
        using StreamSender sender = StreamSender.Tcp(port, Framing.Lf);
        sender.Send(NumberedMessage.HttpLog, 0, count);
        server.WaitForMetrics(static m => m.Sum("concentrator_received_messages_total") == count, "all are received");
        intake.Listen();
        server.Send((Signal)signal);
        Assert.That(server.WaitForExit(), Is.Zero);
        intake.Sequence.AssertComplete(count);
        Assert.That(File.ReadAllLines(Directory["out.log"]), Has.Length.EqualTo(count));
        Assert.That(server.Log, Does.Match("ledger: sekoia +20,000 +20,000 +0 +0 +ok"));
    }

    [Test]
    public void A_stop_first_takes_what_senders_have_already_sent()
    {
        const int count = 5000;
        int tcp = FreePort.Next(), tls = FreePort.Next();
        (string certificate, string key) = TestCertificates.Server.WritePem(Directory.Path, "server");
        ServerProcess server = Start(new
        {
            Listeners = new
            {
                tcp = new { Address = $"tcp://127.0.0.1:{tcp}" },
                tls = new { Address = $"tls://127.0.0.1:{tls}", Tls = new { CertificateFile = certificate, KeyFile = key } },
                dgram = new { Address = $"unix-dgram:{Directory.Socket("dgram")}" },
            },
            Outputs = new { file = LogFile(Directory) },
        });
        using StreamSender plain = StreamSender.Tcp(tcp, Framing.Lf);
        using StreamSender secure = StreamSender.Tls(tls, Framing.OctetCounted, TestCertificates.Authority);
        using DatagramSender datagrams = DatagramSender.Unix(Directory["dgram"]);
        plain.Send(NumberedMessage.HttpLog, 0, 1);
        secure.Send(NumberedMessage.HttpLog, count, 1);
        WaitForLines(Directory["out.log"], 2);

        // It reads nothing while we send, so at its stop all of this still waits in the kernel.
        server.Send(Signal.Stop);
        plain.Send(NumberedMessage.HttpLog, 1, 499);
        secure.Send(NumberedMessage.HttpLog, count + 1, 499);
        datagrams.Send(NumberedMessage.LocalHttpLog, 2 * count, 250);
        server.Send(Signal.Term);
        server.Send(Signal.Cont);
        Assert.That(server.WaitForExit(), Is.Zero);
        Assert.That(File.ReadAllLines(Directory["out.log"]), Has.Length.EqualTo(1250), server.Describe());
    }

    [Test]
    public void A_stop_with_a_dead_peer_ends_in_time_and_keeps_on_disk_what_it_leaves()
    {
        int port = FreePort.Next();
        ServerProcess server = Start(new
        {
            Listeners = new { tcp = new { Address = $"tcp://127.0.0.1:{port}" } },
            Outputs = new { sekoia = Relay($"localhost:{FreePort.Next()}", Directory) },
            ShutdownTimeout = "00:00:01",
        });
        using StreamSender sender = StreamSender.Tcp(port, Framing.Lf);
        sender.Send(NumberedMessage.HttpLog, 0, 1234);
        server.WaitForMetrics(static m => m.Sum("concentrator_received_messages_total") == 1234, "all are received");
        Assert.That(server.Stop(), Is.Zero);
        Assert.That(server.Log, Does.Match("ledger: sekoia +1,234 +0 +1,234 +0 +ok").And.Contain("1234 messages kept on disk"));
    }

    [Test]
    public void A_stop_resets_streams_and_the_clients_close_is_answered_at_once()
    {
        int tcp = FreePort.Next(), tls = FreePort.Next();
        (string certificate, string key) = TestCertificates.Server.WritePem(Directory.Path, "server");
        ServerProcess server = Start(new
        {
            Listeners = new
            {
                tcp = new { Address = $"tcp://127.0.0.1:{tcp}" },
                tls = new { Address = $"tls://127.0.0.1:{tls}", Tls = new { CertificateFile = certificate, KeyFile = key } },
            },
            Outputs = new { file = LogFile(Directory) },
        });
        using Socket leaving = Connect(tcp);
        leaving.Send("<134>1 2026-11-22T06:13:25.123456+00:00 edge haproxy 32177 - - goodbye\n"u8);
        leaving.Shutdown(SocketShutdown.Send);
        SocketAssert.IsFinished(leaving);
        WaitForLines(Directory["out.log"], 1);

        using Socket staying = Connect(tcp);
        staying.Send("<134>1 2026-11-22T06:13:25.123456+00:00 edge haproxy 32177 - - I stay\n"u8);
        using Socket silent = Connect(tcp);
        using Socket secure = Connect(tls);
        using System.Net.Security.SslStream stream = new(new NetworkStream(secure));
        stream.AuthenticateAsClient(new System.Net.Security.SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            CertificateChainPolicy = TestCertificates.Authority.Trust(),
        });
        stream.Write("<134>1 2026-11-22T06:13:25.123456+00:00 edge haproxy 32177 - - me too\n"u8);
        WaitForLines(Directory["out.log"], 3);
        server.Send(Signal.Term);
        SocketAssert.IsReset(staying);
        SocketAssert.IsReset(silent);
        SocketAssert.IsReset(secure);
        Assert.That(server.WaitForExit(), Is.Zero);
    }

    [Test]
    public void The_service_manager_hears_of_start_reload_and_stop()
    {
        using NotifySocket notify = new(Directory);
        object configuration = new
        {
            Listeners = new { log = new { Address = $"unix-dgram:{Directory["log"]}" } },
            Outputs = new { file = LogFile(Directory) },
        };
        ServerProcess server = Start(configuration, environment: notify.Environment);
        notify.WaitForReady();
        notify.Reload(server, Directory, Json(configuration));
        Assert.That(server.Stop(), Is.Zero);
        Eventually.Holds(() => notify.Said().Count >= 4, "four words", null, () => string.Join(' ', notify.Said()));
        Assert.That(notify.Said(), Is.EqualTo(new[] { "READY=1", "RELOADING=1", "READY=1", "STOPPING=1" }));
    }

    [Test]
    public void A_server_starts_at_once_where_one_has_just_ended()
    {
        int port = FreePort.Next();
        object configuration = new
        {
            Listeners = new { tcp = new { Address = $"tcp://127.0.0.1:{port}" } },
            Outputs = new { file = LogFile(Directory) },
        };
        ServerProcess first = Start(configuration);
        using StreamSender sender = StreamSender.Tcp(port, Framing.Lf);
        sender.Send(Lines.Message("one"));
        WaitForLines(Directory["out.log"], 1);
        first.Kill();
        Start(configuration);
        using StreamSender next = StreamSender.Tcp(port, Framing.Lf);
        next.Send(Lines.Message("two"));
        WaitForLines(Directory["out.log"], 2);
    }

    private static Socket Taken(SocketType type, ProtocolType protocol)
    {
        Socket socket = new(AddressFamily.InterNetwork, type, protocol);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        if (type == SocketType.Stream) socket.Listen();
        return socket;
    }

    private static Socket Connect(int port)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(IPAddress.Loopback, port);
        return socket;
    }

    private static int PortOf(Socket socket) => ((IPEndPoint)socket.LocalEndPoint!).Port;
}
