namespace Concentrator.Tests.Parsing;

/// <summary>Whose fields a shape of header must give.</summary>
internal enum Reader
{
    /// <summary>rsyslog 8.2302, over UDP.</summary>
    Rsyslog,

    /// <summary>syslog-ng 3.38, <c>network()</c>; rsyslog reads something else from it.</summary>
    SyslogNg,

    /// <summary>syslog-ng 3.38, <c>syslog()</c>; rsyslog reads something else from it.</summary>
    SyslogNgSyslog,

    /// <summary>Neither of them finds its fields.</summary>
    Nobody,
}

/// <summary>
/// One shape of header that senders write and no RFC describes. <paramref name="Expected"/> reads
/// <c>timestamp|host|app|procid|msgid|text</c>. None of them counts as malformed.
/// </summary>
internal sealed record HeaderShape(string Name, string Frame, string Expected, Reader Reader)
{
    public override string ToString() => Name;
}

internal static class HeaderShapes
{
    public static readonly IReadOnlyList<HeaderShape> All =
    [
        new("a blank behind the PRI", "<38> Mar  7 11:22:33 host app[12]: text", "Mar  7 11:22:33|host|app|12||text", Reader.Rsyslog),
        new("blanks behind the PRI", "<38>  Mar  7 11:22:33 host app[12]: text", "Mar  7 11:22:33|host|app|12||text", Reader.SyslogNg),
        new("a blank before an ISO date", "<38> 2026-11-28T12:17:46Z host app[12]: text", "2026-11-28T12:17:46Z|host|app|12||text", Reader.SyslogNg),
        new("a blank before RFC 5424", "<38> 1 2026-11-28T12:17:46Z host app 12 id - text", "2026-11-28T12:17:46Z|host|app|12|id|text", Reader.Nobody),

        new("Cisco ASA's date with a colon", "<14>May 21 2017 00:00:00: %ASA-4-102030: text", "May 21 2017 00:00:00||%ASA-4-102030|||text", Reader.Rsyslog),
        new("a date with a colon and no year", "<14>May 21 00:00:00: %ASA-4-102030: text", "May 21 00:00:00||%ASA-4-102030|||text", Reader.Rsyslog),
        new("a date with a colon, and a host", "<14>May 21 00:00:00: host app[12]: text", "May 21 00:00:00|host|app|12||text", Reader.Rsyslog),
        new("an ISO date with a colon", "<166>2026-11-28T12:17:46Z: %FTD-6-430003: text", "2026-11-28T12:17:46Z||%FTD-6-430003|||text", Reader.SyslogNg),

        new("a month in capitals", "<14>NOV 22 06:13:25 host app[12]: text", "NOV 22 06:13:25|host|app|12||text", Reader.Rsyslog),
        new("a month in small letters", "<14>nov 22 06:13:25 host app[12]: text", "nov 22 06:13:25|host|app|12||text", Reader.Rsyslog),
        new("an hour of one digit", "<14>Nov 22 6:13:25 host app[12]: text", "Nov 22 6:13:25|host|app|12||text", Reader.Rsyslog),
        new("a year before the month", "<13>2026 Nov 22 06:13:25 host app: text", "2026 Nov 22 06:13:25|host|app|||text", Reader.Rsyslog),
        new("a year before the month, a fraction", "<13>2026 Nov  2 06:13:25.123 host app: text", "2026 Nov  2 06:13:25.123|host|app|||text", Reader.Rsyslog),
        new("a year before the month, a colon", "<13>2026 Nov 22 06:13:25: %ASA-1: text", "2026 Nov 22 06:13:25||%ASA-1|||text", Reader.Rsyslog),

        new("a tag without a colon", "<14>Nov 22 06:13:25 tag[1234] some text", "Nov 22 06:13:25||tag|1234||some text", Reader.Rsyslog),
        new("a host and a tag without a colon", "<14>Nov 22 06:13:25 host tag[1234] some text", "Nov 22 06:13:25|host|tag|1234||some text", Reader.Rsyslog),
        new("a tag without a colon, letters in its brackets", "<14>Nov 22 06:13:25 host tag[ab] some text", "Nov 22 06:13:25|host|tag|ab||some text", Reader.Rsyslog),
        new("a tag without a date", "<142>myapp: text", "||myapp|||text", Reader.Rsyslog),
        new("a tag and a pid without a date", "<142>myapp[12]: text", "||myapp|12||text", Reader.Rsyslog),

        new("an IPv6 address that ends with colons", "<14>Nov 22 06:13:25 0002:: openvpn[2499]: text", "Nov 22 06:13:25|0002::|openvpn|2499||text", Reader.SyslogNg),
        new("an IPv6 address that begins with colons", "<14>Nov 22 06:13:25 ::0002 openvpn[2499]: text", "Nov 22 06:13:25|::0002|openvpn|2499||text", Reader.SyslogNg),
        new("an empty host", "<189>Nov 22 06:13:25  ngerr: text", "Nov 22 06:13:25||ngerr|||text", Reader.SyslogNg),
        new("two blanks behind the host", "<189>Nov 22 06:13:25 host  app[12]: text", "Nov 22 06:13:25|host|app|12||text", Reader.SyslogNg),

        new("Cisco FTD's host and an empty tag", "<166>2026-11-28T12:17:46Z fw1 : %FTD-6-430003: text", "2026-11-28T12:17:46Z|fw1||||%FTD-6-430003: text", Reader.Rsyslog),
        new("an empty tag behind a BSD date", "<166>May 21 2017 00:00:00 fw1 : %ASA-4-102030: text", "May 21 2017 00:00:00|fw1||||%ASA-4-102030: text", Reader.Rsyslog),
        new("an empty tag and no host", "<166>2026-11-28T12:17:46Z : %FTD-6-430003: text", "2026-11-28T12:17:46Z|||||%FTD-6-430003: text", Reader.Rsyslog),

        new("RFC 5424, an offset without a colon", "<13>1 2026-11-28T12:17:46+0100 host app 12 id - text", "2026-11-28T12:17:46+0100|host|app|12|id|text", Reader.Nobody),
        new("RFC 5424, an offset of hours", "<13>1 2026-11-28T12:17:46+01 host app 12 id - text", "2026-11-28T12:17:46+01|host|app|12|id|text", Reader.Nobody),
        new("RFC 5424, small t and z", "<13>1 2026-11-28t12:17:46.123z host app 12 id - text", "2026-11-28t12:17:46.123z|host|app|12|id|text", Reader.Nobody),
        new("RFC 5424, no seconds", "<13>1 2026-11-28T12:17Z host app 12 id - text", "2026-11-28T12:17Z|host|app|12|id|text", Reader.Nobody),
        new("RFC 5424, no seconds and no zone", "<13>1 2026-11-28T12:17 host app 12 id - text", "2026-11-28T12:17|host|app|12|id|text", Reader.Nobody),
        new("RFC 5424, a blank for the T", "<13>1 2026-11-28 12:17:46Z host app 12 id - text", "2026-11-28 12:17:46Z|host|app|12|id|text", Reader.SyslogNgSyslog),
        new("RFC 5424, a blank for the T and no zone", "<13>1 2026-11-28 12:17:46 host app 12 id - text", "2026-11-28 12:17:46|host|app|12|id|text", Reader.SyslogNgSyslog),
        new("RFC 5424, a blank before the zone too", "<13>1 2026-11-28 12:17:46 +01:00 host app 12 id - text", "2026-11-28 12:17:46 +01:00|host|app|12|id|text", Reader.Nobody),
        new("RFC 5424, no zone", "<13>1 2026-11-28T12:17:46 host app 12 id - text", "2026-11-28T12:17:46|host|app|12|id|text", Reader.SyslogNgSyslog),
        new("RFC 5424, a fraction and no zone", "<13>1 2026-11-28T12:17:46.123 host app 12 id - text", "2026-11-28T12:17:46.123|host|app|12|id|text", Reader.SyslogNgSyslog),

        new("loggen's ISO date without zone", "<38>2026-11-28T19:05:48 localhost prg00000[1234]: seq", "2026-11-28T19:05:48|localhost|prg00000|1234||seq", Reader.SyslogNg),
        new("an ISO date with a fraction and no zone", "<38>2026-11-28T19:05:48.123 localhost prg00000[1234]: seq", "2026-11-28T19:05:48.123|localhost|prg00000|1234||seq", Reader.SyslogNg),
        new("an ISO date with a blank", "<38>2026-11-28 19:05:48 localhost prg00000[1234]: seq", "2026-11-28 19:05:48|localhost|prg00000|1234||seq", Reader.SyslogNg),
        new("an ISO date, an offset without a colon", "<38>2026-11-28T19:05:48+0100 host app[1234]: seq", "2026-11-28T19:05:48+0100|host|app|1234||seq", Reader.Nobody),
        new("an ISO date, small t and z", "<38>2026-11-28t19:05:48z host app[1234]: seq", "2026-11-28t19:05:48z|host|app|1234||seq", Reader.Nobody),

        new("RFC 3164 without PRI", "Nov 22 06:13:25 host app[12]: text", "Nov 22 06:13:25|host|app|12||text", Reader.Rsyslog),
        new("RFC 3164 without PRI and host", "Nov 22 06:13:25 app[12]: text", "Nov 22 06:13:25||app|12||text", Reader.Rsyslog),
        new("an ISO date without PRI", "2026-11-28T12:17:46Z host app[12]: text", "2026-11-28T12:17:46Z|host|app|12||text", Reader.Rsyslog),
        new("RFC 5424 without PRI", "1 2026-11-28T12:17:46Z host app 12 id - text", "2026-11-28T12:17:46Z|host|app|12|id|text", Reader.Rsyslog),
    ];
}
