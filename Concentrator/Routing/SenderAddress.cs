using System.Buffers.Binary;
using System.Net;

namespace Concentrator.Routing;

/// <summary>
/// The network address that a message came from, IPv4 in its IPv6-mapped form, so that one comparison covers both; or no
/// address (unix sockets).
/// </summary>
internal readonly record struct SenderAddress(UInt128 Value, bool IsKnown)
{
    private static readonly UInt128 MappedPrefix = (UInt128)0xFFFF << 32;

    public static SenderAddress FromIPv4(uint address) => new(MappedPrefix | address, true);

    /// <summary>The address of a peer; not known at a unix socket.</summary>
    public static SenderAddress Of(EndPoint? peer) => peer is IPEndPoint network ? From(network.Address) : default;

    public static SenderAddress From(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        return address.TryWriteBytes(bytes, out int written) && written == 4
            ? FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(bytes))
            : new SenderAddress(BinaryPrimitives.ReadUInt128BigEndian(bytes), true);
    }

    /// <summary>The address to display, as IPv4 if it is one. Allocates.</summary>
    public IPAddress ToIPAddress()
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, Value);
        return Value >> 32 == 0xFFFF ? new IPAddress(bytes[12..]) : new IPAddress(bytes);
    }
}

/// <summary>A network that senders may belong to.</summary>
internal sealed class SenderNetwork
{
    private readonly UInt128 _base;
    private readonly UInt128 _mask;

    public SenderNetwork(IPNetwork network)
    {
        int prefix = network.PrefixLength + (network.BaseAddress.GetAddressBytes().Length == 4 ? 96 : 0);
        _mask = prefix == 0 ? UInt128.Zero : UInt128.MaxValue << (128 - prefix);
        _base = SenderAddress.From(network.BaseAddress).Value & _mask;
    }

    public bool Contains(SenderAddress sender) => sender.IsKnown && (sender.Value & _mask) == _base;
}
