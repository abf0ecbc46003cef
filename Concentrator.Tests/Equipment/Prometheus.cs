using System.Globalization;
using System.Text.Json;

namespace Concentrator.Tests.Equipment;

/// <summary>A real Prometheus that scrapes every second.</summary>
internal sealed class Prometheus : IDisposable
{
    private static readonly HttpClient Http = new() { Timeout = Deadline.Reaction };

    private readonly int _port = FreePort.Next();
    private readonly PeerProcess _process;

    /// <param name="directory">For its data and its configuration.</param>
    /// <param name="rules">A file of rules.</param>
    /// <param name="targets">Ports on 127.0.0.1 by the name of their job.</param>
    public Prometheus(TempDirectory directory, string rules, params (string Job, int Port)[] targets)
    {
        string jobs = string.Concat(targets.Select(static target => FormattableString.Invariant(
            $"  - job_name: {target.Job}\n    static_configs:\n      - targets: [\"127.0.0.1:{target.Port}\"]\n")));
        string configuration = directory.Write(
            "prometheus.yml",
            $"global:\n  scrape_interval: 1s\n  evaluation_interval: 1s\nrule_files:\n  - {rules}\nscrape_configs:\n{jobs}");
        _process = PeerProcess.Start(new PeerStart
        {
            Path = Peer.Require("prometheus", "prometheus"),
            Arguments =
            [
                $"--config.file={configuration}", $"--storage.tsdb.path={directory["tsdb"]}",
                FormattableString.Invariant($"--web.listen-address=127.0.0.1:{_port}"),
            ],
            WorkingDirectory = directory.Path,
        });
        _process.WaitUntilReadyOrDispose(() => IsReady, $"port {_port}", this);
    }

    private bool IsReady
    {
        get
        {
            try
            {
                using HttpResponseMessage answer = Http.GetAsync(At("-/ready")).GetAwaiter().GetResult();
                return answer.IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }
    }

    /// <summary>The values of an expression now, one a series; or the error.</summary>
    public (IReadOnlyList<double> Values, string? Error) Query(string expression)
    {
        using HttpResponseMessage answer = Http.GetAsync(At($"api/v1/query?query={Uri.EscapeDataString(expression)}")).GetAwaiter().GetResult();
        using JsonDocument document = JsonDocument.Parse(answer.Content.ReadAsStringAsync().GetAwaiter().GetResult());
        if (document.RootElement.GetProperty("status").GetString() != "success") return ([], document.RootElement.GetProperty("error").GetString());
        return ([.. document.RootElement.GetProperty("data").GetProperty("result").EnumerateArray().Select(Value)], null);
    }

    /// <summary>The answer as text, for people: labels and values.</summary>
    public string Read(string expression)
    {
        using HttpResponseMessage answer = Http.GetAsync(At($"api/v1/query?query={Uri.EscapeDataString(expression)}")).GetAwaiter().GetResult();
        using JsonDocument document = JsonDocument.Parse(answer.Content.ReadAsStringAsync().GetAwaiter().GetResult());
        return document.RootElement.GetProperty("status").GetString() != "success" ? document.RootElement.GetProperty("error").GetString()!
            : string.Join("; ", document.RootElement.GetProperty("data").GetProperty("result").EnumerateArray()
                .Select(static sample => $"{sample.GetProperty("metric")} {sample.GetProperty("value")[1]}"));
    }

    public string Describe() => _process.Describe();

    public void Dispose() => _process.Dispose();

    private static double Value(JsonElement sample) => sample.GetProperty("value")[1].GetString() switch
    {
        "+Inf" => double.PositiveInfinity,
        { } number => double.Parse(number, CultureInfo.InvariantCulture),
        null => double.NaN,
    };

    private Uri At(string page) => new(FormattableString.Invariant($"http://127.0.0.1:{_port}/{page}"));
}
