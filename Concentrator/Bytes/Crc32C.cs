using System.Numerics;
using System.Runtime.InteropServices;

namespace Concentrator.Bytes;

/// <summary>CRC-32C (Castagnoli, reflected, RFC 3720 appendix B.4), computed by the processor's instruction where it has one.</summary>
internal static class Crc32C
{
    /// <summary>The checksum of all of <paramref name="bytes"/>.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes) => Finish(Append(Start, bytes));

    /// <summary>State before the first byte, for a checksum taken in pieces.</summary>
    public const uint Start = uint.MaxValue;

    /// <summary>The state after some more bytes.</summary>
    public static uint Append(uint state, ReadOnlySpan<byte> bytes)
    {
        // The instruction takes its operand's low byte first, which is the memory order of every supported machine.
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (ulong word in words) state = BitOperations.Crc32C(state, word);
        foreach (byte last in bytes[(words.Length * sizeof(ulong))..]) state = BitOperations.Crc32C(state, last);
        return state;
    }

    /// <summary>The checksum of a state.</summary>
    public static uint Finish(uint state) => ~state;
}
