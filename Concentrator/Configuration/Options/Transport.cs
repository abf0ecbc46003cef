namespace Concentrator.Configuration.Options;

/// <summary>The kind of a listener's socket.</summary>
internal enum Transport : byte
{
    UnixDatagram,
    UnixStream,
    Udp,
    Tcp,
    Tls,

    /// <summary>No socket of its own: a client of NATS servers, which fetches from a stream.</summary>
    Nats,
}
