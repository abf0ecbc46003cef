using System.Text;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Peers;

/// <summary>Messages that are longer than the receiver takes: cut before they are sent, and nothing else is held up.</summary>
internal sealed class FrameSizeTests : ReceiverLimitTests
{
    /// <summary>syslog-ng 3.38 and 4.12 close the connection at a frame above their log-msg-size, 65,536 bytes by default.</summary>
    [TestCase("")]
    [TestCase("SID")]
    public void A_datagram_of_64_KB_reaches_a_syslog_ng_cut_and_what_follows_is_not_held_up(string suite)
    {
        using SyslogNg receiver = SyslogNg.ReceivingFrames(suite: suite);
        ServerProcess server = StartRelay(receiver.Port);
        SendThree(65_536);
        Eventually.Holds(() => receiver.Lines().Count == 3, "three messages at syslog-ng", detail: () => Short(receiver) + server.Describe());
        IReadOnlyList<string> messages = receiver.Lines();
        Assert.That((messages[0], messages[2]), Is.EqualTo(("first", "last")));
        Assert.That(messages[1], Does.Match("^é+$"));
        MetricsSnapshot metrics = server.WaitForMetrics(static m => m.Sum("concentrator_output_delivered_messages_total") == 3, "all delivered");
        Assert.That(metrics.Sum("concentrator_output_truncated_messages_total", ("output", "relay")), Is.EqualTo(1));
        LedgerAssert.Balances(metrics);
    }

    /// <summary>HAProxy's log-forward takes frames that fit into tune.bufsize, 16,384 bytes.</summary>
    [Test]
    public void A_limit_below_16_KB_lets_everything_through_a_HAProxy_that_forwards()
    {
        using TlsIntake behind = new(certificate: null);
        int port = FreePort.Next();
        using HAProxy forwarder = new(at => new HAProxySetup
        {
            Sections =
            [
                $"""
                log-forward relayed
                    bind 127.0.0.1:{port}
                    log ring@out local0
                ring out
                    format rfc5424
                    maxlen 65000
                    size 16777216
                    server one 127.0.0.1:{behind.Port} log-proto octet-count

                """,
            ],
        }.Render(at.Root, Environment.IsPrivilegedProcess, at.StatsSocket, at.Port));
        ServerProcess server = StartRelay(new { Type = "syslog-tcp", Endpoint = $"127.0.0.1:{port}", MaxFrameSize = "15000" });
        forwarder.WaitForRing(behind.Port);
        SendThree(40_000);
        IReadOnlyList<ReceivedFrame> frames = behind.WaitForFrames(3);
        Assert.That(frames.Select(static f => Encoding.UTF8.GetString(f.Bytes).Split(' ')[^1][..4]), Is.EqualTo(new[] { "firs", "éééé", "last" }));
        LedgerAssert.Balances(server.WaitForMetrics(static m => m.Sum("concentrator_output_truncated_messages_total") == 1, "cut and counted"));
    }

    /// <summary>The one in the middle has a text of two-byte characters, and that many bytes in all.</summary>
    private void SendThree(int bytes) => Send("first", new string('é', (bytes - Header.Length) / 2), "last");

    private static string Short(SyslogNg receiver) =>
        string.Join('\n', receiver.Lines().Select(static m => m.Length > 40 ? m[..40] + "…" : m)) + receiver.Describe();
}
