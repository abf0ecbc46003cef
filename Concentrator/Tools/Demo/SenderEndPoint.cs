using System.Net;
using System.Net.Sockets;
using Concentrator.Ingest;

namespace Concentrator.Tools.Demo;

/// <summary>Where a sender finds its listener, and, for TLS, whom it may trust.</summary>
internal sealed record SenderEndPoint(EndPoint EndPoint, string CaFile)
{
    /// <param name="listener">Bound.</param>
    public static SenderEndPoint Of(Listener listener, DemoDirectory directory) =>
        new(listener.BoundEndPoint ?? new UnixDomainSocketEndPoint(listener.Options.Address.Path!), directory.CaFile);
}
