using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Concentrator.Configuration.Options;

/// <summary>
/// A name of Linux's abstract namespace of unix sockets (unix(7)), as HAProxy writes it. It is no file: it has no mode, needs no directory, and is
/// seen from every chroot and mount namespace, though not from another network namespace. Datagram and stream sockets have names of their own.
/// </summary>
/// <param name="Text">What follows the <c>@</c>: 1 to <see cref="Longest"/> bytes of UTF-8.</param>
/// <param name="IsPadded">
/// <c>abns@</c>: HAProxy fills the address up with NULs, which are part of the name. <c>abnsz@</c> (HAProxy 3.1 and later), and what systemd
/// and most others make: the name ends with its text. The two are different sockets.
/// </param>
internal sealed record AbstractName(string Text, bool IsPadded)
{
    public const string PaddedKind = "abns@";

    public const string ShortKind = "abnsz@";

    /// <summary>Bytes of a whole name behind its first NUL: sun_path has 108.</summary>
    public const int Longest = 107;

    /// <summary>All of the name as the kernel has it, its first NUL and its padding included.</summary>
    public string Whole => "\0" + Text + (IsPadded ? new string('\0', Math.Max(0, Longest - Encoding.UTF8.GetByteCount(Text))) : "");

    public UnixDomainSocketEndPoint EndPoint => new(Whole);

    /// <summary>The name as /proc/net/unix shows it.</summary>
    public string Shown => Whole.Replace('\0', '@');

    /// <summary>Whether both name one socket: with a text that leaves no room for padding the two kinds do.</summary>
    public bool IsSame(AbstractName? other) => other is not null && other.Whole == Whole;

    /// <summary>Null where the text does not begin with one of the two kinds.</summary>
    public static AbstractName? TryParse(string text) =>
        text.StartsWith(PaddedKind, StringComparison.OrdinalIgnoreCase) ? new AbstractName(text[PaddedKind.Length..], IsPadded: true)
        : text.StartsWith(ShortKind, StringComparison.OrdinalIgnoreCase) ? new AbstractName(text[ShortKind.Length..], IsPadded: false)
        : null;

    /// <summary>What a socket is bound to; null where that is no abstract name.</summary>
    public static AbstractName? Of(EndPoint? bound)
    {
        if (bound is not UnixDomainSocketEndPoint unix) return null;
        SocketAddress address = unix.Serialize();

        // Family (2 bytes), then the name, whose first byte tells it from a path.
        ReadOnlySpan<byte> name = address.Buffer.Span[2..address.Size];
        if (name.Length < 2 || name[0] != 0) return null;
        bool isPadded = name.Length == Longest + 1;
        string text = Encoding.UTF8.GetString(name[1..]);
        return new AbstractName(isPadded ? text.TrimEnd('\0') : text, isPadded);
    }

    /// <summary>As HAProxy and the configuration write it.</summary>
    public override string ToString() => (IsPadded ? PaddedKind : ShortKind) + Text;
}
