using System.Diagnostics.Metrics;
using System.Globalization;
using Concentrator.Accounting.HAProxyTraffic;

namespace Concentrator.Telemetry.Metrics;

/// <summary>
/// The instruments of what lines of HAProxy say. A listener without such lines has no series; a frontend, backend or state without a request has none
/// either. Times are histograms in seconds with the bounds of <see cref="TimeBuckets"/>.
/// </summary>
internal static class HAProxyMetrics
{
    private static readonly string[] Bounds =
        [.. TimeBuckets.Bounds.Select(static time => (time / 1000.0).ToString(CultureInfo.InvariantCulture)), "+Inf"];

    /// <param name="meter">Gets the instruments.</param>
    /// <param name="read">The traffic of the scrape under way.</param>
    public static void Define(Meter meter, Func<IReadOnlyList<(string Listener, TrafficSnapshot Traffic)>> read)
    {
        Counter("concentrator_haproxy_lines_total", "Lines of HAProxy received.",
            static (listener, traffic) => [Sample(traffic.Lines, ("listener", listener))]);
        Counter("concentrator_haproxy_frontend_requests_total", "Requests in lines of HAProxy by frontend and status class.",
            static (listener, traffic) => traffic.Frontends.SelectMany(frontend => Requests(listener, "frontend", frontend.Name, frontend.Requests)));
        Counter("concentrator_haproxy_backend_requests_total", "Requests in lines of HAProxy by backend and status class.",
            static (listener, traffic) => traffic.Backends.SelectMany(backend => Requests(listener, "backend", backend.Name, backend.Requests)));
        Counter("concentrator_haproxy_frontend_terminations_total", "Requests in lines of HAProxy by frontend and the first two characters of the termination state.",
            static (listener, traffic) => traffic.Frontends.SelectMany(frontend => Terminations(listener, frontend)));
        Times("concentrator_haproxy_response_time_seconds", "Time until the server's response (Tr) in lines of HAProxy.", "Tr", static f => f.ResponseTime);
        Times("concentrator_haproxy_active_time_seconds", "Time of the whole request (Ta) in lines of HAProxy.", "Ta", static f => f.ActiveTime);
        Counter("concentrator_haproxy_missing_times_total", "Requests in lines of HAProxy whose time is -1, because it did not come to that.",
            static (listener, traffic) => traffic.Frontends.SelectMany(f => new[]
            {
                Sample(f.ResponseTime.Missing, ("listener", listener), ("frontend", f.Name), ("time", "Tr")),
                Sample(f.ActiveTime.Missing, ("listener", listener), ("frontend", f.Name), ("time", "Ta")),
            }));
        Counter("concentrator_haproxy_unreadable_lines_total", "Lines of HAProxy that Sekoia.io's parser does not read, by kind.",
            static (listener, traffic) => UnreadableKinds.All.Select(kind => Sample(
                traffic.Unreadable.FirstOrDefault(seen => seen.Kind == kind)?.Count ?? 0, ("listener", listener), ("kind", kind.Label()))));
        Counter("concentrator_haproxy_cut_lines_total", "Lines of HAProxy cut by the limit of their sender (len, maxlen).",
            static (listener, traffic) => [Sample(traffic.CutLines, ("listener", listener))]);

        void Counter(string name, string help, Func<string, TrafficSnapshot, IEnumerable<Measurement<long>>> samples) =>
            meter.CreateObservableCounter(name, () => read().SelectMany(one => samples(one.Listener, one.Traffic)), null, help);

        void Times(string name, string help, string time, Func<FrontendSnapshot, TimeSnapshot> times)
        {
            Counter($"{name}_bucket", help, (listener, traffic) => traffic.Frontends.SelectMany(f => Cumulated(listener, f.Name, times(f))));
            meter.CreateObservableCounter($"{name}_sum", () => read().SelectMany(one => one.Traffic.Frontends.Select(f => new Measurement<double>(
                times(f).SumMilliseconds / 1000.0, Label("listener", one.Listener), Label("frontend", f.Name)))), null, $"Sum of {time} in seconds.");
            Counter($"{name}_count", $"Requests with {time}.",
                (listener, traffic) => traffic.Frontends.Select(f => Sample(times(f).Buckets.Sum(), ("listener", listener), ("frontend", f.Name))));
        }
    }

    private static IEnumerable<Measurement<long>> Requests(string listener, string label, string name, long[] requests) =>
        requests.Select((count, number) => (Count: count, Number: number)).Where(static one => one.Count > 0)
            .Select(one => Sample(one.Count, ("listener", listener), (label, name), ("code", StatusClasses.Label(one.Number))));

    private static IEnumerable<Measurement<long>> Terminations(string listener, FrontendSnapshot frontend) =>
        frontend.Terminations.Select(static (count, number) => (Count: count, Number: number)).Where(static one => one.Count > 0)
            .Select(one => Sample(one.Count, ("listener", listener), ("frontend", frontend.Name), ("state", TerminationStates.Label(one.Number))));

    private static IEnumerable<Measurement<long>> Cumulated(string listener, string frontend, TimeSnapshot time)
    {
        long total = 0;
        for (int i = 0; i < Bounds.Length; i++)
            yield return Sample(total += time.Buckets[i], ("listener", listener), ("frontend", frontend), ("le", Bounds[i]));
    }

    private static Measurement<long> Sample(long value, params ReadOnlySpan<(string Name, string Value)> labels)
    {
        KeyValuePair<string, object?>[] tags = new KeyValuePair<string, object?>[labels.Length];
        for (int i = 0; i < labels.Length; i++) tags[i] = Label(labels[i].Name, labels[i].Value);
        return new Measurement<long>(value, tags);
    }

    private static KeyValuePair<string, object?> Label(string name, string value) => new(name, value);
}
