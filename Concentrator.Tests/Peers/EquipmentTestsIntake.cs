using System.Security.Authentication;
using System.Text;
using Concentrator.Messages.FrameScanning;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Peers;

/// <summary>The in-process intake, proved with .NET's TLS client and with openssl.</summary>
internal sealed class EquipmentTestsIntake
{
    private const string Text = "<134>1 2026-11-22T06:13:25.123456+00:00 h haproxy 1 LOG [SEKOIA@53288 intake_key=\"K\"] ";

    [Test]
    public void Frames_arrive_byte_for_byte_and_in_order([Values] bool tls)
    {
        using TlsIntake intake = new(tls ? TestCertificates.Server : null);
        byte[][] sent = Samples.Frames(Text);
        using StreamSender sender = Connect(intake, tls);
        foreach (byte[] frame in sent) sender.Send(frame);
        IReadOnlyList<ReceivedFrame> received = intake.WaitForFrames(sent.Length);
        Assert.Multiple(() =>
        {
            Assert.That(received.Select(static frame => frame.Bytes), Is.EqualTo(sent));
            Assert.That(received.Select(static frame => frame.Connection), Is.All.EqualTo(1));
            Assert.That(intake.FramingErrors, Is.Zero);
            Assert.That(intake.LastServerName, Is.EqualTo(tls ? "localhost" : null));
        });
    }

    [Test]
    public void Openssl_delivers_to_it()
    {
        using TlsIntake intake = new(TestCertificates.Server);
        byte[][] sent = Samples.Frames(Text);
        (int exitCode, string said) = OpenSsl.Send(intake.Port, Samples.OctetCounted(sent), TestCertificates.Authority);
        Assert.That(exitCode, Is.Zero, said);
        Assert.That(intake.WaitForFrames(sent.Length).Select(static frame => frame.Bytes), Is.EqualTo(sent));
    }

    [Test]
    public void Two_hundred_thousand_are_counted_without_being_kept([Values] bool tls)
    {
        using TlsIntake intake = new(tls ? TestCertificates.Server : null, keepFrames: false);
        using StreamSender sender = Connect(intake, tls);
        sender.Send(NumberedMessage.HttpLog, 0, 200_000);
        intake.Sequence.AssertComplete(200_000);
        Assert.That(intake.Sequence.OutOfOrder, Is.Zero);
        Assert.That(intake.Frames(), Is.Empty);
    }

    [Test]
    public void Refused_until_it_listens_again_on_the_same_port()
    {
        using TlsIntake intake = new(null);
        using StreamSender first = Connect(intake, tls: false);
        first.Send("<134>1 seq=0"u8);
        intake.WaitForFrames(1);
        intake.Refuse();
        Assert.That(first.WaitForClose(), "the open connection is reset");
        Assert.That(() => Connect(intake, tls: false), Throws.InstanceOf<System.Net.Sockets.SocketException>());
        intake.Listen();
        using StreamSender second = Connect(intake, tls: false);
        second.Send("<134>1 seq=1"u8);
        Assert.That(intake.WaitForFrames(2)[1].Connection, Is.EqualTo(2));
    }

    [Test]
    public void Reset_after_so_many_frames_and_the_next_connection_lives()
    {
        using TlsIntake intake = new(TestCertificates.Server);
        intake.ResetAfter(frames: 3);
        using StreamSender first = Connect(intake, tls: true);
        first.SendRaw(Samples.OctetCounted([.. Enumerable.Range(0, 10).Select(n => Encoding.ASCII.GetBytes($"seq={n}"))]));
        Assert.That(first.WaitForClose(), "reset");
        Assert.That(intake.FrameCount, Is.EqualTo(3));
        using StreamSender second = Connect(intake, tls: true);
        for (int n = 3; n < 10; n++) second.Send(Encoding.ASCII.GetBytes($"seq={n}"));
        intake.WaitForFrames(10);
        intake.Sequence.AssertComplete(10);
    }

    [Test]
    public void Closed_in_order([Values] bool tls)
    {
        using TlsIntake intake = new(tls ? TestCertificates.Server : null);
        using StreamSender sender = Connect(intake, tls);
        sender.Send("one"u8);
        intake.WaitForFrames(1);
        intake.CloseAll();
        Assert.That(sender.WaitForClose());
        sender.Dispose();
        Eventually.Holds(() => intake.OpenConnections.Count == 0, "the connection is gone");
        Assert.That(intake.FramingErrors, Is.Zero);
    }

