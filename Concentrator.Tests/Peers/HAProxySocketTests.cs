using System.Text;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Peers;

/// <summary>The socket inside HAProxy's chroot, with the server coming and going under a HAProxy that is never touched.</summary>
[TestFixtureSource(typeof(HAProxy), nameof(HAProxy.Versions))]
internal sealed class HAProxySocketTests(string version)
{
    [Test]
    public void Logging_resumes_by_itself_after_each_restart_of_the_server()
    {
        using TempDirectory directory = new();
        using HAProxy haproxy = new(program: HAProxy.OfVersion(version));
        ServerSetup setup = new ServerSetup(directory).Listen("haproxy", $"unix-dgram:{haproxy.LogSocket}").File("haproxy.log");
        int next = 0;
        List<int> heard = [];
        foreach (bool killed in new[] { false, true, false })
        {
            using ServerProcess server = setup.Start();
            for (int batch = 0; batch < 4; batch++)
            {
                haproxy.Request(100, first: next);
                heard.AddRange(Enumerable.Range(next, 100));
                next += 100;
                LineFile.WaitForLines(directory["haproxy.log"], heard.Count);
            }
            LedgerAssert.Balances(server.Metrics());
            if (killed) server.Kill();
            else Assert.That(server.Stop(), Is.Zero, server.Describe());
            Assert.That(File.Exists(haproxy.LogSocket), Is.EqualTo(killed), "a clean stop removes the socket, a killed server cannot");

            // Nobody hears these: HAProxy meets ENOENT or ECONNREFUSED, and keeps no line back.
            haproxy.Request(20, first: next);
            next += 20;
        }
        int[] written = [.. LineFile.Lines(directory["haproxy.log"]).Select(Number)];
        Assert.That(written, Is.EquivalentTo(heard));
        Assert.That(haproxy.DroppedLogs(), Is.Zero);
    }

    [Test]
    public void The_socket_is_made_where_HAProxy_looks_for_it_with_a_mode_that_lets_it_write()
    {
        using TempDirectory directory = new();
        string[] account = Environment.IsPrivilegedProcess ? ["user haproxy", "group haproxy"] : [];
        using HAProxy haproxy = new(new HAProxySetup { Global = account }, HAProxy.OfVersion(version));
        Directory.Delete(Path.GetDirectoryName(haproxy.LogSocket)!);
        using ServerProcess server = new ServerSetup(directory)
            .Listen("haproxy", $"unix-dgram:{haproxy.LogSocket}")
            .File("haproxy.log")
            .Start();
        haproxy.Request(1);
        LineFile.WaitForLines(directory["haproxy.log"], 1);
        Assert.That(File.GetUnixFileMode(haproxy.LogSocket), Is.EqualTo((UnixFileMode)0b110_110_110));
        LedgerAssert.Balances(server.Metrics());
    }

    private static int Number(string line)
    {
        SequenceLedger one = new();
        one.Record(Encoding.Latin1.GetBytes(line));
        Assert.That(one.Unnumbered, Is.Zero, line);
        int from = line.LastIndexOf("seq=", StringComparison.Ordinal) + 4;
        return int.Parse(line.AsSpan(from, line.IndexOf(' ', from) - from), provider: null);
    }
}
