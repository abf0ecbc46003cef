using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.JetStream;

/// <summary>What a server or a stream refuses: it waits in the spool, one line says why and what helps, and nothing is lost.</summary>
internal sealed class NatsRefusalTests : NatsOutputBase
{
    [Test]
    public void A_missing_stream_is_said_with_the_command_that_creates_it()
    {
        NatsServer nats = NewServer();
        ServerProcess server = StartEdge([nats.Address], new() { ["CreateStream"] = false });
        Send(0, 100);
        Assert.That(server.WaitForLine("cannot connect to")[0], Does.Contain(
            "stream LOGS does not exist; set CreateStream, or run: nats stream add LOGS --subjects='concentrator.edge' --storage=file --replicas=3 --retention=work --discard=new"));
        (int exit, string output, _) = ServerProcess.Run(Directory, "doctor", "--config", Directory["concentrator.json"]);
        Assert.That(exit, Is.Not.Zero);
        Assert.That(output.ReplaceLineEndings(" "), Does.Contain("stream LOGS does not exist").And.Contain("nats stream add LOGS"));
        Assert.That(NatsProbe.Count(nats, "LOGS"), Is.EqualTo(-1), "the doctor creates nothing");
        NatsProbe.CreateStream(nats, "LOGS", """ "subjects":["concentrator.>"],"discard":"new","storage":"file" """);
        WaitForDelivered(server, 100);
        NatsProbe.Sequence(nats, "LOGS").AssertComplete(100);
    }

    [Test]
    public void A_full_stream_takes_nothing_until_there_is_room_and_nothing_is_lost()
    {
        NatsServer nats = NewServer();
        NatsProbe.CreateStream(nats, "LOGS", """ "subjects":["concentrator.edge"],"discard":"new","storage":"file","max_bytes":300000 """);
        ServerProcess server = StartEdge([nats.Address]);
        Send(0, 5_000);
        Assert.That(server.WaitForLine("stream LOGS takes no more")[0], Does.Contain("(10077); what comes waits in the spool until there is room"));
        SequenceLedger first = NatsProbe.Sequence(nats, "LOGS");
        Assert.That(first.Distinct, Is.InRange(1, 4_999));
        long queued = (long)server.Metrics().Sum("concentrator_output_queued_messages");
        Assert.That(queued, Is.GreaterThan(0));
        HashSet<int> missing = [.. first.Missing(5_000)];
        Eventually.Holds(
            () =>
            {
                // Each purge makes room for what has waited; what is deleted has been seen.
                IReadOnlyList<StoredMessage> now = NatsProbe.ReadAll(nats, "LOGS");
                missing.IntersectWith(NatsProbe.Sequence(now).Missing(5_000));
                NatsProbe.Purge(nats, "LOGS", now);
                Thread.Sleep(500);
                return missing.Count == 0;
            },
            "all arrives as there is room", Deadline.Transfer, () => server.Describe());
        WaitForDelivered(server, 5_000);
    }

    [Test]
    public void A_subject_that_the_stream_does_not_take_is_said()
    {
        NatsServer nats = NewServer();
        NatsProbe.CreateStream(nats, "LOGS", """ "subjects":["other.*"],"storage":"file" """);
        ServerProcess server = StartEdge([nats.Address]);
        Assert.That(server.WaitForLine("cannot connect to")[0], Does.Contain("stream LOGS does not take subject concentrator.edge, only other.*; set Subject, or run: nats stream edit LOGS --subjects='other.*,concentrator.edge'"));
    }

