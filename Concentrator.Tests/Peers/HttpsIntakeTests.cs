using System.Globalization;
using Concentrator.Tests.EndToEnd;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Peers;

/// <summary>The way to the HTTPS intake with real parts on it: HAProxy as TLS terminator, and proxies that let nothing out but HTTPS.</summary>
internal sealed class HttpsIntakeTests : ServerTests
{
    private const string Password = "never-shown-proxy-password";

    private string Socket => Directory.Socket("log");

    [Test]
    public void Everything_arrives_behind_HAProxy_as_its_parsers_read_it_and_the_ledger_balances()
    {
        using SekoiaHttpsIntake intake = new(path: "/api/v1/intake-http");
        using HAProxy terminator = Terminator(intake.Port, TestCertificates.Server);
        ServerProcess server = StartTo(terminator.Port, "/api/v1/intake-http");
        AssertArrives(server, intake, 0, 5_000);
        server.WaitForMetrics(static m => m.Sum("concentrator_output_delivered_messages_total", ("output", "sekoia")) == 5_000, "all delivered");
        Assert.That(server.WaitForLine("connected to").Single(), Does.Contain($"connected to localhost:{terminator.Port} over HTTPS over TLS 1.3, peer certificate CN="));
        Assert.That(intake.Events, Has.Member((IntakeKey, Text(0))), "MSG alone, without the header of syslog");
        Assert.That(intake.Requests.Select(static r => r.Time), Is.All.Not.Null);
        Assert.That(intake.Sequence.Duplicates, Is.Zero);
        Assert.That(server.Stop(), Is.Zero);
    }

    [Test]
    public void Connections_that_a_terminator_closes_early_cost_nothing()
    {
        using SekoiaHttpsIntake intake = new();
        using HAProxy terminator = Terminator(intake.Port, TestCertificates.Server, "timeout http-keep-alive 300ms", "timeout http-request 300ms");
        ServerProcess server = StartTo(terminator.Port);
        for (int round = 0; round < 6; round++)
        {
            AssertArrives(server, intake, round * 10, 10);
            Thread.Sleep(400);
        }
        Assert.That(intake.Sequence.Duplicates, Is.Zero, server.Log);
        Assert.That(server.Log, Does.Not.Contain(" lost: "));
    }

    [Test]
    public void A_backend_that_is_away_is_an_outage_and_nothing_is_missing_or_twice_after_it()
    {
        using SekoiaHttpsIntake intake = new();
        using HAProxy terminator = Terminator(intake.Port, TestCertificates.Server);
        ServerProcess server = StartTo(terminator.Port);
        AssertArrives(server, intake, 0, 1_000);

        // An answer that a gateway cannot pass on is a 502, and its events come twice.
        server.WaitForMetrics(static m => m.Sum("concentrator_output_delivered_messages_total", ("output", "sekoia")) == 1_000, "all answered");
        intake.Refuse();
        Send(1_000, 3_000);
        server.WaitForLine("takes no messages now: the intake answers 503 Service Unavailable");
        intake.Listen();
        AssertArrives(server, intake, 4_000, 1_000);
        Assert.That(intake.Sequence.Duplicates, Is.Zero, server.Log);
    }

    [Test]
    public void Everything_arrives_through_a_proxy_that_asks_for_credentials()
    {
        using SekoiaHttpsIntake intake = new(TestCertificates.Server);
        using ForwardProxy proxy = ForwardProxy.Tinyproxy(Directory, intake.Port, $"relay {Password}");
        ServerProcess server = StartTo(intake.Port, more: Through(proxy.Url, $"relay:{Password}"));
        AssertArrives(server, intake, 0, 5_000);
        Assert.That(server.WaitForLine("connected to").Single(), Does.Contain($"over HTTPS over TLS 1.3 through {proxy.Url}, peer certificate CN="));
        Assert.That(server.Log + server.StatusDocument(), Does.Not.Contain(Password));
    }

    [Test]
    public void Everything_arrives_through_SOCKS()
    {
        using SekoiaHttpsIntake intake = new(TestCertificates.Server);
        using ForwardProxy proxy = ForwardProxy.Dante(Directory);
        AssertArrives(StartTo(intake.Port, more: Through(proxy.Url)), intake, 0, 5_000);
    }

    [Test]
    public void What_a_proxy_refuses_is_told_from_what_the_intake_refuses_also_by_the_doctor()
    {
        using SekoiaHttpsIntake intake = new(TestCertificates.Server) { Keys = [] };
        using (ForwardProxy wrongPort = ForwardProxy.Tinyproxy(Directory, allowed: 1))
        {
            string refusal = $"proxy {wrongPort.Url}: it answers 403 Access violation: it has to allow CONNECT to localhost:{intake.Port}";
            ServerProcess refused = StartTo(intake.Port, more: Through(wrongPort.Url));
            Assert.That(refused.WaitForLine("cannot connect to")[0], Does.Contain(refusal));
            AssertDoctor(healthy: false, refusal);
            refused.Stop();
        }
        using ForwardProxy good = ForwardProxy.Tinyproxy(Directory, intake.Port);
        ServerProcess server = StartTo(intake.Port, more: Through(good.Url));
        Send(0, 1);
        Assert.That(server.WaitForLine("takes no messages now")[0], Does.Contain("the intake answers 401 Unauthorized").And.Contain("check the intake key, which is that of Outputs:sekoia:IntakeKey ("));
        AssertDoctor(healthy: true, $"HTTPS over TLS 1.3 through {good.Url}, certificate of localhost valid for");
    }

