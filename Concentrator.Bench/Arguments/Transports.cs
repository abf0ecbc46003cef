using Concentrator.Configuration.Options;

namespace Concentrator.Bench.Arguments;

/// <summary>The transports by their names, which are the prefixes of listener addresses.</summary>
internal static class Transports
{
    private static readonly (string Name, Transport Transport)[] All =
    [
        ("unix-dgram", Transport.UnixDatagram),
        ("unix-stream", Transport.UnixStream),
        ("udp", Transport.Udp),
        ("tcp", Transport.Tcp),
        ("tls", Transport.Tls),
    ];

    public static bool TryParse(string text, out Transport? transport)
    {
        int index = Array.FindIndex(All, known => known.Name == text);
        transport = index < 0 ? null : All[index].Transport;
        return index >= 0;
    }

    public static string NameOf(Transport transport) => All[Array.FindIndex(All, known => known.Transport == transport)].Name;

    public static bool IsDatagram(Transport transport) => transport is Transport.UnixDatagram or Transport.Udp;

    public static bool IsUnix(Transport transport) => transport is Transport.UnixDatagram or Transport.UnixStream;
}
