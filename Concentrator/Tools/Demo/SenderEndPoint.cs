using System.Net;
using System.Net.Sockets;
using Concentrator.Ingest;

namespace Concentrator.Tools.Demo;

/// <summary>The address of a sender's listener and, for TLS, the CA to trust.</summary>
internal sealed record SenderEndPoint(EndPoint EndPoint, string CaFile)
{
    /// <param name="listener">A bound listener.</param>
    public static SenderEndPoint Of(Listener listener, DemoDirectory directory) =>
        new(listener.BoundEndPoint ?? new UnixDomainSocketEndPoint(listener.Options.Address.Path!), directory.CaFile);
}
