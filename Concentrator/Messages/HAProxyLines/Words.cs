using System.Numerics;
using System.Runtime.CompilerServices;
using Concentrator.Bytes;

namespace Concentrator.Messages.HAProxyLines;

/// <summary>
/// Where in a line the next word begins: words end with one blank each, and blanks are found 64 bytes at a time. The line itself is given to each call,
/// the same one every time.
/// </summary>
internal struct Words(ReadOnlySpan<byte> line)
{
    private ulong _blanks = ByteMask.Of(line, (byte)' ');
    private int _piece;
    private int _start;

    /// <summary>What has not been taken yet.</summary>
    public readonly ReadOnlySpan<byte> Rest(ReadOnlySpan<byte> line) => line[_start..];

    /// <summary>Takes the next word and the blank behind it. False if no blank is left; what is left is then no word.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryTake(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> word)
    {
        if (_blanks == 0 && !TryLookFurther(line))
        {
            word = default;
            return false;
        }
        int end = _piece + BitOperations.TrailingZeroCount(_blanks);
        _blanks &= _blanks - 1;
        word = line[_start..end];
        _start = end + 1;
        return true;
    }

    private bool TryLookFurther(ReadOnlySpan<byte> line)
    {
        while (_blanks == 0)
        {
            _piece += ByteMask.Length;
            if (_piece >= line.Length)
            {
                _piece = line.Length;
                return false;
            }
            _blanks = ByteMask.Of(line[_piece..], (byte)' ');
        }
        return true;
    }
}
