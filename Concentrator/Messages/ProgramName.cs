namespace Concentrator.Messages;

/// <summary>The program without what stands behind a slash, a colon or a bracket in its name: rsyslog's property <c>programname</c>.</summary>
internal static class ProgramName
{
    /// <summary>A view of the field: <c>postfix</c> of <c>postfix/smtpd</c>.</summary>
    public static ReadOnlySpan<byte> Of(ReadOnlySpan<byte> appName)
    {
        int end = appName.IndexOfAny((byte)'/', (byte)':', (byte)'[');
        return end < 0 ? appName : appName[..end];
    }
}
