namespace Concentrator.Messages;

/// <summary>The severity of a message: PRI modulo 8 (RFC 5424 section 6.2.1, table 2). A smaller value is worse.</summary>
internal enum Severity : byte
{
    Emerg, Alert, Crit, Err, Warning, Notice, Info, Debug,
}
