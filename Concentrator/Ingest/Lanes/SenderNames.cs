using System.Net;
using System.Text;
using Concentrator.Routing;

namespace Concentrator.Ingest.Lanes;

/// <summary>
/// A cache of senders' addresses as text: a few hosts send almost everything. Direct-mapped and of fixed size, so a flood of
/// forged addresses only costs each message its own formatting. Owned by one lane.
/// </summary>
/// <param name="host">This host's name, for messages from loopback addresses (HAProxy's <c>log 127.0.0.1 local0</c>).</param>
internal sealed class SenderNames(HostName host)
{
    private const int Entries = 256;

    private readonly SenderAddress[] _addresses = new SenderAddress[Entries];

    // Null means this host's own name, which may change.
    private readonly byte[]?[] _names = new byte[]?[Entries];

    /// <summary>A sender's address as a syslog HOSTNAME; null for a loopback address, where this host's name is used. Allocates.</summary>
    public static byte[]? AddressOf(IPAddress sender) => IPAddress.IsLoopback(sender) ? null : Encoding.ASCII.GetBytes(sender.ToString());

    /// <summary>A sender's address, or this host's name, from the cache; valid until the next call.</summary>
    public ReadOnlySpan<byte> NameOf(SenderAddress sender)
    {
        int entry = sender.Value.GetHashCode() & (Entries - 1);
        if (_addresses[entry] != sender) Fill(entry, sender);
        return _names[entry] ?? host.Bytes;
    }

    private void Fill(int entry, SenderAddress sender)
    {
        _addresses[entry] = sender;
        _names[entry] = AddressOf(sender.ToIPAddress());
    }
}
