using System.Text;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Peers;

/// <summary>A host that keeps its rsyslog and forwards to us.</summary>
internal sealed class RsyslogSenderTests
{
    private const int Count = 5000;

    [TestCase("RSYSLOG_SyslogProtocol23Format", true)]
    [TestCase("RSYSLOG_SyslogProtocol23Format", false)]
    [TestCase("RSYSLOG_TraditionalForwardFormat", true)]
    [TestCase("RSYSLOG_TraditionalForwardFormat", false)]
    public void Everything_that_rsyslog_forwards_over_TCP_arrives_complete(string template, bool octetCounted)
    {
        using TempDirectory directory = new();
        int port = FreePort.Next();
        using ServerProcess server = new ServerSetup(directory).Listen("in", $"tcp://127.0.0.1:{port}").File("in.log").Start();
        using RsyslogHost rsyslog = RsyslogHost.Forwarding(port, octetCounted, template);
        SendAndCheck(rsyslog, server, directory["in.log"]);
    }

    [TestCase(false)]
    [TestCase(true)]
    public void Everything_that_rsyslog_forwards_over_TLS_arrives_complete(bool clientCertificate)
    {
        Rsyslog.RequireDriver(RsyslogDriver.Gtls);
        using TempDirectory directory = new();
        int port = FreePort.Next();
        using ServerProcess server = new ServerSetup(directory)
            .ListenTls("in", port, clientCertificate ? TestCertificates.Authority : null)
            .File("in.log")
            .Start();
        using RsyslogHost rsyslog = RsyslogHost.ForwardingTls(
            port, TestCertificates.Authority, clientCertificate ? TestCertificates.Client : null, "RSYSLOG_SyslogProtocol23Format");
        SendAndCheck(rsyslog, server, directory["in.log"]);
    }

    private static void SendAndCheck(RsyslogHost rsyslog, ServerProcess server, string file)
    {
        NumberedMessage message = NumberedMessage.LocalHttpLog;
        using (DatagramSender sender = DatagramSender.Unix(rsyslog.LogSocket)) sender.Send(message, 0, Count);

        string[] lines = LineFile.WaitForLines(file, Count, Deadline.Transfer);
        string host = File.ReadAllText("/proc/sys/kernel/hostname").Trim();
        Assert.That(lines, Has.Length.EqualTo(Count), rsyslog.Describe());
        SequenceLedger sequence = new();
        foreach (string line in lines)
        {
            byte[] bytes = Encoding.Latin1.GetBytes(line);
            sequence.Record(bytes);
            Assert.That(line[15..], Does.StartWith($" {host} haproxy[32177]: 192.0.2.10:51124 [").And.EndsWith(" HTTP/1.1\""));
        }
        sequence.AssertComplete(Count);
        LedgerAssert.AllWellFormed(server, Count);
    }
}
