using System.Globalization;
using System.Text.Json;
using NUnit.Framework;

namespace Concentrator.Tests.Equipment;

/// <summary>A real VictoriaMetrics, which takes metrics over OTLP. Debian's Prometheus does not (<c>findings/debian-prometheus-takes-no-otlp.sh</c>).</summary>
internal sealed class VictoriaMetrics : IDisposable
{
    private const string Variable = "CONCENTRATOR_TEST_VICTORIA_METRICS";

    private static readonly HttpClient Http = new() { Timeout = Deadline.Reaction };

    private readonly int _port;
    private readonly PeerProcess _process;

    /// <summary>Skips the test where there is none.</summary>
    /// <param name="directory">For its data.</param>
    /// <param name="port">On 127.0.0.1.</param>
    public VictoriaMetrics(TempDirectory directory, int port)
    {
        string? program = Environment.GetEnvironmentVariable(Variable);
        if (program is null) Assert.Ignore($"{Variable} names no VictoriaMetrics; packaging/program-of-suite unpacks one");
        _port = port;
        _process = PeerProcess.Start(new PeerStart
        {
            Path = program!,
            Arguments = [$"-storageDataPath={directory["victoria"]}", FormattableString.Invariant($"-httpListenAddr=127.0.0.1:{port}")],
            WorkingDirectory = directory.Path,
        });
        _process.WaitUntilReadyOrDispose(() => FreePort.IsListening(port), $"port {port}", this);
    }

    /// <summary>Where one at that port takes metrics over OTLP.</summary>
    public static string OtlpEndpoint(int port) => FormattableString.Invariant($"http://127.0.0.1:{port}/opentelemetry/v1/metrics");

    /// <summary>The values of an expression now, one a series; none if it cannot be evaluated.</summary>
    public IReadOnlyList<double> Query(string expression)
    {
        using HttpResponseMessage answer = Http.GetAsync(
            new Uri(FormattableString.Invariant($"http://127.0.0.1:{_port}/api/v1/query?latency_offset=1ms&query={Uri.EscapeDataString(expression)}"))).GetAwaiter().GetResult();
        using JsonDocument document = JsonDocument.Parse(answer.Content.ReadAsStringAsync().GetAwaiter().GetResult());
        return document.RootElement.GetProperty("status").GetString() != "success" ? []
            : [.. document.RootElement.GetProperty("data").GetProperty("result").EnumerateArray()
                .Select(static sample => double.Parse(sample.GetProperty("value")[1].GetString()!, CultureInfo.InvariantCulture))];
    }

    public string Describe() => _process.Describe();

    public void Dispose() => _process.Dispose();
}