    [Test]
    public void Stalled_it_counts_nothing_until_it_reads_again()
    {
        using TlsIntake intake = new(null, receiveBuffer: 8192);
        intake.Stall();
        using StreamSender sender = Connect(intake, tls: false);
        Task sending = Task.Run(() => sender.Send(NumberedMessage.HttpLog, 0, 100_000));
        Assert.That(Eventually.TryHold(() => sending.IsCompleted || intake.FrameCount > 0, TimeSpan.FromMilliseconds(300)), Is.False);
        intake.Resume();
        intake.Sequence.AssertComplete(100_000);
        Assert.That(sending.Wait(Deadline.Reaction));
    }

    [Test]
    public void A_hanging_handshake_hangs()
    {
        using TlsIntake intake = new(TestCertificates.Server) { IgnoreHandshake = true };
        Task<StreamSender> connecting = Task.Run(() => Connect(intake, tls: true));
        Eventually.Holds(() => intake.Connections == 1, "it accepts");
        Assert.That(connecting.Wait(200), Is.False);
        intake.ResetAll();
        Assert.That(() => connecting.GetAwaiter().GetResult(), Throws.InstanceOf<IOException>());
        Assert.That(intake.HandshakeFailures, Is.Zero);
    }

    [Test]
    public void Bad_framing_is_counted_and_cut()
    {
        using TlsIntake intake = new(null);
        using StreamSender broken = Connect(intake, tls: false);
        broken.SendRaw("3 abc\n3 abc"u8);
        Assert.That(broken.WaitForClose());
        using StreamSender partial = Connect(intake, tls: false);
        partial.SendRaw("10 abc"u8);
        partial.FinishSending();
        Eventually.Holds(() => intake.FramingErrors == 2, "both are counted", detail: intake.ToString);
        Assert.That(intake.FrameCount, Is.EqualTo(1));
    }

    [Test]
    public void Bad_certificates_are_refused_and_the_good_ones_taken()
    {
        using TlsIntake intake = new(TestCertificates.Server);
        IssuedCertificate[] refused = [TestCertificates.Expired, TestCertificates.WrongName, TestCertificates.UnknownAuthority];
        foreach (IssuedCertificate bad in refused)
        {
            intake.Certificate = bad;
            Assert.That(() => Connect(intake, tls: true), Throws.InstanceOf<AuthenticationException>(), bad.Certificate.Subject);
            (int exitCode, string said) = OpenSsl.Send(intake.Port, "1 x"u8.ToArray(), TestCertificates.Authority);
            Assert.That(exitCode, Is.Not.Zero, said);
        }
        foreach (IssuedCertificate good in new[] { TestCertificates.Server, TestCertificates.WithIntermediate })
        {
            intake.Certificate = good;
            using StreamSender sender = Connect(intake, tls: true);
            (int exitCode, string said) = OpenSsl.Send(intake.Port, "1 x"u8.ToArray(), TestCertificates.Authority);
            Assert.That(exitCode, Is.Zero, said);
        }
        intake.WaitForFrames(2);
    }

    [Test]
    public void A_client_certificate_is_required_when_asked_for()
    {
        using TlsIntake intake = new(TestCertificates.Server) { RequireClientFrom = TestCertificates.Authority };
        using (StreamSender known = Connect(intake, tls: true, TestCertificates.Client))
        {
            known.Send("seq=0"u8);
            intake.WaitForFrames(1);
        }
        Assert.That(intake.LastClient, Is.EqualTo("CN=test client"));
        foreach (IssuedCertificate? client in new[] { null, TestCertificates.UnknownClient })
        {
            int before = intake.HandshakeFailures;
            // TLS 1.3 tells a client of its refusal only after the client's own hand-shake is done.
            try
            {
                using StreamSender sender = Connect(intake, tls: true, client);
                Assert.That(sender.WaitForClose());
            }
            catch (Exception refused) when (refused is AuthenticationException or IOException)
            {
            }
            Eventually.Holds(() => intake.HandshakeFailures == before + 1, "the hand-shake failed");
        }
        Assert.That(intake.FrameCount, Is.EqualTo(1));
    }

    private static StreamSender Connect(TlsIntake intake, bool tls, IssuedCertificate? client = null) => tls
        ? StreamSender.Tls(intake.Port, Framing.OctetCounted, TestCertificates.Authority, client: client)
        : StreamSender.Tcp(intake.Port, Framing.OctetCounted);
}
