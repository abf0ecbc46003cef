using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Hosting.Status;
using Concentrator.Hosting.Views;
using Concentrator.Telemetry.Log;
using Concentrator.Telemetry.Metrics;
using Microsoft.Extensions.Logging;
using NUnit.Framework;

namespace Concentrator.Tests.Telemetry;

public sealed class StatusServerTests
{
    private static readonly MonitoringOptions AnyPort = new() { Address = new MonitoringAddress(new IPEndPoint(IPAddress.Loopback, 0), null) };

    private readonly StringWriter _logText = new();
    private Ledger _ledger = null!;
    private ILoggerFactory _loggers = null!;
    private StatusServer _server = null!;
    private HttpClient _http = null!;
    private ServerView _view = null!;
    private ServerMetrics _metrics = null!;

    [SetUp]
    public async Task Start()
    {
        _logText.GetStringBuilder().Clear();
        _ledger = new Ledger();
        _view = new ServerView(_ledger, new RecentEvents(new KeyMask()), TimeProvider.System) { IsListening = true };
        _metrics = new ServerMetrics(_ledger);
        _loggers = ServerLog.Create(_logText, LogLevel.Trace, TimeProvider.System);
        _server = await StatusServer.StartAsync(AnyPort, _view, _metrics, _loggers, CancellationToken.None);
        _http = new HttpClient { BaseAddress = new Uri($"http://{_server.Address}/") };
    }

    [TearDown]
    public async Task Stop()
    {
        _http.Dispose();
        await _server.DisposeAsync();
        _metrics.Dispose();
        _loggers.Dispose();
    }

    [Test]
    public async Task Metrics_have_the_content_type_of_the_text_format()
    {
        _ledger.Listener("haproxy").Add(new BatchTally { Messages = 3 });
        using HttpResponseMessage response = await _http.GetAsync("metrics");
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(response.Content.Headers.ContentType, Is.EqualTo(MediaTypeHeaderValue.Parse(PrometheusText.ContentType)));
        Assert.That(await response.Content.ReadAsStringAsync(),
            Does.Contain("concentrator_received_messages_total{listener=\"haproxy\"} 3\n"));
        Assert.That(response.Headers.Server, Is.Empty);
    }

    [TestCase("", HttpStatusCode.OK, "/readyz")]
    [TestCase("favicon.ico", HttpStatusCode.NotFound, "no such page")]
    [TestCase("healthz", HttpStatusCode.OK, "alive")]
    [TestCase("readyz", HttpStatusCode.OK, "ready")]
    [TestCase("metrics/", HttpStatusCode.NotFound, "no such page")]
    [TestCase("../etc/passwd", HttpStatusCode.NotFound, "no such page")]
    public async Task Pages(string path, HttpStatusCode status, string contains)
    {
        using HttpResponseMessage response = await _http.GetAsync(path);
        Assert.That(response.StatusCode, Is.EqualTo(status));
        Assert.That(response.Content.Headers.ContentType?.MediaType, Is.EqualTo("text/plain"));
        Assert.That(await response.Content.ReadAsStringAsync(), Does.Contain(contains));
    }

    [Test]
    public async Task The_status_is_one_JSON_document()
    {
        _ledger.Listener("haproxy").Add(new BatchTally { Messages = 3 });
        using HttpResponseMessage response = await _http.GetAsync("status.json");
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(response.Content.Headers.ContentType?.MediaType, Is.EqualTo("application/json"));
        using JsonDocument document = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        Assert.That(document.RootElement.GetProperty("version").GetInt32(), Is.EqualTo(1));
        Assert.That(document.RootElement.GetProperty("listeners")[0].GetProperty("received").GetInt64(), Is.EqualTo(3));
    }

    [Test]
    public async Task Not_ready_is_503_with_the_reasons()
    {
        OutputCounters relay = _ledger.Output("sekoia", isRelay: true, capacity: 100);
        using (relay.Gate.Enter()) relay.AcceptUnsynchronized(60);
        _view.IsListening = false;
        using HttpResponseMessage response = await _http.GetAsync("readyz");
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That(await response.Content.ReadAsStringAsync(),
            Is.EqualTo("not listening\nrelay sekoia: not connected, queue at 60 of 100 bytes\n"));
    }

    [Test]
    public async Task Head_has_the_headers_and_no_body()
    {
        using HttpRequestMessage request = new(HttpMethod.Head, "healthz");
        using HttpResponseMessage response = await _http.SendAsync(request);
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(response.Content.Headers.ContentLength, Is.EqualTo("alive\n".Length));
        Assert.That(await response.Content.ReadAsByteArrayAsync(), Is.Empty);
    }

