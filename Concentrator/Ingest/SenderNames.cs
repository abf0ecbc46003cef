using System.Net;
using Concentrator.Routing;

namespace Concentrator.Ingest;

/// <summary>
/// Senders' addresses as text, remembered: the same few hosts send almost everything. Direct-mapped and of fixed size, so a
/// flood of forged addresses costs each message its own formatting and nothing more. Owned by one lane.
/// </summary>
internal sealed class SenderNames
{
    private const int Entries = 256;
    private const int LongestAddress = 45;

    private readonly SenderAddress[] _addresses = new SenderAddress[Entries];
    private readonly byte[][] _names = new byte[Entries][];

    /// <summary>The address as a syslog HOSTNAME; valid until the next call.</summary>
    public ReadOnlySpan<byte> NameOf(SenderAddress sender)
    {
        int entry = sender.Value.GetHashCode() & (Entries - 1);
        if (_addresses[entry] != sender || _names[entry] is null) Fill(entry, sender);
        return _names[entry];
    }

    private void Fill(int entry, SenderAddress sender)
    {
        Span<byte> text = stackalloc byte[LongestAddress + 20];
        IPAddress address = sender.ToIPAddress();
        _addresses[entry] = sender;
        _names[entry] = address.TryFormat(text, out int written) ? text[..written].ToArray() : [];
    }
}
