using System.Buffers;

namespace Concentrator.Bytes;

/// <summary>The bytes 0 to 31 and 127, which have no place in a header.</summary>
internal static class ControlBytes
{
    private static readonly SearchValues<byte> All = SearchValues.Create([.. Enumerable.Range(0, 32).Append(127).Select(static b => (byte)b)]);

    /// <summary>The place of the first one, -1 if there is none.</summary>
    public static int IndexIn(ReadOnlySpan<byte> text) => text.IndexOfAny(All);
}
