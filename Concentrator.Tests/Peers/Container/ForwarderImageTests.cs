using System.Globalization;
using System.Text.Json;
using Concentrator.Messages.FrameScanning;
using Concentrator.Tests.EndToEnd;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Peers.Container;

/// <summary>The image, built from the Dockerfile by a real buildah, at the forwarder's work.</summary>
internal sealed class ForwarderImageTests
{
    private const string TcpKey = "zQ7intakeKey0ForTheTcpOne";
    private const string UdpKey = "zQ7intakeKey0ForTheUdpOne";
    private const string TlsKey = "zQ7intakeKey0ForTheTlsOne";
    private const string StatisticsKey = "zQ7intakeKey0ForTheStats";

    private const int User = 10514;

    private ForwarderImage _image = null!;

    [OneTimeSetUp]
    public void Build() => _image = new ForwarderImage();

    [OneTimeTearDown]
    public void Remove() => _image?.Dispose();

    [Test]
    public void It_is_small_not_root_and_says_how_it_is_stopped_and_asked()
    {
        JsonElement image = JsonDocument.Parse(_image.Buildah("inspect", "--type", "image", ForwarderImage.Name)).RootElement;
        JsonElement config = image.GetProperty("Docker").GetProperty("config");
        Assert.That(config.GetProperty("User").GetString(), Is.EqualTo($"{User}:{User}"));
        Assert.That(config.GetProperty("StopSignal").GetString(), Is.EqualTo("SIGTERM"));
        Assert.That(config.GetProperty("Healthcheck").GetProperty("Test").EnumerateArray().Last().GetString(), Is.EqualTo("health"));
        string size = _image.Buildah("images", "--format", "{{.Size}}", ForwarderImage.Name);
        Assert.That(size, Does.EndWith(" MB"));
        Assert.That(double.Parse(size[..^3], CultureInfo.InvariantCulture), Is.InRange(20, 35));
        TestContext.Out.WriteLine(size);
        string container = _image.Buildah("from", "--pull-never", ForwarderImage.Name);
        string content = _image.Buildah("mount", container);
        Assert.That(Directory.GetFiles(Path.Combine(content, "usr/local/bin")).Select(Path.GetFileName), Is.EqualTo(new[] { "concentrator" }), "no symbols");
    }

    [Test]
    public void Three_intakes_reach_the_sink_with_their_keys_through_an_outage_and_report_statistics()
    {
        using TempDirectory directory = new();
        using TlsIntake sink = new(TestCertificates.Server);
        int tcp = FreePort.Next(), udp = FreePort.Next(), tls = FreePort.Next(), monitoring = FreePort.Next();
        string intakes = directory.Write("intakes.yaml", $"""
            ---
            intakes:
            - {Intake("Techno1", "tcp", tcp, TcpKey)}
            - {Intake("Techno2", "udp", udp, UdpKey)}
            - {Intake("Techno3", "tls", tls, TlsKey)}
            - name: Monitoring
              stats: True
              intake_key: {StatisticsKey}

            """);
        TestCertificates.Server.WritePem(Directory.CreateDirectory(directory["certs"]).FullName, "server");
        TestCertificates.Authority.WritePem(directory["certs"], "ca.crt");
        Directory.CreateDirectory(directory["spool"]);
        foreach (string own in new[] { "spool", "certs", "certs/server.crt", "certs/server.key" }) ChangeOwner(directory[own]);

        string container = _image.Buildah("from", "--pull-never", ForwarderImage.Name);
        foreach ((string name, string value) in new[]
        {
            ("REGION", "OTHER"), ("ENDPOINT", $"localhost:{sink.Port}"), ("DISK_SPACE", "200m"), ("SSL_CERT_FILE", "/certs/ca.crt"),
            ("CONCENTRATOR__Monitoring__Address", $"127.0.0.1:{monitoring}"), ("CONCENTRATOR__Statistics__Interval", "00:00:02"),
        })
        {
            _image.Buildah("config", "--env", $"{name}={value}", container);
        }
        string[] mounts = ["--volume", $"{intakes}:/intakes.yaml:ro", "--volume", $"{directory["certs"]}:/certs:ro", "--volume", $"{directory["spool"]}:/var/spool/rsyslog"];
        using PeerProcess server = _image.StartContainer(container, mounts);
        server.WaitUntilReady(() => server.Errors.Text().Contains("ready after", StringComparison.Ordinal), "ready");

        using StreamSender overTcp = StreamSender.Tcp(tcp, Framing.Lf);
        using DatagramSender overUdp = DatagramSender.Udp(udp);
        using StreamSender overTls = StreamSender.Tls(tls, Framing.OctetCounted, TestCertificates.Authority);
        Send("before");
        WaitFor(sink, ["before"], server);
        sink.Refuse();
        Send("during");
        (int exitCode, string output, string errors) = _image.Execute(container, mounts, "/usr/local/bin/concentrator", "health");
        Assert.That((exitCode, output.Trim()), Is.EqualTo((0, "alive")), errors);
        sink.Listen();
        Send("after");
        WaitFor(sink, ["before", "during", "after"], server);
        Eventually.Holds(
            () => sink.Frames().Select(Lines.WithoutTime).Any(static frame =>
                frame.Contains(StatisticsKey, StringComparison.Ordinal) && frame.Contains("\"name\":\"output-techno1\"", StringComparison.Ordinal)),
            "statistics", Deadline.Process, server.Describe);

        int pid = ProcessTree.Descendants(server.Pid)[^1].Pid;
        string status = File.ReadAllText($"/proc/{pid}/status");
        Assert.That(status, Does.Contain($"Uid:\t{User}\t{User}").And.Contain("CapEff:\t0000000000000400"), "CAP_NET_BIND_SERVICE alone");
        Signals.Send(pid, Signal.Term);
        Assert.That(server.WaitForExit(), Is.Zero, server.Describe());
        Assert.That(server.Errors.Text(), Does.Contain("stopped after").And.Not.Contain(TcpKey));

        void Send(string text)
        {
            overTcp.Send(Lines.Message($"{text} tcp"));
            overUdp.Send(Lines.Message($"{text} udp"));
            overTls.Send(Lines.Message($"{text} tls"));
        }
    }

    private static void WaitFor(TlsIntake sink, string[] texts, PeerProcess server)
    {
        (string Way, string Key)[] ways = [("tcp", TcpKey), ("udp", UdpKey), ("tls", TlsKey)];
        string[] expected = [.. from text in texts from way in ways select Lines.Frame($"{text} {way.Way}", way.Key)];
        Eventually.Holds(
            () => expected.All(sink.Frames().Select(Lines.WithoutTime).Contains), "every message with its intake's key", Deadline.Process, server.Describe);
    }

    private static string Intake(string name, string protocol, int port, string key) =>
        string.Create(CultureInfo.InvariantCulture, $"{{ name: {name}, protocol: {protocol}, port: {port}, intake_key: {key} }}");

    private static void ChangeOwner(string path) =>
        Assert.That(PeerProcess.Run(new PeerStart { Path = Peer.Require("chown", "coreutils"), Arguments = [$"{User}:{User}", path] }).ExitCode, Is.Zero);
}
