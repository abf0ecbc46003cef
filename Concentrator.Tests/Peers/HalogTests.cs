using System.Net.Sockets;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Peers;

/// <summary>What an operator does with the file: HAProxy's own analyser, on our file and on rsyslog's.</summary>
[TestFixtureSource(typeof(HAProxy), nameof(HAProxy.Versions))]
internal sealed class HalogTests(string version)
{
    [Test]
    public void Halog_counts_in_our_file_what_was_requested_and_the_same_as_in_rsyslogs()
    {
        // The kernel's own queue of 10 would cost rsyslog half of these few lines.
        using KernelSample kernel = new();
        using TempDirectory directory = new();
        using HAProxy haproxy = new(new HAProxySetup
        {
            // With a host name in the header rsyslog would show two: it expects none at a unix socket.
            SendHostname = false,
            Log = ["/dev/log local0", "/dev/rsyslog local0"],
            Frontend = ["http-request return status 404 if { path /missing }", "http-request return status 503 if { path /broken }"],
        }, HAProxy.OfVersion(version));
        using RsyslogHost rsyslog = RsyslogHost.WritingFile(Path.Combine(Path.GetDirectoryName(haproxy.LogSocket)!, "rsyslog"));
        using ServerProcess server = new ServerSetup(directory)
            .Listen("haproxy", $"unix-dgram:{haproxy.LogSocket}")
            .File("haproxy.log")
            .Start();

        haproxy.Request(40);
        for (int n = 0; n < 5; n++) Ask(haproxy.Port, "GET /missing HTTP/1.0");
        for (int n = 0; n < 3; n++) Ask(haproxy.Port, "GET /broken HTTP/1.0");
        for (int n = 0; n < 2; n++) Ask(haproxy.Port, "nonsense");

        string[] lines = LineFile.WaitForLines(directory["haproxy.log"], 50);
        string[] theirs = LineFile.WaitForLines(rsyslog.LogFile, 50);
        Halog halog = Halog.Read(directory["haproxy.log"]);
        Halog reference = Halog.Read(rsyslog.LogFile);
        Assert.Multiple(() =>
        {
            Assert.That(halog.Lines, Is.EqualTo(50));
            Assert.That(halog.ParsingErrors, Is.Zero);
            Assert.That(halog.Statuses, Is.EqualTo(new Dictionary<int, int> { [200] = 40, [404] = 5, [503] = 3, [400] = 2 }));
            Assert.That(halog.Statuses, Is.EqualTo(reference.Statuses));
            Assert.That(lines.Select(static line => line[15..]), Is.EquivalentTo(theirs.Select(static line => line[15..])));
        });
        LedgerAssert.Balances(server.Metrics());
    }

    private static void Ask(int port, string request)
    {
        using TcpClient client = new("127.0.0.1", port);
        using StreamWriter writer = new(client.GetStream()) { AutoFlush = true };
        writer.Write($"{request}\r\n\r\n");
        using StreamReader reader = new(client.GetStream());
        Assert.That(reader.ReadToEnd(), Does.StartWith("HTTP/1."));
    }
}