    [Test]
    public void A_message_that_is_too_long_for_the_server_is_put_aside_and_all_others_arrive()
    {
        NatsServer nats = NewServer("max_payload: 4096");
        ServerProcess server = StartEdge([nats.Address]);
        Send(0, 100);
        using (StreamSender sender = StreamSender.Unix(Socket, Messages.FrameScanning.Framing.OctetCounted))
        {
            sender.Send(System.Text.Encoding.UTF8.GetBytes("<134>1 - h a - - - " + new string('x', 10_000)));
            sender.FinishSending();
        }
        Send(100, 900);
        server.WaitForLine("a message of 10,");
        server.WaitForMetrics(m => m.Sum("concentrator_output_queued_messages") == 0 && m.Sum("concentrator_output_accepted_messages_total") == 1_001, "all is settled");
        MetricsSnapshot metrics = server.Metrics();
        Assert.That(metrics.Sum("concentrator_output_delivered_messages_total"), Is.EqualTo(1_000));
        Assert.That(metrics.Sum("concentrator_output_dropped_messages_total", ("reason", "refused")), Is.EqualTo(1));
        NatsProbe.Sequence(nats, "LOGS").AssertComplete(1_000);
        Assert.That(System.IO.Directory.GetFiles(Directory["spool/edge/refused"]), Has.Length.EqualTo(1));
    }

    [Test]
    public void Wrong_credentials_are_said_and_right_ones_are_never_shown()
    {
        string users = $$"""authorization { users: [ { user: edge, password: "{{Password}}" } ] }""";
        NatsServer nats = NewServer(users);
        string file = Directory.Write("password", "wrong-password\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Dictionary<string, object> credentials = new() { ["User"] = "edge", ["PasswordFile"] = file };
        ServerProcess server = StartEdge([nats.Address], credentials);
        Send(0, 100);
        Assert.That(server.WaitForLine("cannot connect to")[0], Does.Contain("authorization violation").IgnoreCase);
        Directory.Write("password", Password);
        server.Send(Signal.Hup);
        WaitForDelivered(server, 100);
        Assert.That(server.Log + server.StatusDocument(), Does.Not.Contain(Password));

        // Revoked while it is connected.
        nats.WriteConfiguration("""authorization { users: [ { user: other, password: "another" } ] }""");
        nats.Reload();
        server.WaitForLine("lost: the server closed the connection");
        Send(100, 100);
        server.WaitForMetrics(m => m.Sum("concentrator_output_queued_messages") == 100, "what comes waits");
        nats.WriteConfiguration(users);
        nats.Reload();
        WaitForDelivered(server, 200);
    }

    [Test]
    public void TLS_is_verified_and_a_server_that_asks_for_it_is_not_spoken_to_in_plain_text()
    {
        (string certificate, string key) = TestCertificates.Server.WritePem(Directory.Path, "nats");
        NatsServer nats = NewServer($$"""tls { cert_file: "{{certificate}}", key_file: "{{key}}" }""");
        ServerProcess server = StartEdge([nats.Address]);
        Assert.That(server.WaitForLine("cannot connect to")[0], Does.Contain("the server asks for TLS; write \"Tls\": true"));
        server.Stop();

        server = StartEdge([nats.Address], new() { ["Tls"] = true });
        Assert.That(server.WaitForLine("rejected, nothing sent")[0], Does.Contain("its issuer is not trusted"));
        server.Stop();

        server = StartEdge([nats.Address], new() { ["Tls"] = new { CaFile = TestCertificates.Authority.WritePem(Directory.Path, "ca.crt"), ServerName = "localhost" } });
        Send(0, 500);
        WaitForDelivered(server, 500);
        Assert.That(server.WaitForLine("connected to")[^1], Does.Contain(", TLS, stream LOGS, peer certificate CN="));
    }

    [Test]
    public void Everything_arrives_through_a_proxy()
    {
        NatsServer nats = NewServer();
        using ForwardProxy proxy = ForwardProxy.Tinyproxy(Directory, nats.Port);
        ServerProcess server = StartEdge([nats.Address], new() { ["Proxy"] = proxy.Url });
        Send(0, 2_000);
        WaitForDelivered(server, 2_000);
        Assert.That(server.WaitForLine("connected to").Single(), Does.Contain($"plain TCP through {proxy.Url}, stream LOGS"));
        NatsProbe.Sequence(nats, "LOGS").AssertComplete(2_000);
    }

    [Test]
    public void Something_that_speaks_no_NATS_is_said()
    {
        using TlsIntake other = new(null);
        ServerProcess server = StartEdge([$"127.0.0.1:{other.Port}"]);
        Assert.That(server.WaitForLine("cannot connect to", TimeSpan.FromSeconds(60))[0], Does.Contain("NATS session with 127.0.0.1: "));
    }
}
