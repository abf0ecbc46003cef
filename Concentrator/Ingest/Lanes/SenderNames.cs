using System.Net;
using System.Text;
using Concentrator.Routing;

namespace Concentrator.Ingest.Lanes;

/// <summary>
/// Senders' addresses as text, remembered: the same few hosts send almost everything. Direct-mapped and of fixed size, so a
/// flood of forged addresses costs each message its own formatting and nothing more. Owned by one lane.
/// </summary>
/// <param name="host">This host: what comes from a loopback address was sent here (HAProxy's <c>log 127.0.0.1 local0</c>).</param>
internal sealed class SenderNames(HostName host)
{
    private const int Entries = 256;

    private readonly SenderAddress[] _addresses = new SenderAddress[Entries];

    // Null: this host's own name, which may change.
    private readonly byte[]?[] _names = new byte[]?[Entries];

    /// <summary>A sender's address as a syslog HOSTNAME; null for a loopback address, for which this host's name stands. Allocates.</summary>
    public static byte[]? AddressOf(IPAddress sender) => IPAddress.IsLoopback(sender) ? null : Encoding.ASCII.GetBytes(sender.ToString());

    /// <summary>A sender's address, or this host's name, remembered; valid until the next call.</summary>
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
