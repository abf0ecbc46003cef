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

    /// <summary>Where <see cref="DatePattern"/> and a date with the blank behind it agree: blanks stand where a date must have none.</summary>
    private const uint DateMarks = 1 | 1 << 3 | 1 << 12 | 1 << 21 | 1 << 25 | 1 << DateLength;

    /// <summary>Bytes of a short look.</summary>
    private const int Half = ByteMask.Length / 2;

    /// <summary>Digits of the longest number that is read here.</summary>
    private const int MostDigits = 8;

    private const int StatusLength = 3;

    /// <summary>Bytes of <c> - - ---- </c>, with both blanks around it.</summary>
    private const int StateLength = 10;

    /// <summary>Its blanks.</summary>
    private const uint StateBlanks = 1 | 1 << 2 | 1 << 4 | 1 << 9;

    private static ReadOnlySpan<byte> DatePattern => "[  /        :        .   ]      "u8;

    /// <summary>Reads the line up to its request.</summary>
    /// <param name="text">A message's text, without its header.</param>
    /// <param name="recent">The names of a line before it, which this one may have too.</param>
    /// <param name="line">Its fields are set; some of them also if the line is not read.</param>
    /// <param name="request">Where its request, or the captured headers before that, begins.</param>
    /// <returns>Whether the line was read; its client is then an address, and its date has the right form.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryScan(ReadOnlySpan<byte> text, RecentNames recent, ref HAProxyLine line, out int request)
    {
        request = 0;
        int length = text.Length;
        if (length < 2 * ByteMask.Length) return false;
        ref byte start = ref MemoryMarshal.GetReference(text);

        // 127.0.0.1:48907 [22/Nov/2026:06:04:19.212]
        uint found = ByteMask.OfHalf(ref start, (byte)' ');
        int client = found != 0 ? BitOperations.TrailingZeroCount(found) : BitOperations.TrailingZeroCount(ByteMask.Of(ref start, (byte)' '));
        if (client is 0 or >= ByteMask.Length || !HAProxyLineScanner.IsAddress(MemoryMarshal.CreateReadOnlySpan(ref start, client))) return false;
        uint date = ByteMask.OfEqual(ref Unsafe.Add(ref start, client + 1), ref MemoryMarshal.GetReference(DatePattern));
        if ((date & (2 * (1u << DateLength) - 1)) != DateMarks) return false;

        // www~ be_app/app1
        int names = client + 1 + DateLength + 1;
        if (names + ByteMask.Length > length) return false;
        ref byte name = ref Unsafe.Add(ref start, names);
        int timers;
        if (recent.StandAt(ref name))
        {
            line.HasKnownNames = true;
            line.Names = MemoryMarshal.CreateReadOnlySpan(ref name, recent.Length);
            line.BackendAt = recent.BackendAt;
            found = ByteMask.OfHalf(ref Unsafe.Add(ref name, recent.Length), (byte)' ');
            if (found == 0) return false;
            timers = names + recent.Length + BitOperations.TrailingZeroCount(found) + 1;
        }
        else
        {
            ulong blanks = ByteMask.Of(ref name, (byte)' ');
            if (blanks == 0) return false;
            int frontend = BitOperations.TrailingZeroCount(blanks);
            if ((blanks = Next(blanks)) == 0 || frontend == 0 || At(ref name, frontend - 1) == ':') return false;
            int server = BitOperations.TrailingZeroCount(blanks);
            line.BackendAt = frontend + 1;
            ulong slashes = ByteMask.Of(ref name, (byte)'/') >> line.BackendAt;
            if (slashes == 0) return false;
            int slash = line.BackendAt + BitOperations.TrailingZeroCount(slashes);
            if (slash == line.BackendAt || slash >= server) return false;
            line.Names = MemoryMarshal.CreateReadOnlySpan(ref name, slash + 1);
            timers = names + server + 1;
        }
        if (timers + ByteMask.Length > length) return false;

        // 0/0/1/18/19 200 5120: numbers with one other byte behind each.
        ref byte first = ref Unsafe.Add(ref start, timers);
        ulong others = ByteMask.OfNonDigits(ref first), adjacent = others & ((others << 1) | 1);
        if (others == 0 || At(ref first, Lowest(others)) != '/') return false;
        if ((others = Next(others)) == 0 || At(ref first, Lowest(others)) != '/') return false;
        if ((others = Next(others)) == 0) return false;
        int waited = Lowest(others);
        if ((others = Next(others)) == 0) return false;
        int answered = Lowest(others);
        if ((others = Next(others)) == 0) return false;
        int last = Lowest(others);
        if ((others = Next(others)) == 0 || Lowest(others) != last + 1 + StatusLength) return false;
        if ((others = Next(others)) == 0) return false;
        int bytes = Lowest(others);
        if (bytes >= ByteMask.Length - StateLength || adjacent << (ByteMask.Length - 1 - bytes) != 0 || answered - waited > MostDigits + 1 || last - answered > MostDigits + 1
            || At(ref first, waited) != '/' || At(ref first, answered) != '/' || At(ref first, last) != ' ' || At(ref first, last + 1 + StatusLength) != ' ')
            return false;
        line.ResponseTime = Number(ref Unsafe.Add(ref first, waited + 1), answered - waited - 1);
        line.ActiveTime = Number(ref Unsafe.Add(ref first, answered + 1), last - answered - 1);
        line.Status = Number(ref Unsafe.Add(ref first, last + 1), StatusLength);

        //  - - ---- 12/12/3/1/0 0/0
        int counts = timers + bytes + StateLength;
        if (counts + Half > length) return false;
        ref byte state = ref Unsafe.Add(ref first, bytes);
        found = ByteMask.OfHalf(ref state, (byte)' ');
        if ((found & ((1u << StateLength) - 1)) != StateBlanks || At(ref state, 1) != '-' || At(ref state, 3) != '-') return false;
        found >>= StateLength;
        if (Next(found) == 0) found = ByteMask.OfHalf(ref Unsafe.Add(ref state, StateLength), (byte)' ');
        if (found == 0) return false;
        ref byte count = ref Unsafe.Add(ref state, StateLength);
        int queues = BitOperations.TrailingZeroCount(found) + 1;
        if ((found = (uint)Next(found)) == 0 || !Digits.IsDigit(count) || !Digits.IsDigit(At(ref count, queues))) return false;
        line.Cause = At(ref state, 5);
        line.Phase = At(ref state, 6);
        line.IsTraffic = true;
        request = counts + BitOperations.TrailingZeroCount(found) + 1;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Next(ulong bits) => bits & (bits - 1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Lowest(ulong bits) => BitOperations.TrailingZeroCount(bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte At(ref byte first, int at) => Unsafe.Add(ref first, at);

    /// <summary>The number of 1 to 8 digits, all at once; at least eight bytes of the line stand from its first digit on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Number(ref byte first, int digits)
    {
        if (digits > MostDigits / 2) return LongNumber(ref first, digits);
        uint value = (Unsafe.ReadUnaligned<uint>(ref first) << (8 * (MostDigits / 2 - digits))) & 0x0F0F_0F0F;
        value = (value * (10 * 256 + 1)) >> 8;
        return (int)(((value & 0x00FF_00FF) * (100 * 65_536 + 1)) >> 16);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int LongNumber(ref byte first, int digits)
    {
        ulong value = (Unsafe.ReadUnaligned<ulong>(ref first) << (8 * (MostDigits - digits))) & 0x0F0F_0F0F_0F0F_0F0F;
        value = (value * (10 * 256 + 1)) >> 8;
        value = ((value & 0x00FF_00FF_00FF_00FF) * (100 * 65_536 + 1)) >> 16;
        return (int)(((value & 0x0000_FFFF_0000_FFFF) * (10_000UL * 4_294_967_296 + 1)) >> 32);
    }
}
