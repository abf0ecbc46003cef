using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Hosting.Access;
using Concentrator.Hosting.Status;
using Concentrator.Hosting.Views;
using Concentrator.Telemetry.Log;
using Concentrator.Telemetry.Metrics;
using Concentrator.Tests.Equipment;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using NUnit.Framework;

namespace Concentrator.Tests.Telemetry;

/// <summary>Who gets an answer from the status pages: by the name asked for, by the token, over TLS, through a unix socket.</summary>
internal sealed class StatusAccessTests
{
    private const string Token = "a-token-of-enough-characters";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    private static readonly MonitoringOptions AnyPort = new() { Address = new MonitoringAddress(new IPEndPoint(IPAddress.Loopback, 0), null) };

    private readonly StringWriter _logText = new();
    private readonly ServerView _view = new(new Ledger(), new RecentEvents(new KeyMask()), TimeProvider.System) { IsListening = true };
    private ServerMetrics _metrics = null!;
    private TempDirectory _directory = null!;
    private ILoggerFactory _loggers = null!;
    private StatusServer? _server;

    [SetUp]
    public void Prepare()
    {
        _directory = new TempDirectory();
        _metrics = new ServerMetrics(_view.Ledger);
        _logText.GetStringBuilder().Clear();
        _loggers = ServerLog.Create(_logText, LogLevel.Information, TimeProvider.System);
    }

    [TearDown]
    public async Task Stop()
    {
        if (_server is not null) await _server.DisposeAsync();
        _server = null;
        _metrics.Dispose();
        _loggers.Dispose();
        _directory.Dispose();
    }

    [TestCase("localhost", true)]
    [TestCase("LOCALHOST:80", true)]
    [TestCase("localhost.", true)]
    [TestCase("127.0.0.1:9514", true)]
    [TestCase("192.0.2.7", true)]
    [TestCase("[::1]:9514", true)]
    [TestCase("logs.example.net", true)]
    [TestCase("elsewhere.example.net", false)]
    [TestCase("localhost.example.net", false)]
    [TestCase("127.0.0.1.example.net", false)]
    public async Task Only_addresses_and_names_of_this_server_are_answered(string host, bool answered)
    {
        await StartAsync(AnyPort with { Hosts = ["logs.example.net"] });
        foreach (string page in new[] { "/", "/metrics", "/status.json", "/readyz" })
            Assert.That(await StatusOfAsync(page, host), Is.EqualTo(answered ? 200 : 421), page);
        Assert.That(await StatusOfAsync("/healthz", host), Is.EqualTo(200));
    }

    [Test]
    public async Task The_name_of_the_machine_is_one_of_them()
    {
        await StartAsync(AnyPort);
        Assert.That(await StatusOfAsync("/metrics", Dns.GetHostName()), Is.EqualTo(200));
    }

    [TestCase("web1", true)]
    [TestCase("web1.example.net", true)]
    [TestCase("web1.elsewhere.net", false)]
    public void So_is_its_name_with_its_domain_and_without(string host, bool answered) =>
        Assert.That(new HostRule(AnyPort, "web1.example.net").Allows(new HostString(host)), Is.EqualTo(answered));

    [Test]
    public async Task A_name_that_is_not_is_logged_once_with_the_remedy()
    {
        await StartAsync(AnyPort);
        for (int i = 0; i < 5; i++) await StatusOfAsync("/metrics", $"name{i}.example.net");
        await _server!.DisposeAsync();
        _server = null;
        _loggers.Dispose();
        Assert.That(_logText.ToString().Split('\n').Count(static line => line.Contains("example.net", StringComparison.Ordinal)), Is.EqualTo(1));
        Assert.That(_logText.ToString(), Does.Contain("refused a request for the host name name0.example.net").And.Contain("Monitoring:Hosts"));
    }

