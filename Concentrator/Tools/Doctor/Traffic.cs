using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Concentrator.Configuration.Options;
using Concentrator.Hosting.Status;

namespace Concentrator.Tools.Doctor;

/// <summary>The running server's current message rates, from two reads of its <c>/metrics</c>, and whether it is ready.</summary>
internal sealed partial class Traffic
{
    /// <summary>The assumed rate in messages per second when no server answers, or it receives nothing at present.</summary>
    public const double Assumed = 10_000;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(3);

    private readonly Dictionary<string, double> _rates = new(StringComparer.Ordinal);

    private Traffic(string assumption) => Assumption = assumption;

    /// <summary>Whether a server answered.</summary>
    public bool IsMeasured { get; private init; }

    /// <summary>The server's reasons for not being ready, one line each; empty = ready.</summary>
    public IReadOnlyList<string> NotReady { get; private init; } = [];

    /// <summary>The server's start time; null when none answered.</summary>
    public DateTimeOffset? ServerStarted { get; private init; }

    /// <summary>Messages per second of all listeners; 0 when no server answered.</summary>
    public double Total => _rates.Values.Sum();

    /// <summary>Why <see cref="Assumed"/> is used in place of a measured rate.</summary>
    private string Assumption { get; init; }

    /// <summary>The result without a server to query.</summary>
    public static Traffic Unknown(string why) => new(why);

    /// <param name="monitoring">The server's status pages; null = it has none.</param>
    /// <param name="interval">The time between the two reads.</param>
    /// <param name="stop">Cancels the measurement.</param>
    public static async Task<Traffic> MeasureAsync(MonitoringOptions? monitoring, TimeSpan interval, CancellationToken stop)
    {
        if (monitoring is null) return Unknown("assumed: Monitoring is off");
        using StatusClient client = new(monitoring, Deadline);
        HttpClient http = client.Http;
        Uri metrics = client.Page("metrics");
        try
        {
            Dictionary<string, double> before = Received(await http.GetStringAsync(metrics, stop).ConfigureAwait(false));
            long began = Stopwatch.GetTimestamp();
            await Task.Delay(interval, stop).ConfigureAwait(false);
            string text = await http.GetStringAsync(metrics, stop).ConfigureAwait(false);
            double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
            using HttpResponseMessage ready = await http.GetAsync(client.Page("readyz"), stop).ConfigureAwait(false);
            string[] notReady = ready.IsSuccessStatusCode ? []
                : (await ready.Content.ReadAsStringAsync(stop).ConfigureAwait(false)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Traffic traffic = new("assumed: no messages arrive at present") { IsMeasured = true, ServerStarted = Started(text), NotReady = notReady };
            foreach ((string listener, double count) in Received(text))
                traffic._rates[listener] = Math.Max(0, (count - before.GetValueOrDefault(listener)) / seconds);
            return traffic;
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !stop.IsCancellationRequested))
        {
            return Unknown($"assumed: no server answers at {monitoring.Address}");
        }
    }

    /// <summary>The listener's rate, or <see cref="Assumed"/> when it is below one message per second.</summary>
    public double RateOf(string listener) => _rates.GetValueOrDefault(listener) is var rate and >= 1 ? rate : Assumed;

    /// <summary>The time in which that many messages arrive, as text: <c>51 ms at 10,000 msg/s (assumed: …)</c>.</summary>
    public string TimeFor(string listener, long messages)
    {
        double rate = RateOf(listener);
        string why = _rates.GetValueOrDefault(listener) >= 1 ? "the current rate" : Assumption;
        return string.Create(CultureInfo.InvariantCulture, $"{Milliseconds(listener, messages):#,0.#} ms of traffic at {rate:#,0} msg/s ({why})");
    }

    public double Milliseconds(string listener, long messages) => messages * 1000 / RateOf(listener);

    /// <summary>The messages that each listener has received, by listener name.</summary>
    /// <param name="text">The text of <c>/metrics</c>.</param>
    public static Dictionary<string, double> Received(string text) => ReceivedLine().Matches(text)
        .GroupBy(static line => line.Groups[1].Value)
        .ToDictionary(static group => group.Key, static group => group.Sum(static line => double.Parse(line.Groups[2].ValueSpan, CultureInfo.InvariantCulture)));

    private static DateTimeOffset? Started(string text) => StartLine().Match(text) is { Success: true } line
        ? DateTimeOffset.UnixEpoch.AddSeconds(double.Parse(line.Groups[1].ValueSpan, CultureInfo.InvariantCulture)) : null;

    [GeneratedRegex(@"^concentrator_received_messages_total\{listener=""([^""]*)""\} (\S+)", RegexOptions.Multiline)]
    private static partial Regex ReceivedLine();

    [GeneratedRegex(@"^process_start_time_seconds (\S+)", RegexOptions.Multiline)]
    private static partial Regex StartLine();
}
