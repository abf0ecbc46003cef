using Concentrator.Tests.Equipment;
using NUnit.Framework;
using static Concentrator.Tests.Systemd.LoggingHost;

namespace Concentrator.Tests.Systemd;

/// <summary>What goes wrong around the service, under a real systemd and with a real HAProxy that never waits.</summary>
[Parallelizable]
internal sealed class ServiceFaultTests(string suite) : HostTests(suite)
{
    /// <summary>systemd gives up after five starts in ten seconds, where it counts them.</summary>
    private const int MoreThanTheLimit = 7;

    [SetUp]
    public void TakeOver() => Host.TakeOver();

    [Test]
    public void Lines_wait_in_the_socket_while_the_configuration_is_wrong() => LosesNothing(
        () => Host.Edit(ConfigurationFile, "\"Path\"", "\"Paht\""),
        () => Host.Edit(ConfigurationFile, "\"Paht\"", "\"Path\""),
        "Paht");

    [Test]
    public void Lines_wait_in_the_socket_while_another_listener_cannot_be_bound()
    {
        PeerProcess? other = null;
        Host.Edit(ConfigurationFile, "\"Listeners\": {", "\"Listeners\": { \"tcp\": { \"Address\": \"tcp://127.0.0.1:5140\" },");
        LosesNothing(() => other = Occupy(5140), () => other!.Dispose(), "tcp://127.0.0.1:5140");
    }

    [Test]
    public void Lines_wait_in_the_socket_while_the_spool_cannot_be_used() => LosesNothing(
        () => Root.Run("mv /var/spool/concentrator /var/spool/away; touch /var/spool/concentrator"),
        () => Root.Run("rm /var/spool/concentrator"),
        null);

    [Test]
    public void Another_program_at_the_address_of_the_status_pages_never_stops_logging()
    {
        Root.Run($"systemctl stop {Socket} {Service}");
        using (Occupy(9514))
        {
            Root.Run($"systemctl start {Socket} {Service}");
            Host.ServesAndLogs();
            Root.WaitFor(
                Service, "StatusText",
                "ready: 1 listener, 1 output; status pages unavailable: Monitoring:Address: cannot bind 127.0.0.1:9514: the address is in use");
            Assert.That(Root.Run("journalctl --no-pager --unit concentrator --priority warning"), Does.Contain("status pages and /metrics are not served"));
        }
        Root.WaitFor(Service, "StatusText", "ready: 1 listener, 1 output");
        Assert.That(Host.Ask("/readyz"), Is.EqualTo("ready"));
    }

    [Test]
    public void HAProxy_starts_while_the_server_does_not()
    {
        Root.Write(
            "/etc/systemd/system/concentrator.service.d/never.conf", "[Service]\nExecStart=\nExecStart=/bin/sleep infinity\nTimeoutStopSec=1\n");
        Root.Run($"systemctl daemon-reload; systemctl stop haproxy {Socket} {Service}; systemctl --no-block start haproxy");
        Root.WaitFor("haproxy.service", "ActiveState", "active");
        using RequestLoad load = Host.StartRequests();
        load.WaitForMore(3);
        Root.WaitFor(Service, "ActiveState", "activating");
        Root.Run($"rm -r /etc/systemd/system/concentrator.service.d; systemctl daemon-reload; systemctl restart {Service}");
        Host.AssertLogged(load.End());
    }

    [Test]
    public void A_reload_of_a_wrong_configuration_fails_says_why_and_leaves_the_old_one()
    {
        string pid = Root.Show(Service, "MainPID");
        Host.Edit(ConfigurationFile, "\"Path\"", "\"Paht\"");
        Assert.That(Root.Try("systemctl", "reload", Service).ExitCode, Is.Not.Zero, "a wrong one");
        Assert.That(Root.Describe(Service), Does.Contain("Paht"));
        Assert.That(Root.Show(Service, "StatusText"), Is.EqualTo("ready: 1 listener, 1 output"));
        Host.Edit(ConfigurationFile, "\"Paht\"", "\"Path\"");
        Host.Edit(ConfigurationFile, "\"Outputs\": {", "\"Outputs\": { \"second\": { \"Type\": \"file\", \"Path\": \"/var/log/second.log\" },");
        Assert.That(Root.Try("systemctl", "reload", Service).ExitCode, Is.Zero, "a right one");
        Root.WaitFor(Service, "StatusText", "ready: 1 listener, 2 outputs");
        Host.ServesAndLogs();
        Assert.That(Root.Show(Service, "MainPID"), Is.EqualTo(pid));
    }

    /// <param name="begin">The fault.</param>
    /// <param name="end">Its end, after which nobody does anything by hand.</param>
    /// <param name="named">What the service's state names while it lasts; null where it is not the server that speaks.</param>
    private void LosesNothing(Action begin, Action end, string? named)
    {
        using RequestLoad load = Host.StartRequests();
        load.WaitForMore(5);
        begin();
        Root.Try("systemctl", "restart", Service);
        Host.WaitForRestarts(MoreThanTheLimit);
        if (named is not null) Assert.That(Root.Run("journalctl --no-pager --unit concentrator"), Does.Contain(named));
        end();
        Root.WaitFor(Service, "ActiveState", "active");
        load.WaitForMore(5);
        Host.AssertLogged(load.End());
        Assert.That(Root.Show(Socket, "ActiveState"), Is.EqualTo("active"));
    }

    /// <summary>Another program that listens there, in the container's network.</summary>
    private PeerProcess Occupy(int port)
    {
        PeerProcess other = Root.StartInNetwork(new PeerStart
        {
            Path = Peer.Require("python3", "python3"),
            Arguments = ["-c", $"import socket, time; s = socket.create_server(('127.0.0.1', {port})); print('there', flush=True); time.sleep(3600)"],
        });
        other.WaitUntilReady(() => other.Output.Text().Contains("there", StringComparison.Ordinal), $"it listens at {port}");
        return other;
    }
}