    [TestCase("POST")]
    [TestCase("DELETE")]
    public async Task Other_methods_are_refused(string method)
    {
        using HttpRequestMessage request = new(new HttpMethod(method), "metrics") { Content = new StringContent("body") };
        using HttpResponseMessage response = await _http.SendAsync(request);
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.MethodNotAllowed));
        Assert.That(response.Content.Headers.Allow, Is.EqualTo(new[] { "GET", "HEAD" }));
    }

    [Test]
    public async Task A_request_that_is_too_long_is_refused_and_the_server_goes_on()
    {
        using HttpResponseMessage refused = await _http.GetAsync(new string('x', 4000));
        Assert.That(refused.StatusCode, Is.EqualTo(HttpStatusCode.RequestUriTooLong));
        Assert.That(await _http.GetStringAsync("healthz"), Is.EqualTo("alive\n"));
    }

    [Test]
    public async Task Bytes_that_are_not_HTTP_do_not_harm_it()
    {
        using TcpClient client = new();
        await client.ConnectAsync(_server.Address.EndPoint!);
        await client.GetStream().WriteAsync("<134>1 - - - - - - not HTTP\n\n\0\0"u8.ToArray());
        using StreamReader reader = new(client.GetStream(), Encoding.ASCII);
        Assert.That(await reader.ReadLineAsync(), Does.StartWith("HTTP/1.1 400"));
        Assert.That(await _http.GetStringAsync("healthz"), Is.EqualTo("alive\n"));
    }

    [Test]
    public async Task Connections_that_others_keep_do_not_keep_anybody_out()
    {
        List<TcpClient> kept = [];
        try
        {
            for (int i = 0; i < 100; i++)
            {
                TcpClient client = new();
                kept.Add(client);
                await client.ConnectAsync(_server.Address.EndPoint!);

                // Some ask and stay, some only stay.
                if (i % 2 == 0) await client.GetStream().WriteAsync("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray());
            }
            for (int i = 0; i < 40; i++)
            {
                using HttpClient another = new() { BaseAddress = _http.BaseAddress, Timeout = TimeSpan.FromSeconds(5) };
                Assert.That(await another.GetStringAsync("healthz"), Is.EqualTo("alive\n"));
            }

            // Whoever asks again and again keeps its connection: the longest silent one goes.
            Assert.That(await _http.GetStringAsync("healthz"), Is.EqualTo("alive\n"));
        }
        finally
        {
            foreach (TcpClient client in kept) client.Dispose();
        }
    }

    [Test]
    public async Task Its_framework_says_nothing_below_a_warning()
    {
        await _http.GetStringAsync("metrics");
        Assert.That(_logText.ToString(), Is.Empty);
    }

    [Test]
    public async Task An_address_in_use_is_one_clear_exception_and_no_log_line()
    {
        StatusListenException e = (await Assert.ThrowsAsync<StatusListenException>(
            () => StatusServer.StartAsync(AnyPort with { Address = _server.Address }, _view, _metrics, _loggers, CancellationToken.None)))!;
        Assert.That(e.Message, Is.EqualTo($"Monitoring:Address: cannot bind {_server.Address}: the address is in use"));
        Assert.That(e.Address, Is.EqualTo(_server.Address));
        Assert.That(_logText.ToString(), Is.Empty);
    }

    [Test]
    public async Task An_address_that_is_not_ours_is_one_clear_exception()
    {
        MonitoringOptions elsewhere = new() { Address = new MonitoringAddress(IPEndPoint.Parse("192.0.2.1:9514"), null) };
        StatusListenException e = (await Assert.ThrowsAsync<StatusListenException>(
            () => StatusServer.StartAsync(elsewhere, _view, _metrics, _loggers, CancellationToken.None)))!;
        Assert.That(e.Message, Does.StartWith("Monitoring:Address: cannot bind 192.0.2.1:9514: ").And.Not.Contain("\n"));
        Assert.That(_logText.ToString(), Is.Empty);
    }

    [Test]
    public async Task It_stops_with_a_scraper_connected_and_frees_the_address()
    {
        await _http.GetStringAsync("metrics");
        MonitoringAddress address = _server.Address;
        await _server.DisposeAsync();
        _server = await StatusServer.StartAsync(AnyPort with { Address = address }, _view, _metrics, _loggers, CancellationToken.None);
        Assert.That(_server.Address, Is.EqualTo(address));
    }
}
