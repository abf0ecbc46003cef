using System.Globalization;
using Concentrator.Bench.Arguments;

namespace Concentrator.Bench.Capacity;

/// <summary>The server's own counters, from <c>/metrics</c>.</summary>
internal sealed class Metrics(string text)
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(5) };

    /// <exception cref="UnusableException">The server does not answer.</exception>
    public static Metrics Read(int port)
    {
        try
        {
            return new Metrics(Http.GetStringAsync(Address(port, "metrics")).GetAwaiter().GetResult());
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            throw new UnusableException($"the server does not answer at its monitoring address: {e.Message}");
        }
    }

    /// <summary>Whether the server's listeners are bound and its relays connected.</summary>
    public static bool IsReady(int port)
    {
        try
        {
            using HttpResponseMessage answer = Http.GetAsync(Address(port, "readyz")).GetAwaiter().GetResult();
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            // Expected while the server starts.
            return false;
        }
    }

    /// <summary>The sum of all samples of that name; with a label, only of those that have it.</summary>
    public long Sum(string name, string label = "") => (long)text.Split('\n')
        .Where(line => line.StartsWith(name, StringComparison.Ordinal) && line.Length > name.Length && line[name.Length] is '{' or ' ')
        .Where(line => label.Length == 0 || line.Contains(label, StringComparison.Ordinal))
        .Sum(static line => double.Parse(line.AsSpan(line.LastIndexOf(' ') + 1), CultureInfo.InvariantCulture));

    public long Received(string listener) => Sum("concentrator_received_messages_total", $"{{listener=\"{listener}\"}}");

    public long KernelDropped => Sum("concentrator_kernel_dropped_datagrams_total");

    public long Dropped => Sum("concentrator_output_dropped_messages_total");

    public long Queued => Sum("concentrator_output_queued_messages");

    public long Unrouted => Sum("concentrator_unrouted_messages_total");

    private static Uri Address(int port, string page) =>
        new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/{page}"));
}
