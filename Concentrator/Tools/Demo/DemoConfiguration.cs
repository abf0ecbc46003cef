using System.Net;
using Concentrator.Configuration.Options;
using Concentrator.Tools.Rehearsal;

namespace Concentrator.Tools.Demo;

/// <summary>The server's options: one listener per sender, and everything to a file and to the intake.</summary>
internal static class DemoConfiguration
{
    public const string File = "haproxy.log";

    public const string Relay = "intake";

    /// <summary>In bytes. Every kernel grants this much without a privilege or a warning.</summary>
    private const int ReceiveBuffer = 200 * 1024;

    public static ServerOptions For(
        DemoPlan plan, DemoDirectory directory, ThrowAwayCertificate certificate, IPEndPoint intake, Secret intakeKey) => new()
        {
            Listeners = [.. plan.Senders.Select(sender => Listener(sender, directory, certificate))],
            Outputs =
        [
            new FileOutputOptions { Name = File, Path = directory.LogFile, Format = FileFormat.Traditional },
            new RelayOutputOptions
            {
                Name = Relay,
                Endpoints = new RelayEndpoints([new RelayEndpoint(intake.Address.ToString(), intake.Port)]),
                IntakeKey = intakeKey,
                Tls = new RelayTlsOptions { CaFile = certificate.CaFile, ServerName = ThrowAwayCertificate.ServerName },
            },
        ],
            Routes = [new RouteOptions { Index = 0, To = [File, Relay] }],
            Spool = new SpoolOptions { Directory = directory.Spool },
            Monitoring = null,
            ShutdownTimeout = TimeSpan.FromSeconds(5),
        };

    private static ListenerOptions Listener(SenderPlan sender, DemoDirectory directory, ThrowAwayCertificate certificate) => new()
    {
        Name = sender.Listener,
        Address = sender.Transport == Transport.UnixDatagram
            ? new ListenAddress(sender.Transport, directory.Socket, null)
            : new ListenAddress(sender.Transport, null, new IPEndPoint(IPAddress.Loopback, 0)),
        ReceiveBuffer = ReceiveBuffer,
        MaxMessageSize = sender.Transport is Transport.UnixDatagram or Transport.Udp
            ? ListenerOptions.DefaultDatagramSize
            : ListenerOptions.DefaultStreamSize,
        Tls = sender.Transport == Transport.Tls
            ? new ListenerTlsOptions { CertificateFile = certificate.CertificateFile, KeyFile = certificate.KeyFile }
            : null,
    };
}
