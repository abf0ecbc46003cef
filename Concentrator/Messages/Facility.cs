namespace Concentrator.Messages;

/// <summary>The facility of a message: PRI / 8 (RFC 5424 section 6.2.1, table 1). Values 0 to 23.</summary>
internal enum Facility : byte
{
    Kern, User, Mail, Daemon, Auth, Syslog, Lpr, News, Uucp, Cron, AuthPriv, Ftp,
    Ntp, Audit, Alert, Clock, Local0, Local1, Local2, Local3, Local4, Local5, Local6, Local7,
}
