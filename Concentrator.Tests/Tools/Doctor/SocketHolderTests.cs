using Concentrator.Tests.Equipment;
using Concentrator.Tools.Doctor;
using NUnit.Framework;

namespace Concentrator.Tests.Tools.Doctor;

/// <summary>Who holds the socket at a listener's path: the server, a real rsyslogd, or both.</summary>
internal sealed class SocketHolderTests
{
    [Test]
    public void The_server_itself_is_well()
    {
        using PlantedHost host = new();
        string path = host.Temp.Socket("log");
        using ServerProcess server = Listening(host, path);
        host.Show(server.Pid);
        Look(host, path).IsWell();
    }

    [Test]
    public void A_rsyslogd_that_reads_there_fails_and_the_remedy_takes_its_file_away()
    {
        using PlantedHost host = new();
        string path = host.Temp.Socket("log");
        using RsyslogHost rsyslog = RsyslogHost.WritingFile(path);
        host.Show(rsyslog.Pid);
        Look(host, path).Says(Verdict.Fail, $"rsyslogd (pid {rsyslog.Pid}) reads it, not Concentrator", "rm -f /etc/rsyslog.d/49-haproxy.conf; systemctl restart rsyslog; systemctl restart concentrator");
    }

    [Test]
    public void A_rsyslogd_from_which_the_path_was_taken_over_is_warned_of()
    {
        using PlantedHost host = new();
        string path = host.Temp.Socket("log");
        using RsyslogHost rsyslog = RsyslogHost.WritingFile(path);
        using ServerProcess server = Listening(host, path, "\"Takeover\": true");
        host.Show(rsyslog.Pid);
        host.Show(server.Pid);
        Look(host, path).Says(Verdict.Warn, $"rsyslogd (pid {rsyslog.Pid}) still holds", "rm -f /etc/rsyslog.d/49-haproxy.conf");
    }

    [Test]
    public void A_path_that_was_taken_from_the_server_fails_though_it_still_holds_its_socket()
    {
        using PlantedHost host = new();
        string path = host.Temp.Socket("log");
        using ServerProcess server = Listening(host, path);
        string beside = host.Temp.Socket("taker");
        using RsyslogHost rsyslog = RsyslogHost.WritingFile(beside);
        File.Move(beside, path, overwrite: true);
        host.Show(rsyslog.Pid);
        host.Show(server.Pid);
        Look(host, path).Says(
            Verdict.Fail, $"rsyslogd (pid {rsyslog.Pid}) reads it, not Concentrator, whose socket has lost its path", "systemctl restart concentrator");
    }

    [Test]
    public void With_a_socket_unit_a_remedy_stops_and_starts_it_together_with_the_service()
    {
        using PlantedHost host = new();
        Assert.That(host.Host.RestartServer, Is.EqualTo("systemctl restart concentrator"));
        string units = Directory.CreateDirectory(host.Host.UnitDirectories[0]).FullName;
        File.WriteAllText(Path.Combine(units, "concentrator.socket"), "[Socket]");
        Assert.That(
            host.Host.RestartServer,
            Is.EqualTo("systemctl stop concentrator.socket concentrator && systemctl start concentrator.socket concentrator"));
    }

    [Test]
    public void A_holder_that_is_not_shown_is_warned_of()
    {
        using PlantedHost host = new();
        string path = host.Temp.Socket("log");
        using RsyslogHost rsyslog = RsyslogHost.WritingFile(path);
        Look(host, path).Says(Verdict.Warn, "this user cannot see", RefusedInspectionTests.Expected);
    }

    private static ServerProcess Listening(PlantedHost host, string path, params string[] more) =>
        new ServerSetup(host.Temp).Listen("haproxy", $"unix-dgram:{path}", more).File("out.log").Start();

    private static IEnumerable<Diagnosis> Look(PlantedHost host, string path) =>
        new SocketHolderCheck(host.Proc, Findings.UnixListener(path), host.Host.RestartServer).Look();
}
