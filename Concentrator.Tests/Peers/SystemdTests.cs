using System.Text;
using System.Text.RegularExpressions;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Peers;

/// <summary>The shipped unit and drop-in, and what the unit relies on in the server.</summary>
internal sealed partial class SystemdTests
{
    private const string Unit = "concentrator.service";

    private const string SocketUnit = "concentrator.socket";

    [TestCase(Unit)]
    [TestCase(SocketUnit)]
    public void Systemd_finds_nothing_wrong_with_the_units(string unit)
    {
        using TempDirectory units = new();
        // verify looks for the program; here the server is not installed.
        string program = Peer.Require("true", "coreutils");
        units.Write(Unit, Repository.ReadSample(Unit).Replace("/usr/local/bin/concentrator", program, StringComparison.Ordinal));
        units.Write(SocketUnit, Repository.ReadSample(SocketUnit));
        Verify(units, unit);
    }

    [Test]
    public void Every_socket_line_of_the_unit_may_be_switched_on()
    {
        using TempDirectory units = new();
        string program = Peer.Require("true", "coreutils");
        units.Write(Unit, Repository.ReadSample(Unit).Replace("/usr/local/bin/concentrator", program, StringComparison.Ordinal));
        string[] lines = [.. Repository.ReadSample(SocketUnit).Split('\n').Select(static line => SwitchedOff().IsMatch(line) ? line[1..] : line)];
        Assert.That(lines, Has.Exactly(3).StartsWith("ListenStream="));
        units.Write(SocketUnit, string.Join('\n', lines));
        Verify(units, SocketUnit);
    }

    [Test]
    public void The_socket_unit_serves_the_listener_of_the_HAProxy_host()
    {
        string[] unit = Repository.ReadSample(SocketUnit).Split('\n');
        string path = unit.Single(static line => line.StartsWith("ListenDatagram=", StringComparison.Ordinal)).Split('=')[1];
        Assert.That(Repository.ReadSample("haproxy-host.json"), Does.Contain($"unix-dgram:{path}"));
        Assert.That(unit, Has.Member("SocketMode=0666"), "HAProxy's own user writes there");
    }

    [Test]
    public void Systemd_finds_nothing_wrong_with_HAProxys_unit_and_the_drop_in()
    {
        const string HAProxyUnit = "/lib/systemd/system/haproxy.service";
        Peer.RequireFile([HAProxyUnit], "haproxy");
        using TempDirectory units = new();
        units.Write("haproxy.service", File.ReadAllText(HAProxyUnit));
        units.Write("haproxy.service.d/log.conf", Repository.ReadSample("haproxy.service.d/log.conf"));
        Verify(units, "haproxy.service");
    }

    [Test]
    public void The_server_says_ready_alive_reloading_and_stopping()
    {
        using TempDirectory directory = new();
        using DatagramSink manager = DatagramSink.Unix(directory.Socket("notify"));
        using ServerProcess server = new ServerSetup(directory).Listen("in", $"unix-dgram:{directory.Socket("log")}").File("in.log").Start(
            new Dictionary<string, string?> { ["NOTIFY_SOCKET"] = directory["notify"], ["WATCHDOG_USEC"] = "100000" });
        WaitFor("READY=1", 1);
        WaitFor("WATCHDOG=1", 3);
        server.Send(Signal.Hup);
        WaitFor("RELOADING=1\nMONOTONIC_USEC=", 1);
        WaitFor("READY=1", 2);
        LedgerAssert.Balances(server.Metrics());
        Assert.That(server.Stop(), Is.Zero, server.Describe());
        WaitFor("STOPPING=1", 1);

        void WaitFor(string state, int times) => Eventually.Holds(
            () => manager.WaitFor(0).Count(said => Encoding.UTF8.GetString(said).StartsWith(state, StringComparison.Ordinal)) >= times,
            $"{state} {times} times");
    }

    [Test]
    public void The_units_capabilities_suffice_for_ports_below_1024_owners_and_buffers()
    {
        if (!Environment.IsPrivilegedProcess) Assert.Ignore("only root has capabilities to give up");
        const string Key = "CapabilityBoundingSet=";
        string line = Repository.ReadSample(Unit).Split('\n').Single(static line => line.StartsWith(Key, StringComparison.Ordinal));
        string kept = string.Join(',', line[Key.Length..].Split(' ').Select(static name => $"+{name["CAP_".Length..].ToLowerInvariant()}"));
        using TempDirectory directory = new();
        string wrapper = directory.WriteProgram("server", $"""
            #!/bin/sh
            exec setpriv --bounding-set=-all,{kept} --no-new-privs \
              {ServerProcess.Quoted} "$@"

            """);
        int port = FreePort.NextPrivileged();
        using ServerProcess server = new ServerSetup(directory)
            .Listen("udp", $"udp://127.0.0.1:{port}", "\"ReceiveBuffer\": \"64MB\"")
            .Listen("socket", $"unix-dgram:{directory.Socket("log")}", "\"Group\": \"adm\"", "\"Mode\": \"0660\"")
            .File("in.log", "traditional", "\"Group\": \"adm\"", "\"Owner\": \"nobody\"")
            .Start(binary: wrapper);
        using DatagramSender sender = DatagramSender.Udp(port);
        sender.Send("<13>Nov 22 06:13:25 edge test: hello"u8);
        LineFile.WaitForLines(directory["in.log"], 1);
        Assert.That(server.Log, Does.Not.Contain(" WARN ").And.Not.Contain(" ERROR "));
        Assert.That(FileStatus.Of("%U %G %a", directory["in.log"]), Is.EqualTo("nobody adm 640"));
        Assert.That(FileStatus.Of("%U %G %a", directory["log"]), Is.EqualTo("root adm 660"));
        LedgerAssert.Balances(server.Metrics());
    }

    [GeneratedRegex("^#(Listen|BindIPv6Only|ReceiveBuffer)")]
    private static partial Regex SwitchedOff();

    private static void Verify(TempDirectory units, string unit)
    {
        PeerStart start = new()
        {
            Path = Peer.Require("systemd-analyze", "systemd"),
            Arguments = ["verify", unit],
            Environment = new Dictionary<string, string?> { ["SYSTEMD_UNIT_PATH"] = $"{units.Path}:" },
        };
        (int exitCode, string output, string errors) = PeerProcess.Run(start);
        Assert.That(exitCode, Is.Zero, output + errors);
        Assert.That(output + errors, Does.Not.Contain(unit), "not even a warning");
    }
}