    [Test]
    public void A_proxy_that_opens_TLS_is_trusted_by_its_own_authority_only()
    {
        using SekoiaHttpsIntake intake = new();
        using HAProxy interceptor = Terminator(intake.Port, TestCertificates.UnknownAuthority);
        using ForwardProxy proxy = ForwardProxy.Tinyproxy(Directory, interceptor.Port);
        ServerProcess server = StartTo(interceptor.Port, more: Through(proxy.Url));
        Send(0, 100);
        Assert.That(server.WaitForLine("rejected, nothing sent")[0], Does.Contain("its issuer is not trusted"));
        AssertDoctor(healthy: false, "its issuer is not trusted");
        Assert.That(server.Stop(), Is.Zero);
        Assert.That(intake.Requests, Is.Empty);
        AssertArrives(StartTo(interceptor.Port, authority: TestCertificates.Stranger, more: Through(proxy.Url)), intake, 100, 100);
    }

    [Test]
    public void A_reload_takes_a_new_key_for_what_is_queued_and_another_type_keeps_the_queue()
    {
        using SekoiaHttpsIntake intake = new(TestCertificates.Server) { Keys = ["another-key-0123456789"] };
        ServerProcess server = StartTo(intake.Port);
        Send(0, 500);
        server.WaitForLine("check the intake key");
        Reload(server, Configuration(intake.Port, "", TestCertificates.Authority, ("IntakeKey", "another-key-0123456789")));
        server.WaitForMetrics(static m => m.Sum("concentrator_output_delivered_messages_total", ("output", "sekoia")) == 500, "all delivered");
        intake.Refuse();
        Send(500, 500);
        WaitForQueued(server, 500);
        using TlsIntake syslog = NewIntake(keepFrames: false);
        Reload(server, new { Listeners = new { @in = new { Address = $"unix-dgram:{Socket}" } }, Outputs = new { sekoia = Relay(syslog, Directory) } });
        Eventually.Holds(() => syslog.Sequence.Distinct == 500, "the rest arrives by syslog", Deadline.Transfer, () => server.Log);
        Assert.That(intake.Sequence.Duplicates + syslog.Sequence.Duplicates, Is.Zero);
    }

    private static string Text(int number)
    {
        string line = System.Text.Encoding.ASCII.GetString(NumberedMessage.LocalHttpLog.Render(number));
        return line[(line.IndexOf("]: ", StringComparison.Ordinal) + 3)..];
    }

    private HAProxy Terminator(int port, IssuedCertificate certificate, params string[] more)
    {
        (string chain, string key) = certificate.WritePem(Directory.Path, "terminator");
        string bundle = Directory.Write("terminator.pem", File.ReadAllText(chain) + File.ReadAllText(key));
        return new HAProxy(place => string.Create(CultureInfo.InvariantCulture, $"""
            defaults
                mode http
                timeout client 30s
                timeout server 30s
                timeout connect 2s
                {string.Join("\n    ", more)}
            frontend https
                bind 127.0.0.1:{place.Port} ssl crt {bundle}
                default_backend intake
            backend intake
                server one 127.0.0.1:{port}

            """));
    }

    private (string, object)[] Through(string proxy, string? credentials = null)
    {
        if (credentials is null) return [("Proxy", proxy)];
        string file = Directory.Write("credentials", credentials);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return [("Proxy", proxy), ("ProxyCredentialsFile", file)];
    }

    private ServerProcess StartTo(int port, string path = "", CertificateAuthority? authority = null, params (string, object)[] more) =>
        Start(Configuration(port, path, authority ?? TestCertificates.Authority, more));

    private object Configuration(int port, string path, CertificateAuthority authority, params (string Key, object Value)[] more)
    {
        Dictionary<string, object> output = new()
        {
            ["Type"] = "sekoia-https",
            ["Url"] = $"https://localhost:{port}{path}",
            ["IntakeKey"] = IntakeKey,
            ["BatchAge"] = "00:00:00.200",
            ["Tls"] = new { CaFile = authority.WritePem(Directory.Path, "ca.crt") },
        };
        foreach ((string key, object value) in more) output[key] = value;
        return new { Listeners = new { @in = new { Address = $"unix-dgram:{Socket}" } }, Outputs = new Dictionary<string, object> { ["sekoia"] = output } };
    }

    private void Reload(ServerProcess server, object configuration)
    {
        Directory.Write("concentrator.json", Json(configuration));
        server.Send(Signal.Hup);
    }

    private void Send(int first, int count)
    {
        using DatagramSender sender = DatagramSender.Unix(Socket);
        sender.Send(NumberedMessage.LocalHttpLog, first, count);
    }

    /// <summary>Sends those, and waits until all since the first are at the intake.</summary>
    private void AssertArrives(ServerProcess server, SekoiaHttpsIntake intake, int first, int count)
    {
        Send(first, count);
        Eventually.Holds(() => intake.Sequence.Distinct >= first + count, "all has arrived", Deadline.Transfer, () => $"{intake.Sequence}\n{server.Log}");
        Assert.That(intake.Sequence.Distinct, Is.EqualTo(first + count));
    }

    private void AssertDoctor(bool healthy, string expected)
    {
        (_, string output, _) = ServerProcess.Run(Directory, "doctor", "--config", Directory["concentrator.json"]);
        string line = output.ReplaceLineEndings(" ");
        Assert.That(line, Does.Contain(expected));
        Assert.That(line, Does.Contain($"{(healthy ? "ok" : "FAIL")}").IgnoreCase);
    }
}
