namespace Concentrator.Messages;

/// <summary>The program name up to the first slash, colon or bracket: rsyslog's property <c>programname</c>.</summary>
internal static class ProgramName
{
    /// <summary>A view of the field: <c>postfix</c> of <c>postfix/smtpd</c>.</summary>
    public static ReadOnlySpan<byte> Of(ReadOnlySpan<byte> appName)
    {
        int end = appName.IndexOfAny((byte)'/', (byte)':', (byte)'[');
        return end < 0 ? appName : appName[..end];
    }
}
