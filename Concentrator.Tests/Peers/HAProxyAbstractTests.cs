using System.Globalization;
using Concentrator.Tests.EndToEnd;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Peers;

/// <summary>
/// <c>log abns@NAME</c> of real HAProxys, and <c>abnsz@NAME</c> of those that know it: from a chroot without any file, as HAProxy's own user.
/// </summary>
internal sealed class HAProxyAbstractTests
{
    [TestCase("", "abns@")]
    [TestCase("3_0", "abns@")]
    [TestCase("3_2", "abns@")]
    [TestCase("3_2", "abnsz@")]
    public void From_an_empty_chroot_every_line_arrives_and_a_restart_needs_no_word_to_HAProxy(string version, string kind)
    {
        using TempDirectory directory = new();
        string name = AbstractNames.Next();
        using HAProxy haproxy = new(Logging($"{kind}{name}"), HAProxy.OfVersion(version));
        ServerSetup setup = new ServerSetup(directory).Listen("haproxy", $"unix-dgram:{kind}{name}").File("haproxy.log");
        int next = 0, heard = 0;
        foreach (bool killed in new[] { false, true, false })
        {
            using ServerProcess server = setup.Start();
            for (int batch = 0; batch < 5; batch++)
            {
                haproxy.Request(100, first: next);
                next += 100;
                heard += 100;
                LineFile.WaitForLines(directory["haproxy.log"], heard);
            }
            LedgerAssert.Balances(server.Metrics());
            if (killed) server.Kill();
            else Assert.That(server.Stop(), Is.Zero, server.Describe());

            // Nobody hears these.
            haproxy.Request(20, first: next);
            next += 20;
        }
        SequenceLedger sequence = Sequence(directory);
        Assert.That(sequence.Distinct, Is.EqualTo(heard));
        Assert.That(sequence.Missing(next), Is.EqualTo(Enumerable.Range(0, next).Where(static number => number % 520 >= 500)));
        Assert.That(Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(haproxy.LogSocket)!), Is.Empty, "no file was made");
    }

    [TestCase("", "abns@")]
    [TestCase("3_2", "abnsz@")]
    public void Hand_overs_while_HAProxy_sends_lose_no_line(string version, string kind)
    {
        using TempDirectory directory = new();
        string name = AbstractNames.Next();
        ServerSetup setup = new ServerSetup(directory).Listen("haproxy", $"unix-dgram:{kind}{name}").File("haproxy.log");
        ServerProcess server = setup.Start();
        try
        {
            using HAProxy haproxy = new(Logging($"{kind}{name}"), HAProxy.OfVersion(version));
            int sent = 0;
            using CancellationTokenSource enough = new();
            Task load = Task.Run(() =>
            {
                // HAProxy has room for 167 lines a thread, and none for more: so each portion is followed by a breath.
                for (; !enough.IsCancellationRequested; sent += 10, Thread.Sleep(5)) haproxy.Request(10, connections: 1, first: sent);
            });
            string successor = Wrapped.Script(directory, "exec SERVER --take-over");
            for (int handOver = 0; handOver < 3; handOver++)
            {
                int before = LineFile.Lines(directory["haproxy.log"]).Length;
                ServerProcess next = setup.Start(binary: successor);
                Assert.That(server.WaitForExit(), Is.Zero, server.Describe());
                server.Dispose();
                server = next;
                LineFile.WaitForLines(directory["haproxy.log"], before + 100);
            }
            enough.Cancel();
            load.Wait();
            LineFile.WaitForLines(directory["haproxy.log"], sent);
            Sequence(directory).AssertComplete(sent);
            Assert.That(haproxy.DroppedLogs(), Is.Zero);
        }
        finally
        {
            server.Dispose();
        }
    }

    [TestCase("", "abns@")]
    [TestCase("3_0", "abns@")]
    [TestCase("3_2", "abns@")]
    [TestCase("3_2", "abnsz@")]
    public void A_ring_reaches_the_stream_listener_of_that_name(string version, string kind)
    {
        const int Count = 1000;
        using TempDirectory directory = new();
        string name = AbstractNames.Next();
        using ServerProcess server = new ServerSetup(directory).Listen("ring", $"unix-stream:{kind}{name}").File("ring.log").Start();
        HAProxySetup ring = new()
        {
            Log = ["ring@conc local0"],
            Sections =
            [
                $"""
                ring conc
                    format rfc5424
                    maxlen 8192
                    size 16777216
                    timeout connect 2s
                    timeout server 10s
                    server one {kind}{name} log-proto octet-count

                """,
            ],
        };
        using HAProxy haproxy = new(ring, HAProxy.OfVersion(version));
        haproxy.Request(Count);
        LineFile.WaitForLines(directory["ring.log"], Count);
        SequenceLedger.Of(LineFile.Lines(directory["ring.log"])).AssertComplete(Count);
        LedgerAssert.Balances(server.Metrics());
    }

    private static HAProxySetup Logging(string address) => new()
    {
        Log = [string.Create(CultureInfo.InvariantCulture, $"{address} len 8192 format rfc5424 local0")],
        Global = Environment.IsPrivilegedProcess ? ["user haproxy", "group haproxy"] : [],
    };

    private static SequenceLedger Sequence(TempDirectory directory) => SequenceLedger.Of(LineFile.Lines(directory["haproxy.log"]));
}
