using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Concentrator.Bytes;

namespace Concentrator.Messages.HAProxyLines;

// Where the words end is known from a few looks at 32 or 64 bytes, each taken where the words before end, so that it does not matter how long the names
// are. The numbers are checked by their bits; no byte is read by itself but where it says something.

/// <summary>
/// The line that HAProxy writes most, read in few steps: a request of <c>option httplog</c> with all its times and a status, no cookie captured. What it
/// leaves to <see cref="HAProxyLineScanner"/> is read there with the same result, more slowly.
/// </summary>
internal static class CommonRequest
{
    /// <summary>Bytes of <c>[22/Nov/2026:06:04:19.212]</c>.</summary>
    private const int DateLength = 26;

    /// <summary>Bytes of a short look.</summary>
    private const int Half = ByteMask.Length / 2;

    /// <summary>Digits of the longest number that is read here.</summary>
    private const int MostDigits = 8;

    private const int StatusLength = 3;

    /// <summary>Bytes of <c>- - ---- </c>.</summary>
    private const int StateLength = 9;

    /// <summary>Reads the line up to its request.</summary>
    /// <param name="text">A message's text, without its header.</param>
    /// <param name="line">Changed only if the line is read.</param>
    /// <param name="request">Where its request, or the captured headers before that, begins.</param>
    /// <returns>Whether the line was read; its client is then an address, and its date has the right form.</returns>
    public static bool TryScan(ReadOnlySpan<byte> text, ref HAProxyLine line, out int request)
    {
        request = 0;
        if (text.Length < 2 * ByteMask.Length) return false;
        ref byte start = ref MemoryMarshal.GetReference(text);

        // 127.0.0.1:48907 [22/Nov/2026:06:04:19.212]
        uint found = ByteMask.OfHalf(ref start, (byte)' ');
        int client = found != 0 ? BitOperations.TrailingZeroCount(found) : BitOperations.TrailingZeroCount(ByteMask.Of(ref start, (byte)' '));
        if (client is 0 or >= ByteMask.Length || !HAProxyLineScanner.IsAddress(text[..client])) return false;
        ReadOnlySpan<byte> date = text.Slice(client + 1, DateLength);
        if (BitOperations.TrailingZeroCount(ByteMask.OfHalf(ref Unsafe.Add(ref start, client + 1), (byte)' ')) != DateLength || !HAProxyLineScanner.IsDate(date)) return false;

        // www~ be_app/app1
        int names = client + 1 + DateLength + 1;
        if (names + ByteMask.Length > text.Length) return false;
        ulong blanks = ByteMask.Of(ref Unsafe.Add(ref start, names), (byte)' ');
        int frontend = BitOperations.TrailingZeroCount(blanks);
        blanks = Next(blanks);
        if (blanks == 0 || frontend == 0 || text[names + frontend - 1] == ':') return false;
        int timers = names + BitOperations.TrailingZeroCount(blanks) + 1;
        if (timers + ByteMask.Length > text.Length) return false;
        int server = names + frontend + 1;
        int backend = BitOperations.TrailingZeroCount(ByteMask.OfHalf(ref Unsafe.Add(ref start, server), (byte)'/'));
        if (backend is 0 or Half || backend >= timers - 1 - server) return false;

        // 0/0/1/18/19 200 5120: numbers with one other byte behind each.
        ref byte first = ref Unsafe.Add(ref start, timers);
        ulong others = ByteMask.OfNonDigits(ref first);
        ulong adjacent = (others & (others << 1)) | (others & 1);
        int one = Take(ref others), two = Take(ref others), waited = Take(ref others), answered = Take(ref others), last = Take(ref others);
        int status = Take(ref others), bytes = Take(ref others);
        if (bytes >= ByteMask.Length - StateLength || (adjacent & ((2UL << bytes) - 1)) != 0 || status != last + 1 + StatusLength
            || At(ref first, one) != '/' || At(ref first, two) != '/' || At(ref first, waited) != '/' || At(ref first, answered) != '/'
            || At(ref first, last) != ' ' || At(ref first, status) != ' ' || answered - waited > MostDigits + 1 || last - answered > MostDigits + 1)
            return false;

        //  - - ---- 12/12/3/1/0 0/0
        int counts = timers + bytes + 1 + StateLength;
        if (counts + Half > text.Length) return false;
        ref byte state = ref Unsafe.Add(ref first, bytes);
        if (Unsafe.ReadUnaligned<uint>(ref state) != Unsafe.ReadUnaligned<uint>(ref MemoryMarshal.GetReference(" - - "u8)) || At(ref state, 4) != ' ' || At(ref state, StateLength) != ' '
            || At(ref state, 5) == ' ' || At(ref state, 6) == ' ' || At(ref state, 7) == ' ' || At(ref state, 8) == ' ')
            return false;
        found = ByteMask.OfHalf(ref Unsafe.Add(ref start, counts), (byte)' ');
        int queues = counts + BitOperations.TrailingZeroCount(found) + 1;
        found &= found - 1;
        if (found == 0 || !Digits.IsDigit(text[counts]) || !Digits.IsDigit(text[queues])) return false;

        line.Frontend = text.Slice(names, text[names + frontend - 1] == '~' ? frontend - 1 : frontend);
        line.Backend = text.Slice(server, backend);
        line.ResponseTime = Number(ref first, answered, answered - waited - 1);
        line.ActiveTime = Number(ref first, last, last - answered - 1);
        line.Status = Number(ref first, status, StatusLength);
        line.Cause = At(ref state, 5);
        line.Phase = At(ref state, 6);
        line.IsTraffic = true;
        request = counts + BitOperations.TrailingZeroCount(found) + 1;
        return true;
    }

    private static ulong Next(ulong bits) => bits & (bits - 1);

    /// <summary>Takes the lowest bit and returns its number; 64 if there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Take(ref ulong bits)
    {
        int number = BitOperations.TrailingZeroCount(bits);
        bits = Next(bits);
        return number;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte At(ref byte first, int at) => Unsafe.Add(ref first, at);

    /// <summary>The number of 1 to 8 digits that ends before <paramref name="end"/>, all at once; at least eight bytes of the line stand before it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Number(ref byte first, int end, int digits)
    {
        ulong value = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref first, end - MostDigits)) & 0x0F0F_0F0F_0F0F_0F0F;
        int others = 8 * (MostDigits - digits);
        value = value >> others << others;
        value = (value * (10 * 256 + 1)) >> 8;
        value = ((value & 0x00FF_00FF_00FF_00FF) * (100 * 65_536 + 1)) >> 16;
        return (int)(((value & 0x0000_FFFF_0000_FFFF) * (10_000UL * 4_294_967_296 + 1)) >> 32);
    }
}
