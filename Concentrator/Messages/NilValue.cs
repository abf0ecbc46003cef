namespace Concentrator.Messages;

/// <summary>
/// The single <c>-</c> that represents a missing field (RFC 5424 section 6). Relays that convert RFC 5424 to RFC 3164
/// leave it in place of the host or the tag, so it means the same there.
/// </summary>
internal static class NilValue
{
    public static ReadOnlySpan<byte> ToEmpty(ReadOnlySpan<byte> field) => field.Length == 1 && field[0] == '-' ? [] : field;
}