    [Test]
    public async Task No_other_origin_may_read_an_answer()
    {
        await StartAsync(AnyPort);
        using HttpClient http = new() { BaseAddress = new Uri(_server!.Where) };
        http.DefaultRequestHeaders.Add("Origin", "http://elsewhere.example.net");
        using HttpResponseMessage answer = await http.GetAsync("status.json");
        Assert.That(answer.Headers.Select(static header => header.Key), Has.None.StartsWith("Access-Control-"));
        Assert.That(answer.Headers.GetValues("Cross-Origin-Resource-Policy"), Is.EqualTo(new[] { "same-origin" }));
    }

    [Test]
    public async Task With_a_token_only_those_who_show_it_get_more_than_health()
    {
        _view.Ledger.Output("away", isRelay: true, capacity: 0);
        await StartAsync(AnyPort with { Token = new Secret(Token) });
        using HttpClient http = new() { BaseAddress = new Uri(_server!.Where) };
        Assert.That(await StatusOfAsync(http, "healthz"), Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await (await http.GetAsync("readyz")).Content.ReadAsStringAsync(), Is.EqualTo("not ready\n"));
        foreach (string page in new[] { "", "metrics", "status.json", "no-such-page" })
        {
            using HttpResponseMessage refused = await http.GetAsync(page);
            Assert.That(refused.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized), page);
            Assert.That(refused.Headers.WwwAuthenticate.Single().Scheme, Is.EqualTo("Basic"));
            Assert.That(await refused.Content.ReadAsStringAsync(), Is.EqualTo(StatusPages.NoToken));
        }
        AuthenticationHeaderValue[] right = [new("Bearer", Token), Basic($"anybody:{Token}"), Basic($":{Token}")];
        AuthenticationHeaderValue[] wrong =
            [new("Bearer", Token[1..]), new("Bearer", Token + "x"), new("Basic", "%%%"), Basic(Token), Basic($"{Token}:"), new("Digest", Token), new("Bearer")];
        foreach (AuthenticationHeaderValue shown in right) Assert.That(await StatusOfAsync(http, "metrics", shown), Is.EqualTo(HttpStatusCode.OK), shown.ToString());
        foreach (AuthenticationHeaderValue shown in wrong) Assert.That(await StatusOfAsync(http, "metrics", shown), Is.EqualTo(HttpStatusCode.Unauthorized), shown.ToString());
        http.DefaultRequestHeaders.Authorization = right[0];
        Assert.That(await (await http.GetAsync("readyz")).Content.ReadAsStringAsync(), Does.StartWith("relay away: not connected"));
    }

    [Test]
    public async Task Our_own_commands_show_the_token_over_TLS_and_trust_that_certificate_alone()
    {
        MonitoringOptions options = AnyPort with { Token = new Secret(Token), Tls = Tls(TestCertificates.Server, "one") };
        await StartAsync(options);
        Assert.That(_server!.Where, Does.StartWith("https://127.0.0.1:"));
        options = options with { Address = _server.Address };
        using (StatusClient client = new(options, Limit))
            Assert.That(await client.Http.GetStringAsync(client.Page("status.json")), Does.Contain("\"listeners\""));
        using StatusClient stranger = new(options with { Tls = Tls(TestCertificates.Expired, "two") }, Limit);
        HttpRequestException refused = (await Assert.ThrowsAsync<HttpRequestException>(() => stranger.Http.GetStringAsync(stranger.Page("status.json"))))!;
        Assert.That(refused.HttpRequestError, Is.EqualTo(HttpRequestError.SecureConnectionError));
    }

    [Test]
    public async Task Whoever_does_not_speak_TLS_there_harms_nobody()
    {
        await StartAsync(AnyPort with { Tls = Tls(TestCertificates.Server, "one") });
        using TcpClient client = new();
        await client.ConnectAsync(_server!.Address.EndPoint!);
        await client.GetStream().WriteAsync("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray());
        Assert.That(await client.GetStream().ReadAsync(new byte[100]), Is.LessThan(10), "at most an alert");
        using TcpClient silent = new();
        await silent.ConnectAsync(_server.Address.EndPoint!);
        using TcpClient second = new();
        await second.ConnectAsync(_server.Address.EndPoint!);
        await using SslStream tls = new(second.GetStream(), false, static (_, shown, _, _) => shown is not null);
        await tls.AuthenticateAsClientAsync("localhost");
        await tls.WriteAsync("GET /healthz HTTP/1.0\r\n\r\n"u8.ToArray());
        using StreamReader reader = new(tls, Encoding.ASCII);
        Assert.That(await reader.ReadToEndAsync(), Does.EndWith("alive\n"));
    }

    [Test]
    public async Task A_unix_socket_serves_whoever_its_mode_lets_in_and_its_path_goes_with_it()
    {
        string path = _directory["status"];
        MonitoringOptions options = new() { Address = new MonitoringAddress(null, path), Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite };
        await StartAsync(options);
        Assert.That(_server!.Where, Is.EqualTo($"unix:{path}"));
        Assert.That(File.GetUnixFileMode(path), Is.EqualTo(options.Mode));
        using (StatusClient client = new(options, Limit))
        {
            Assert.That(await client.Http.GetStringAsync(client.Page("healthz")), Is.EqualTo("alive\n"));
            Assert.That(await client.Http.GetStringAsync(client.Page("status.json")), Does.Contain("\"listeners\""));
        }
        StatusListenException taken = (await Assert.ThrowsAsync<StatusListenException>(
            () => StatusServer.StartAsync(options, _view, _metrics, _loggers, CancellationToken.None)))!;
        Assert.That(taken.Message, Is.EqualTo($"Monitoring:Address: cannot bind unix:{path}: the address is in use"));
        await _server.DisposeAsync();
        _server = null;
        Assert.That(File.Exists(path), Is.False);
    }

    [Test]
    public async Task What_a_dead_server_left_at_the_path_is_replaced()
    {
        string path = _directory["status"];
        using (Socket dead = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            dead.Bind(new UnixDomainSocketEndPoint(_directory["other"]));
            File.Move(_directory["other"], path);
        }
        MonitoringOptions options = new() { Address = new MonitoringAddress(null, path) };
        await StartAsync(options);
        using StatusClient client = new(options, Limit);
        Assert.That(await client.Http.GetStringAsync(client.Page("healthz")), Is.EqualTo("alive\n"));
    }

    [Test]
    public async Task A_file_at_the_path_is_not_replaced()
    {
        File.WriteAllText(_directory["status"], "precious");
        StatusListenException taken = (await Assert.ThrowsAsync<StatusListenException>(() => StartAsync(new() { Address = new MonitoringAddress(null, _directory["status"]) })))!;
        Assert.That(taken.Message, Does.Contain("not a socket"));
        Assert.That(File.ReadAllText(_directory["status"]), Is.EqualTo("precious"));
    }

    private async Task StartAsync(MonitoringOptions options) =>
        _server = await StatusServer.StartAsync(options, _view, _metrics, _loggers, CancellationToken.None);

    private ListenerTlsOptions Tls(IssuedCertificate certificate, string name)
    {
        certificate.WritePem(_directory.Path, name);
        return new ListenerTlsOptions { CertificateFile = _directory[$"{name}.crt"], KeyFile = _directory[$"{name}.key"] };
    }

    private async Task<int> StatusOfAsync(string page, string host)
    {
        using TcpClient client = new();
        await client.ConnectAsync(_server!.Address.EndPoint!);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"GET {page} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"));
        using StreamReader reader = new(client.GetStream(), Encoding.ASCII);
        string line = await reader.ReadLineAsync() ?? "";
        return int.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
    }

    private static async Task<HttpStatusCode> StatusOfAsync(HttpClient http, string page, AuthenticationHeaderValue? shown = null)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, page);
        request.Headers.Authorization = shown;
        using HttpResponseMessage answer = await http.SendAsync(request);
        return answer.StatusCode;
    }

    private static AuthenticationHeaderValue Basic(string pair) => new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(pair)));
}
