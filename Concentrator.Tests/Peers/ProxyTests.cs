using Concentrator.Tests.EndToEnd;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Peers;

/// <summary>Relays through real proxies: everything arrives, and what a proxy refuses is told from what the receiver refuses.</summary>
internal sealed class ProxyTests : ServerTests
{
    private const string Password = "never-shown-proxy-password";

    private string Socket => Directory.Socket("log");

    [Test]
    public void Everything_arrives_through_a_proxy_that_asks_for_credentials()
    {
        using TlsIntake intake = NewIntake(keepFrames: false);
        using ForwardProxy proxy = ForwardProxy.Tinyproxy(Directory, intake.Port, $"relay {Password}");
        ServerProcess server = StartThrough(proxy.Url, intake, $"relay:{Password}");
        AssertArrives(server, intake, 0, 5_000);
        Assert.That(
            server.WaitForLine("connected to").Single(), Does.Contain($"connected to localhost:{intake.Port} over TLS 1.3 through {proxy.Url}, peer certificate CN="));
        Assert.That(server.Log + server.StatusDocument(), Does.Not.Contain(Password));
    }

    [Test]
    public void Everything_arrives_through_SOCKS()
    {
        using TlsIntake intake = NewIntake(keepFrames: false);
        using ForwardProxy proxy = ForwardProxy.Dante(Directory);
        ServerProcess server = StartThrough(proxy.Url, intake);
        AssertArrives(server, intake, 0, 5_000);
        Assert.That(server.WaitForLine("connected to").Single(), Does.Contain($" over TLS 1.3 through {proxy.Url}"));
    }

    [Test]
    public void The_end_of_a_proxy_is_an_outage_and_nothing_is_missing_after_it()
    {
        using TlsIntake intake = NewIntake(keepFrames: false);
        ForwardProxy proxy = ForwardProxy.Tinyproxy(Directory, intake.Port);
        int port = proxy.Port;
        ServerProcess server = StartThrough(proxy.Url, intake);
        AssertArrives(server, intake, 0, 1_000);
        proxy.Dispose();
        Send(1_000, 1_000);
        server.WaitForLine($"proxy http://127.0.0.1:{port}: 127.0.0.1: Connection refused");
        using ForwardProxy again = ForwardProxy.Tinyproxy(Directory, intake.Port, port: port);
        AssertArrives(server, intake, 2_000, 1_000);
    }

    [Test]
    public void What_a_proxy_refuses_is_said_with_its_remedy()
    {
        using TlsIntake intake = NewIntake(keepFrames: false);
        using (ForwardProxy wrongPort = ForwardProxy.Tinyproxy(Directory, allowed: 1))
            AssertSaid(wrongPort.Url, intake, null, $"proxy {wrongPort.Url}: it answers 403 Access violation: it has to allow CONNECT to localhost:{intake.Port}");
        using (ForwardProxy asking = ForwardProxy.Tinyproxy(Directory, intake.Port, $"relay {Password}"))
        {
            AssertSaid(asking.Url, intake, null, "it asks for credentials; name their file in ProxyCredentialsFile");
            AssertSaid(asking.Url, intake, "relay:wrong-password", "it does not accept the user and password of ProxyCredentialsFile");
        }
        using (ForwardProxy forbidding = ForwardProxy.Dante(Directory, refused: intake.Port))
            AssertSaid(forbidding.Url, intake, null, $"proxy {forbidding.Url}: it does not reach localhost:{intake.Port}: its rules do not allow the connection");
        using ForwardProxy good = ForwardProxy.Tinyproxy(Directory, intake.Port);
        intake.Refuse();
        AssertSaid(good.Url, intake, null, $"proxy {good.Url}: it answers 500 Unable to connect");
    }

    [Test]
    public void The_proxy_of_the_environment_is_used_but_for_its_exceptions()
    {
        using TlsIntake intake = NewIntake(keepFrames: false);
        using ForwardProxy proxy = ForwardProxy.Tinyproxy(Directory, intake.Port);
        object configuration = Configuration(null, intake, null);
        ServerProcess server = Start(configuration, environment: new Dictionary<string, string?> { ["HTTPS_PROXY"] = proxy.Url, ["NO_PROXY"] = "example.net" });
        Assert.That(server.WaitForLine("connected to").Single(), Does.Contain($" through {proxy.Url}"));
        server.Stop();
        server = Start(configuration, environment: new Dictionary<string, string?> { ["HTTPS_PROXY"] = proxy.Url, ["NO_PROXY"] = "example.net, localhost" });
        Assert.That(server.WaitForLine("connected to").Single(), Does.Not.Contain("through"));
    }

    private void AssertSaid(string proxy, TlsIntake intake, string? credentials, string expected)
    {
        ServerProcess server = StartThrough(proxy, intake, credentials);
        Assert.That(server.WaitForLine("cannot connect to")[0], Does.Contain(expected));
        (int exit, string output, _) = ServerProcess.Run(Directory, "doctor", "--config", Directory["concentrator.json"]);
        Assert.That(exit, Is.Not.Zero);
        Assert.That(output.ReplaceLineEndings(" "), Does.Contain(expected));
        server.Stop();
    }

    private ServerProcess StartThrough(string proxy, TlsIntake intake, string? credentials = null) => Start(Configuration(proxy, intake, credentials));

    private object Configuration(string? proxy, TlsIntake intake, string? credentials)
    {
        Dictionary<string, object> relay = new()
        {
            ["Type"] = "syslog-tls",
            ["Endpoint"] = $"localhost:{intake.Port}",
            ["IntakeKey"] = IntakeKey,
            ["Tls"] = new { CaFile = TestCertificates.Authority.WritePem(Directory.Path, "ca.crt") },
        };
        if (proxy is not null) relay.Add("Proxy", proxy);
        if (credentials is not null)
        {
            string file = Directory.Write("credentials", credentials);
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            relay.Add("ProxyCredentialsFile", file);
        }
        return new { Listeners = new { @in = new { Address = $"unix-dgram:{Socket}" } }, Outputs = new Dictionary<string, object> { ["sekoia"] = relay } };
    }

    private void Send(int first, int count)
    {
        using DatagramSender sender = DatagramSender.Unix(Socket);
        sender.Send(NumberedMessage.LocalHttpLog, first, count);
    }

    /// <summary>Sends those, and waits until all since the first are at the intake.</summary>
    private void AssertArrives(ServerProcess server, TlsIntake intake, int first, int count)
    {
        Send(first, count);
        Eventually.Holds(() => intake.Sequence.Distinct >= first + count, "all has arrived", Deadline.Transfer, () => $"{intake.Sequence}\n{server.Log}");
        Assert.That(intake.Sequence.Distinct, Is.EqualTo(first + count));
    }
}
