using Concentrator.Configuration.Options;
using Concentrator.Telemetry.Log;
using Concentrator.Telemetry.Metrics;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace Concentrator.Telemetry.Push;

/// <summary>
/// Pushes the metrics over OTLP/HTTP at an interval, through the OpenTelemetry SDK. Nothing on the message path knows of it: it reads what
/// <c>/metrics</c> reads. A push that fails is logged, also when it works again. Disposing pushes once more, within a second.
/// </summary>
internal sealed class OtlpPush : IDisposable
{
    /// <summary>Time limit of one push, and of the last one.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan LastLimit = TimeSpan.FromSeconds(1);

    private readonly MeterProvider _provider;
    private readonly OtlpClient _client;

    /// <param name="options">Where to, and how often.</param>
    /// <param name="metrics">Not owned.</param>
    /// <param name="log">Receives failures and their end.</param>
    public OtlpPush(OtlpOptions options, ServerMetrics metrics, ILogger log)
    {
        _client = new OtlpClient(options);
        OtlpExporterOptions exporter = new()
        {
            Endpoint = options.Endpoint,
            Protocol = OtlpExportProtocol.HttpProtobuf,
            TimeoutMilliseconds = (int)Limit.TotalMilliseconds,
            HttpClientFactory = _client.Create,
        };
        _provider = Sdk.CreateMeterProviderBuilder()
            .ConfigureResource(static resource => resource.Clear()
                .AddService("concentrator", serviceVersion: ProgramVersion.Current.Number, autoGenerateServiceInstanceId: false, serviceInstanceId: Environment.MachineName)
                .AddAttributes([new KeyValuePair<string, object>("host.name", Environment.MachineName)]))
            .AddMeter(metrics.Meter.Name)
            .AddReader(new FrameReader(new Reported(exporter, options, _client, log), options.Interval, metrics))
            .Build();
    }

    public void Dispose()
    {
        _provider.Shutdown((int)LastLimit.TotalMilliseconds);
        _provider.Dispose();
        _client.Dispose();
    }

    /// <summary>Collects every instrument from one frame, so that what is pushed balances.</summary>
    private sealed class FrameReader(BaseExporter<Metric> exporter, TimeSpan interval, ServerMetrics metrics)
        : PeriodicExportingMetricReader(exporter, (int)interval.TotalMilliseconds, (int)Limit.TotalMilliseconds)
    {
        protected override bool OnCollect(int timeoutMilliseconds) => metrics.Observe(() => base.OnCollect(timeoutMilliseconds));
    }

    /// <summary>The SDK says nothing about an export that fails; this does, once for each failure and its end.</summary>
    private sealed class Reported(OtlpExporterOptions exporter, OtlpOptions options, OtlpClient client, ILogger log) : OtlpMetricExporter(exporter)
    {
        private bool _failed;

        public override ExportResult Export(in Batch<Metric> metrics)
        {
            ExportResult result = base.Export(metrics);
            if (result == ExportResult.Failure)
            {
                if (!_failed) log.OtlpFailed(options.Endpoint, client.Problem ?? "unknown", options.Interval.TotalSeconds);
                _failed = true;
            }
            else if (_failed)
            {
                log.OtlpRecovered(options.Endpoint);
                _failed = false;
            }
            return result;
        }
    }
}
