using System.Buffers;
using System.Globalization;
using System.Text;
using Concentrator.Telemetry.Log;

namespace Concentrator.Taps;

/// <summary>
/// Bytes of a sender as text for people and JSON. Bytes 0 to 31 and 127 become <c>#</c> and three octal digits, as in our files; so do the
/// bytes of C1 controls (U+0080 to U+009F) and bytes that are not UTF-8, so that no message can send a sequence to a terminal, and none
/// hides a byte. Intake keys are masked.
/// </summary>
internal static class VisibleText
{
    /// <summary>The text of these bytes. Allocates.</summary>
    public static string Of(ReadOnlySpan<byte> bytes, KeyMask keys)
    {
        StringBuilder text = new(bytes.Length + 16);
        while (!bytes.IsEmpty)
        {
            OperationStatus status = Rune.DecodeFromUtf8(bytes, out Rune rune, out int length);
            if (status == OperationStatus.Done && !Rune.IsControl(rune)) text.Append(rune);
            else foreach (byte hidden in bytes[..length]) AppendOctal(text, hidden);
            bytes = bytes[length..];
        }
        return keys.Hide(text.ToString());
    }

    private static void AppendOctal(StringBuilder text, byte value) => text.Append(
        CultureInfo.InvariantCulture, $"#{(char)('0' + (value >> 6))}{(char)('0' + (value >> 3 & 7))}{(char)('0' + (value & 7))}");
}
