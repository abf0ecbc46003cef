using System.Globalization;
using System.Text;

namespace Concentrator.Tests.Equipment;

/// <summary>One answer of <c>/metrics</c> (Prometheus text format), read into samples. Immutable.</summary>
internal sealed class MetricsSnapshot
{
    /// <summary>One line: a name, its labels, its value.</summary>
    internal sealed record Sample(string Name, IReadOnlyDictionary<string, string> Labels, double Value);

    private MetricsSnapshot(IReadOnlyList<Sample> samples, string text)
    {
        Samples = samples;
        Text = text;
    }

    public IReadOnlyList<Sample> Samples { get; }

    public string Text { get; }

    /// <exception cref="FormatException">A line is neither a comment nor a sample.</exception>
    public static MetricsSnapshot Parse(string text)
    {
        List<Sample> samples = [];
        foreach (string line in text.Split('\n'))
        {
            if (line.Length > 0 && line[0] != '#') samples.Add(ParseLine(line.TrimEnd('\r')));
        }
        return new MetricsSnapshot(samples, text);
    }

    /// <summary>The sum over all samples of that name whose labels include the given ones; 0 when there is none.</summary>
    public double Sum(string name, params (string Label, string Value)[] labels) =>
        Named(name)
            .Where(sample => labels.All(label => sample.Labels.GetValueOrDefault(label.Label) == label.Value))
            .Sum(static sample => sample.Value);

    public IEnumerable<Sample> Named(string name) => Samples.Where(sample => sample.Name == name);

    /// <summary>The different values of a label over all samples of that name.</summary>
    public IReadOnlyList<string> Values(string name, string label) =>
        [.. Named(name).Select(sample => sample.Labels.GetValueOrDefault(label)).OfType<string>().Distinct()];

    private static Sample ParseLine(string line)
    {
        int nameEnd = line.AsSpan().IndexOfAny('{', ' ');
        if (nameEnd <= 0) throw new FormatException(line);
        Dictionary<string, string> labels = [];
        int at = nameEnd;
        if (line[at] == '{')
        {
            for (at++; line[at] != '}';)
            {
                int equals = line.IndexOf('=', at);
                if (equals < 0 || line[equals + 1] != '"') throw new FormatException(line);
                string label = line[at..equals];
                at = equals + 2;
                labels.Add(label, ParseValue(line, ref at));
                if (line[at] == ',') at++;
            }
            at++;
        }
        string value = line[at..].Trim().Split(' ')[0];
        double number = value == "+Inf" ? double.PositiveInfinity : double.Parse(value, CultureInfo.InvariantCulture);
        return new Sample(line[..nameEnd], labels, number);
    }

    private static string ParseValue(string line, ref int at)
    {
        StringBuilder value = new();
        for (; line[at] != '"'; at++)
        {
            if (line[at] != '\\') value.Append(line[at]);
            else value.Append(line[++at] == 'n' ? '\n' : line[at]);
        }
        at++;
        return value.ToString();
    }
}
