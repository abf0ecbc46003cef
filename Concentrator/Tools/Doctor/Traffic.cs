using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Concentrator.Hosting.Status;

namespace Concentrator.Tools.Doctor;

/// <summary>What the running server receives at present, from two looks at its <c>/metrics</c>, and whether it is ready.</summary>
internal sealed partial class Traffic
{
    /// <summary>Messages a second that are reckoned with where nobody can be asked, or nothing comes at present.</summary>
    public const double Assumed = 10_000;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(3);

    private readonly Dictionary<string, double> _rates = new(StringComparer.Ordinal);

    private Traffic(string assumption) => Assumption = assumption;

    /// <summary>Whether a server has answered.</summary>
    public bool IsMeasured { get; private init; }

    /// <summary>What it says against being ready, one line each; empty = it is ready.</summary>
    public IReadOnlyList<string> NotReady { get; private init; } = [];

    /// <summary>When that server started; null when none answered.</summary>
    public DateTimeOffset? ServerStarted { get; private init; }

    /// <summary>Messages a second of all listeners; 0 when no server answered.</summary>
    public double Total => _rates.Values.Sum();

    /// <summary>Why <see cref="Assumed"/> stands in for a rate.</summary>
    private string Assumption { get; init; }

    /// <summary>No server to ask.</summary>
    public static Traffic Unknown(string why) => new(why);

    /// <param name="monitoring">Of the server's configuration; null = it serves no metrics.</param>
    /// <param name="interval">Between the two looks.</param>
    /// <param name="stop">Gives up.</param>
    public static async Task<Traffic> MeasureAsync(IPEndPoint? monitoring, TimeSpan interval, CancellationToken stop)
    {
        if (monitoring is null) return Unknown("assumed: Monitoring is off");
        using HttpClient http = StatusClient.Create(Deadline);
        Uri metrics = StatusClient.Page(monitoring, "metrics");
        try
        {
            Dictionary<string, double> before = Received(await http.GetStringAsync(metrics, stop).ConfigureAwait(false));
            long began = Stopwatch.GetTimestamp();
            await Task.Delay(interval, stop).ConfigureAwait(false);
            string text = await http.GetStringAsync(metrics, stop).ConfigureAwait(false);
            double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
            using HttpResponseMessage ready = await http.GetAsync(StatusClient.Page(monitoring, "readyz"), stop).ConfigureAwait(false);
            string[] notReady = ready.IsSuccessStatusCode ? []
                : (await ready.Content.ReadAsStringAsync(stop).ConfigureAwait(false)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Traffic traffic = new("assumed: nothing comes in at present") { IsMeasured = true, ServerStarted = Started(text), NotReady = notReady };
            foreach ((string listener, double count) in Received(text))
                traffic._rates[listener] = Math.Max(0, (count - before.GetValueOrDefault(listener)) / seconds);
            return traffic;
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !stop.IsCancellationRequested))
        {
            return Unknown($"assumed: no server answers at {monitoring}");
        }
    }

    /// <summary>The listener's rate, or the assumed one where there is none worth reckoning with.</summary>
    public double RateOf(string listener) => _rates.GetValueOrDefault(listener) is var rate and >= 1 ? rate : Assumed;

    /// <summary>How long so many messages take to arrive, for people: <c>51 ms at 10,000 msg/s (assumed: …)</c>.</summary>
    public string TimeFor(string listener, long messages)
    {
        double rate = RateOf(listener);
        string why = _rates.GetValueOrDefault(listener) >= 1 ? "the present rate" : Assumption;
        return string.Create(CultureInfo.InvariantCulture, $"{Milliseconds(listener, messages):#,0.#} ms of traffic at {rate:#,0} msg/s ({why})");
    }

    public double Milliseconds(string listener, long messages) => messages * 1000 / RateOf(listener);

    /// <summary>What each listener has received, by its name.</summary>
    /// <param name="text">Of <c>/metrics</c>.</param>
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
