using System.Text;

namespace Concentrator.Tests.Equipment;

/// <summary>
/// A message whose <c>seq=</c> number is patched into ready bytes, so that sending is the only work of a sender. All
/// renderings have one length. Not thread-safe: one sender each.
/// </summary>
internal sealed class NumberedMessage
{
    private const string Place = "seq=#######";
    private const int Digits = 7;

    private readonly byte[] _bytes;
    private readonly int _numberAt;

    /// <param name="text">Contains <c>seq=#######</c> once; sent as UTF-8.</param>
    public NumberedMessage(string text)
    {
        _bytes = Encoding.UTF8.GetBytes(text);
        int at = _bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(Place));
        ArgumentOutOfRangeException.ThrowIfNegative(at, nameof(text));
        _numberAt = at + Place.Length - Digits;
    }

    /// <summary>As HAProxy sends an httplog line with <c>format rfc5424</c>: about 250 bytes.</summary>
    public static NumberedMessage HttpLog => new(
        "<134>1 2026-11-22T06:13:25.123456+00:00 edge haproxy 32177 - - 192.0.2.10:51124 [22/Nov/2026:06:13:25.103] web app/app1 "
        + "0/0/1/18/19 200 5120 - - ---- 12/12/3/1/0 0/0 \"GET /products/list?page=4&seq=####### HTTP/1.1\"");

    /// <summary>The same line with Debian's default header (<c>format local</c>).</summary>
    public static NumberedMessage LocalHttpLog => new(
        "<134>Nov 22 06:13:25 haproxy[32177]: 192.0.2.10:51124 [22/Nov/2026:06:13:25.103] web app/app1 "
        + "0/0/1/18/19 200 5120 - - ---- 12/12/3/1/0 0/0 \"GET /products/list?page=4&seq=####### HTTP/1.1\"");

    public int Length => _bytes.Length;

    /// <summary>The message with that number; valid until the next call.</summary>
    public ReadOnlySpan<byte> Render(int number)
    {
        for (int digit = Digits - 1; digit >= 0; digit--, number /= 10) _bytes[_numberAt + digit] = (byte)('0' + (number % 10));
        return _bytes;
    }
}
