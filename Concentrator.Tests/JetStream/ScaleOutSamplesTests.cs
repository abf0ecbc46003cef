using System.Globalization;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.JetStream;

/// <summary>The files of samples/scale-out as they stand, but for addresses, paths and sizes, between real programs.</summary>
internal sealed class ScaleOutSamplesTests : NatsListenerBase
{
    private const int Messages = 5_000;

    /// <summary>One that would be a date without the quotes that the README wants.</summary>
    private const string ClusterPassword = "2025-never-shown";

    [Test]
    public void The_cluster_the_edge_and_the_relay_of_the_samples_deliver_everything_and_balance()
    {
        int[] routes = [FreePort.Next(), FreePort.Next(), FreePort.Next()];
        NatsServer[] servers = [.. routes.Select((_, i) => Own(new NatsServer(
            Directory, $"nats{i + 1}", server => ClusterFile(server, routes, i), new() { ["NATS_NAME"] = $"nats{i + 1}", ["NATS_PASSWORD"] = $"\"{ClusterPassword}\"" })))];
        foreach (NatsServer server in servers) server.Start(wait: false);
        using TlsIntake intake = NewIntake(keepFrames: false);
        (TempDirectory edgeIn, TempDirectory relayIn) = (NewDirectory(), NewDirectory());
        ServerProcess edge = Start(
            With(
                Cluster("edge.json", servers, edgeIn), ("/var/lib/haproxy/dev/log", edgeIn.Socket("log")), ("/var/log/haproxy.log", edgeIn["haproxy.log"]),
                ("\"MaxBytes\": \"20GB\"", "\"MaxBytes\": \"100MB\"")),
            edgeIn);
        ServerProcess relay = Start(
            With(
                Cluster("relay.json", servers, relayIn), ("intake.sekoia.io:10514", $"localhost:{intake.Port}"), ("/etc/concentrator/intake.key", Secret(relayIn, "intake.key", IntakeKey)),
                ("\"Timestamp\": \"message\"", $"\"Timestamp\": \"message\", \"Tls\": {{ \"CaFile\": \"{TestCertificates.Authority.WritePem(relayIn.Path, "ca.crt")}\" }}")),
            relayIn);
        using (DatagramSender haproxy = DatagramSender.Unix(edgeIn.Socket("log"))) haproxy.Send(NumberedMessage.LocalHttpLog, 0, Messages);
        intake.Sequence.AssertComplete(Messages);
        WaitForLines(edgeIn["haproxy.log"], Messages);
        string said = "";
        Eventually.Holds(
            () => (said = ServerProcess.Run(edgeIn, "status", "--cluster", "--config", edgeIn["concentrator.json"]).Output).Contains("\nBALANCED\n", StringComparison.Ordinal),
            "it balances", Deadline.Transfer, () => $"{said}\n{edge.Log}\n{relay.Log}");
        Assert.That(said, Does.Match("settled by relays +5,000\n"));
        Assert.That(NatsProbe.Ask(servers[0], "$JS.API.STREAM.INFO.LOGS", auth: new() { Username = "concentrator", Password = ClusterPassword }), Does.Contain("\"num_replicas\":3"));
    }

    private static string ClusterFile(NatsServer server, int[] routes, int number) => With(
        Repository.ReadSample("scale-out/nats.conf"),
        ("port: 4222", string.Create(CultureInfo.InvariantCulture, $"host: 127.0.0.1\nport: {server.Port}")),
        ("127.0.0.1:8222", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{server.MonitoringPort}")),
        ("/var/lib/nats", server.StoreDirectory), ("50GB", "1GB"),
        ("port: 6222", string.Create(CultureInfo.InvariantCulture, $"listen: 127.0.0.1:{routes[number]}")),
        ("nats1:6222", Route(routes[0])), ("nats2:6222", Route(routes[1])), ("nats3:6222", Route(routes[2])));

    private static string Route(int port) => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");

    private static string Cluster(string sample, NatsServer[] servers, TempDirectory directory) => With(
        Repository.ReadSample($"scale-out/{sample}"),
        ("nats1:4222", servers[0].Address), ("nats2:4222", servers[1].Address), ("nats3:4222", servers[2].Address),
        ("/etc/concentrator/nats.password", Secret(directory, "nats.password", ClusterPassword)));

    private static string Secret(TempDirectory directory, string name, string value)
    {
        string path = directory.Write(name, value);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return path;
    }

    /// <summary>The text with other words in the place of some that it must have.</summary>
    private static string With(string text, params (string Old, string New)[] changes)
    {
        foreach ((string old, string other) in changes)
        {
            Assert.That(text, Does.Contain(old));
            text = text.Replace(old, other, StringComparison.Ordinal);
        }
        return text;
    }
}
