using Concentrator.Bytes;

namespace Concentrator.Messages.HAProxyLines;

/// <summary>A session's line behind its times: <c>6 -- 1/1/0/0/0 0/0</c>.</summary>
internal static class SessionEnd
{
    public static LineKind Scan(ReadOnlySpan<byte> rest, ref HAProxyLine line)
    {
        int end = rest.IndexOf((byte)' ');
        if (end < 0) return HAProxyLineScanner.Cut(ref line);
        if (end == 0) return HAProxyLineScanner.Unknown(rest, ref line);
        rest = rest[(end + 1)..];
        if (rest.Length < 3) return HAProxyLineScanner.Cut(ref line);
        if (rest[2] != ' ' || rest[..2].Contains((byte)' ')) return HAProxyLineScanner.Unknown(rest, ref line);
        line.Cause = rest[0];
        line.Phase = rest[1];
        line.ResponseTime = line.ActiveTime = -1;
        rest = rest[3..];
        if (rest.IsEmpty) return HAProxyLineScanner.Cut(ref line);
        if (!Digits.IsDigit(rest[0])) return HAProxyLineScanner.Unknown(rest, ref line);
        end = rest.IndexOf((byte)' ');
        if (end < 0 || end == rest.Length - 1) return HAProxyLineScanner.Cut(ref line);
        line.IsTraffic = true;
        return LineKind.TcpSession;
    }
}
