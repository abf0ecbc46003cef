namespace Concentrator.Configuration.Options;

/// <summary>The kind of a listener's socket.</summary>
internal enum Transport : byte
{
    UnixDatagram,
    UnixStream,
    Udp,
    Tcp,
    Tls,
}
