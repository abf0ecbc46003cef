using System.Text;

namespace Concentrator.Tests.Faults.EverySender;

/// <summary>What a receiver has got, message by message. Any thread may call.</summary>
internal sealed class Arrivals
{
    private readonly Lock _gate = new();
    private readonly Dictionary<int, NumberSet> _begun = [];
    private readonly Dictionary<int, NumberSet> _whole = [];
    private readonly List<string> _glued = [];

    public int Received { get; private set; }

    /// <summary>Those that had come before, as much of them or more.</summary>
    public int Repeated { get; private set; }

    public int Unmarked { get; private set; }

    /// <summary>Of those in which a second message begins, the beginning.</summary>
    public IReadOnlyList<string> Glued
    {
        get { lock (_gate) return [.. _glued]; }
    }

    public void Record(ReadOnlySpan<byte> message)
    {
        Found found = Mark.Find(message, out Mark mark);
        lock (_gate)
        {
            Received++;
            if (found == Found.Unmarked) Unmarked++;
            if (found == Found.Glued) _glued.Add(Encoding.Latin1.GetString(message[..Math.Min(message.Length, 300)]));
            if (found is not (Found.Whole or Found.Cut)) return;
            bool isNew = Of(_begun, mark.Series).Add(mark.Number);
            if (found == Found.Whole) isNew |= Of(_whole, mark.Series).Add(mark.Number);
            if (!isNew) Repeated++;
        }
    }

    /// <summary>The lines of a file, without those of its end that are not finished.</summary>
    public static Arrivals OfFile(string path)
    {
        Arrivals arrivals = new();
        if (File.Exists(path)) arrivals.RecordLines(File.OpenRead(path));
        return arrivals;
    }

    /// <summary>Reads to the end and closes.</summary>
    public void RecordLines(Stream lines)
    {
        using Stream all = lines;
        FrameBuffer buffer = new();
        while (buffer.Fill(all) > 0)
        {
            while (buffer.TryTakeLine(out ReadOnlySpan<byte> line)) Record(line);
        }
    }

    public bool Has(Mark mark)
    {
        lock (_gate) return _begun.GetValueOrDefault(mark.Series)?.Has(mark.Number) ?? false;
    }

    public bool HasWhole(Mark mark)
    {
        lock (_gate) return _whole.GetValueOrDefault(mark.Series)?.Has(mark.Number) ?? false;
    }

    /// <summary>The highest number of a series that has come; -1 for none.</summary>
    public int Highest(int series)
    {
        lock (_gate) return _begun.GetValueOrDefault(series)?.Highest ?? -1;
    }

    public int Distinct(int series)
    {
        lock (_gate) return _begun.GetValueOrDefault(series)?.Distinct ?? 0;
    }

    public override string ToString()
    {
        lock (_gate) return $"{Received} received, {_begun.Values.Sum(static b => b.Distinct)} distinct, {Repeated} repeated, {_begun.Values.Sum(static b => b.Distinct) - _whole.Values.Sum(static b => b.Distinct)} cut";
    }

    private static NumberSet Of(Dictionary<int, NumberSet> bits, int series)
    {
        if (!bits.TryGetValue(series, out NumberSet? found)) bits.Add(series, found = new NumberSet());
        return found;
    }
}
