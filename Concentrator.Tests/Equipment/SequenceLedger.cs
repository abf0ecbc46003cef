using System.Text;
using NUnit.Framework;

namespace Concentrator.Tests.Equipment;

/// <summary>
/// Keeps account of numbered messages (<c>seq=N</c>, counted from 0) in one bit each, so that a test can follow hundreds of
/// thousands without keeping them. Any thread may call.
/// </summary>
internal sealed class SequenceLedger
{
    private readonly Lock _gate = new();
    private readonly NumberSet _seen = new();

    /// <summary>Frames recorded, numbered or not.</summary>
    public int Received { get; private set; }

    /// <summary>Different numbers seen.</summary>
    public int Distinct => _seen.Distinct;

    /// <summary>Numbers seen again.</summary>
    public int Duplicates => _seen.Duplicates;

    /// <summary>First sightings of a number smaller than one seen before.</summary>
    public int OutOfOrder => _seen.Reordered;

    /// <summary>Frames without <c>seq=</c> and a number.</summary>
    public int Unnumbered { get; private set; }

    /// <summary>Of the messages in these lines.</summary>
    public static SequenceLedger Of(IEnumerable<string> lines)
    {
        SequenceLedger ledger = new();
        foreach (string line in lines) ledger.Record(Encoding.Latin1.GetBytes(line));
        return ledger;
    }

    /// <summary>Notes one message; the last <c>seq=</c> in it counts.</summary>
    public void Record(ReadOnlySpan<byte> message)
    {
        int number = Read(message);
        lock (_gate)
        {
            Received++;
            if (number < 0) Unnumbered++;
            else _seen.Add(number);
        }
    }

    /// <summary>The numbers below <paramref name="expected"/> that never came.</summary>
    public IReadOnlyList<int> Missing(int expected)
    {
        lock (_gate)
            return [.. Enumerable.Range(0, expected).Where(n => !_seen.Has(n))];
    }

    /// <summary>Waits until that many different numbers have come, then checks that they are 0 to N-1, each once.</summary>
    public void AssertComplete(int expected, TimeSpan? within = null)
    {
        Eventually.Holds(() => Distinct >= expected, $"{expected} numbered messages", within ?? Deadline.Transfer, Describe);
        Assert.That(Duplicates, Is.Zero, Describe());
        AssertNothingMissing(expected);

        string Describe() => $"{this}; missing: {Some(Missing(expected))}";
    }

    /// <summary>As <see cref="AssertComplete"/>, but messages may have come more than once.</summary>
    public void AssertNothingMissing(int expected, TimeSpan? within = null)
    {
        Eventually.Holds(() => Distinct >= expected, $"{expected} numbered messages", within ?? Deadline.Transfer, ToString);
        Assert.That(Missing(expected), Is.Empty, ToString());
        Assert.That(Distinct, Is.EqualTo(expected), $"numbers that were never sent: {this}");
    }

    public override string ToString()
    {
        lock (_gate)
            return $"{Received} received, {Distinct} distinct, {Duplicates} duplicates, {OutOfOrder} out of order, {Unnumbered} unnumbered";
    }

    private static int Read(ReadOnlySpan<byte> message)
    {
        int at = message.LastIndexOf("seq="u8);
        if (at < 0) return -1;
        int number = -1;
        foreach (byte b in message[(at + 4)..])
        {
            if (b is < (byte)'0' or > (byte)'9' || number > 99_999_999) break;
            number = (Math.Max(number, 0) * 10) + (b - '0');
        }
        return number;
    }

    private static string Some(IReadOnlyList<int> numbers) =>
        $"{numbers.Count} ({string.Join(' ', numbers.Take(10))}{(numbers.Count > 10 ? " ..." : "")})";
}
