using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Concentrator.Telemetry.Metrics;

/// <summary>
/// Writes the instruments of <see cref="ServerMetrics"/> in the Prometheus text exposition format, version 0.0.4, grouped
/// in the order in which the instruments were defined. Any thread may call; scrapes run one at a time.
/// </summary>
internal sealed class PrometheusText : IDisposable
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly ServerMetrics _metrics;
    private readonly Lock _gate = new();
    private readonly List<Family> _families = [];
    private readonly MeterListener _listener = new();

    public PrometheusText(ServerMetrics metrics)
    {
        _metrics = metrics;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            // Every meter of the process is offered, including those of other servers in the same test run.
            if (!ReferenceEquals(instrument.Meter, metrics.Meter)) return;
            Family family = new(instrument);
            _families.Add(family);
            listener.EnableMeasurementEvents(instrument, family);
        };
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, family) =>
            ((Family)family!).Add(tags, value.ToString(CultureInfo.InvariantCulture)));
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, family) =>
            ((Family)family!).Add(tags, double.IsPositiveInfinity(value) ? "+Inf" : value.ToString("R", CultureInfo.InvariantCulture)));
        _listener.Start();
    }

    /// <summary>One scrape. Every line ends with LF.</summary>
    public string Render()
    {
        lock (_gate)
        {
            foreach (Family family in _families) family.Samples.Clear();
            _metrics.Observe(() =>
            {
                _listener.RecordObservableInstruments();
                return true;
            });
            StringBuilder text = new(4096);
            foreach (Family family in _families)
            {
                if (family.Samples.Length != 0) text.Append(family.Header).Append(family.Samples);
            }

            return text.ToString();
        }
    }

    public void Dispose() => _listener.Dispose();

    private static void AppendEscaped(StringBuilder text, string value, bool quotes)
    {
        foreach (char c in value)
        {
            switch (c)
            {
                case '\\': text.Append("\\\\"); break;
                case '\n': text.Append("\\n"); break;
                case '"' when quotes: text.Append("\\\""); break;
                default: text.Append(c); break;
            }
        }
    }

    /// <summary>
    /// One instrument: its two comment lines, and the samples of the current scrape. Three instruments, <c>_bucket</c>, <c>_sum</c> and <c>_count</c>,
    /// are one histogram, whose comments stand before the first.
    /// </summary>
    private sealed class Family
    {
        private const string Bucket = "_bucket";

        private readonly string _name;

        public Family(Instrument instrument)
        {
            _name = instrument.Name;
            if (_name.EndsWith("_sum", StringComparison.Ordinal) || _name.EndsWith("_count", StringComparison.Ordinal)) return;
            bool isHistogram = _name.EndsWith(Bucket, StringComparison.Ordinal);
            string name = isHistogram ? _name[..^Bucket.Length] : _name;
            bool isCounter = instrument.GetType().GetGenericTypeDefinition() == typeof(ObservableCounter<>);
            StringBuilder header = new();
            header.Append("# HELP ").Append(name).Append(' ');
            AppendEscaped(header, instrument.Description ?? "", quotes: false);
            header.Append("\n# TYPE ").Append(name).Append(isHistogram ? " histogram\n" : isCounter ? " counter\n" : " gauge\n");
            Header = header.ToString();
        }

        public string Header { get; } = "";

        public StringBuilder Samples { get; } = new();

        public void Add(ReadOnlySpan<KeyValuePair<string, object?>> labels, string value)
        {
            Samples.Append(_name);
            for (int i = 0; i < labels.Length; i++)
            {
                Samples.Append(i == 0 ? '{' : ',').Append(labels[i].Key).Append("=\"");
                AppendEscaped(Samples, labels[i].Value?.ToString() ?? "", quotes: true);
                Samples.Append('"');
            }

            if (labels.Length != 0) Samples.Append('}');
            Samples.Append(' ').Append(value).Append('\n');
        }
    }
}
