using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Concentrator.Configuration.Options;

/// <summary>
/// A name in Linux's abstract namespace of unix sockets (unix(7)), as HAProxy writes it. It is not a file: it has no mode, needs no
/// directory, and is visible from every chroot and mount namespace, but not from another network namespace. Datagram and stream
/// sockets have separate names.
/// </summary>
/// <param name="Text">The part after the <c>@</c>: 1 to <see cref="Longest"/> bytes of UTF-8.</param>
/// <param name="IsPadded">
/// <c>abns@</c>: HAProxy pads the address with NULs, which are part of the name. <c>abnsz@</c> (HAProxy 3.1 and later), systemd and
/// most others: the name ends with its text. The two are different sockets.
/// </param>
internal sealed record AbstractName(string Text, bool IsPadded)
{
    public const string PaddedKind = "abns@";

    public const string ShortKind = "abnsz@";

    /// <summary>Bytes of the longest name after its first NUL: sun_path has 108.</summary>
    public const int Longest = 107;

    /// <summary>The whole name as the kernel has it, including the first NUL and the padding.</summary>
    public string Whole => "\0" + Text + (IsPadded ? new string('\0', Math.Max(0, Longest - Encoding.UTF8.GetByteCount(Text))) : "");

    public UnixDomainSocketEndPoint EndPoint => new(Whole);

    /// <summary>The name as /proc/net/unix shows it.</summary>
    public string Shown => Whole.Replace('\0', '@');

    /// <summary>Whether both name the same socket; the two kinds do if the text leaves no room for padding.</summary>
    public bool IsSame(AbstractName? other) => other is not null && other.Whole == Whole;

    /// <summary>Parses a name; null if the text begins with neither of the two kinds.</summary>
    public static AbstractName? TryParse(string text) =>
        text.StartsWith(PaddedKind, StringComparison.OrdinalIgnoreCase) ? new AbstractName(text[PaddedKind.Length..], IsPadded: true)
        : text.StartsWith(ShortKind, StringComparison.OrdinalIgnoreCase) ? new AbstractName(text[ShortKind.Length..], IsPadded: false)
        : null;

    /// <summary>The abstract name that a socket is bound to, or null.</summary>
    public static AbstractName? Of(EndPoint? bound)
    {
        if (bound is not UnixDomainSocketEndPoint unix) return null;
        SocketAddress address = unix.Serialize();

        // Family (2 bytes), then the name; its first byte tells it from a path.
        ReadOnlySpan<byte> name = address.Buffer.Span[2..address.Size];
        if (name.Length < 2 || name[0] != 0) return null;
        bool isPadded = name.Length == Longest + 1;
        string text = Encoding.UTF8.GetString(name[1..]);
        return new AbstractName(isPadded ? text.TrimEnd('\0') : text, isPadded);
    }

    /// <summary>The form used by HAProxy and the configuration.</summary>
    public override string ToString() => (IsPadded ? PaddedKind : ShortKind) + Text;
}
