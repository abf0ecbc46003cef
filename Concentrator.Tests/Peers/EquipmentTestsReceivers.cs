using Concentrator.Messages.FrameScanning;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Peers;

/// <summary>The real receivers: rsyslog over each of its drivers, and openssl s_server.</summary>
internal sealed class EquipmentTestsReceivers
{
    private const string Header = "<134>1 2026-11-22T06:13:25.123456+00:00 h haproxy 1 LOG [SEKOIA@53288 intake_key=\"K\"] ";

    [Test]
    public void Rsyslog_keeps_every_frame_byte_for_byte(
        [Values(RsyslogDriver.Plain, RsyslogDriver.Gtls, RsyslogDriver.Ossl)] RsyslogDriver driver)
    {
        using Rsyslog rsyslog = new(driver);
        byte[][] sent = Samples.Frames(Header);
        using StreamSender sender = Connect(rsyslog.Port, driver);
        foreach (byte[] frame in sent) sender.Send(frame);
        Assert.That(rsyslog.WaitForFrames(sent.Length), Is.EqualTo(sent));
    }

    [Test]
    public void Rsyslog_shows_NUL_as_its_octal_number_and_drops_one_at_the_end()
    {
        using Rsyslog rsyslog = new(RsyslogDriver.Ossl);
        using StreamSender sender = Connect(rsyslog.Port, RsyslogDriver.Ossl);
        sender.Send("<134>1 - - - - - - a\0b\0"u8);
        Assert.That(rsyslog.WaitForFrames(1)[0], Is.EqualTo("<134>1 - - - - - - a#000b"u8.ToArray()));
    }

    [Test]
    public void Rsyslog_comes_back_on_its_port_with_what_it_had()
    {
        using Rsyslog rsyslog = new(RsyslogDriver.Gtls);
        using (StreamSender sender = Connect(rsyslog.Port, RsyslogDriver.Gtls))
        {
            sender.Send("<134>1 - - - - - - one"u8);
            rsyslog.WaitForFrames(1);
        }
        rsyslog.Stop();
        Assert.That(() => Connect(rsyslog.Port, RsyslogDriver.Gtls), Throws.Exception);
        rsyslog.StartAgain();
        using (StreamSender sender = Connect(rsyslog.Port, RsyslogDriver.Gtls))
        {
            sender.Send("<134>1 - - - - - - two"u8);
            rsyslog.WaitForFrames(2);
        }
        rsyslog.Kill();
        Assert.That(rsyslog.Frames(), Has.Count.EqualTo(2));
    }

    [Test]
    public void Several_rsyslogs_run_side_by_side_and_take_thousands()
    {
        using Rsyslog one = new(RsyslogDriver.Gtls);
        using Rsyslog two = new(RsyslogDriver.Ossl);
        Rsyslog[] both = [one, two];
        foreach (Rsyslog rsyslog in both)
        {
            using StreamSender sender = Connect(rsyslog.Port, RsyslogDriver.Gtls);
            sender.Send(NumberedMessage.HttpLog, 0, 20_000);
            sender.FinishSending();
        }
        foreach (Rsyslog rsyslog in both)
        {
            SequenceLedger ledger = new();
            foreach (byte[] frame in rsyslog.WaitForFrames(20_000, Deadline.Transfer)) ledger.Record(frame);
            ledger.AssertComplete(20_000);
        }
    }

    [Test]
    public void Rsyslog_requires_a_client_certificate_when_told([Values(RsyslogDriver.Gtls, RsyslogDriver.Ossl)] RsyslogDriver driver)
    {
        using Rsyslog rsyslog = new(driver, requireClientFrom: TestCertificates.Authority);
        using (StreamSender known = StreamSender.Tls(
            rsyslog.Port, Framing.OctetCounted, TestCertificates.Authority, client: TestCertificates.Client))
        {
            known.Send("<134>1 - - - - - - known"u8);
            rsyslog.WaitForFrames(1);
        }
        try
        {
            using StreamSender unknown = StreamSender.Tls(rsyslog.Port, Framing.OctetCounted, TestCertificates.Authority);
            unknown.Send("<134>1 - - - - - - unknown"u8);
            Assert.That(unknown.WaitForClose(), rsyslog.Describe());
        }
        catch (Exception refused) when (refused is IOException or System.Security.Authentication.AuthenticationException)
        {
            // Refused during the hand-shake or right after it, as the driver likes.
        }
        Assert.That(rsyslog.Frames(), Has.Count.EqualTo(1));
    }

    [Test]
    public void Openssl_receives_every_frame_byte_for_byte()
    {
        using OpenSslServer server = new(TestCertificates.WithIntermediate);
        byte[][] sent = Samples.Frames(Header);
        using StreamSender sender = StreamSender.Tls(server.Port, Framing.OctetCounted, TestCertificates.Authority);
        foreach (byte[] frame in sent) sender.Send(frame);
        Assert.That(server.WaitForFrames(sent.Length), Is.EqualTo(sent));
    }

    [Test]
    public void Openssl_requires_a_client_certificate_when_told()
    {
        using OpenSslServer server = new(TestCertificates.Server, TestCertificates.Authority, "-tls1_2");
        Assert.That(
            () => StreamSender.Tls(server.Port, Framing.OctetCounted, TestCertificates.Authority),
            Throws.InstanceOf<System.Security.Authentication.AuthenticationException>().Or.InstanceOf<IOException>());
        using StreamSender known = StreamSender.Tls(
            server.Port, Framing.OctetCounted, TestCertificates.Authority, client: TestCertificates.Client);
        known.Send("known"u8);
        Assert.That(server.WaitForFrames(1)[0], Is.EqualTo("known"u8.ToArray()));
    }

    private static StreamSender Connect(int port, RsyslogDriver driver) => driver == RsyslogDriver.Plain
        ? StreamSender.Tcp(port, Framing.OctetCounted)
        : StreamSender.Tls(port, Framing.OctetCounted, TestCertificates.Authority);
}
