using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Concentrator.Bytes;

namespace Concentrator.Messages.HAProxyLines;

/// <summary>
/// The names of a line as they stand in it, <c>www~ be_app/</c>, kept because the next line often has them too. Used by one thread at a time; allocates
/// nothing after its start.
/// </summary>
internal sealed class RecentNames
{
    /// <summary>In bytes. Longer names are not kept: a line that a sender makes up may have names of any length.</summary>
    private const int Longest = ByteMask.Length;

    /// <summary>Bytes of one comparison.</summary>
    private const int Compared = ByteMask.Length / 2;

    private readonly byte[] _names = new byte[Longest];

    /// <summary>Bits for those of the bytes compared that are behind the names.</summary>
    private uint _behind;

    /// <summary>Bytes of the names, with the slash behind them; 0 = none are kept.</summary>
    public int Length { get; private set; }

    /// <summary>As in <see cref="HAProxyLine.BackendAt"/>.</summary>
    public int BackendAt { get; private set; }

    /// <summary>Whether the names stand there, which one comparison tells: only for names of up to 32 bytes.</summary>
    /// <param name="text">At least 32 bytes of a text.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool StandAt(ref byte text) =>
        (uint)(Length - 1) < Compared && (ByteMask.OfEqual(ref text, ref MemoryMarshal.GetArrayDataReference(_names)) | _behind) == uint.MaxValue;

    /// <summary>Whether a line has these names.</summary>
    public bool AreOf(in HAProxyLine line) => Length != 0 && line.Names.SequenceEqual(_names.AsSpan(0, Length));

    /// <summary>Keeps a line's names in place of the former.</summary>
    public void Keep(in HAProxyLine line)
    {
        Length = line.Names.Length <= Longest ? line.Names.Length : 0;
        BackendAt = line.BackendAt;
        _behind = Length < Compared ? uint.MaxValue << Length : 0;
        line.Names[..Length].CopyTo(_names);
    }
}
