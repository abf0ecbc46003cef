using System.Runtime.CompilerServices;

namespace Concentrator.Bytes;

/// <summary>Fills a span from its start. The caller must have measured: a write past the end throws.</summary>
internal ref struct SpanWriter(Span<byte> destination)
{
    private readonly Span<byte> _destination = destination;

    /// <summary>Bytes written so far.</summary>
    public int Length { get; private set; }

    public void Add(byte value) => _destination[Length++] = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(scoped ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_destination[Length..]);
        Length += bytes.Length;
    }

    /// <summary>Writes a non-negative number in decimal.</summary>
    public void AddDecimal(int value) => Length += Digits.WriteDecimal(_destination[Length..], value);

    /// <summary>Takes the next <paramref name="count"/> bytes, for the caller to fill.</summary>
    public Span<byte> Take(int count)
    {
        Span<byte> taken = _destination.Slice(Length, count);
        Length += count;
        return taken;
    }

    /// <summary>The bytes written since <see cref="Length"/> was <paramref name="start"/>.</summary>
    public readonly Span<byte> WrittenFrom(int start) => _destination[start..Length];
}
