using System.Net;
using System.Net.Sockets;
using System.Text;
using Concentrator.Configuration.Options;
using Concentrator.Targets.Relays.Proxies;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Targets;

/// <summary>What a proxy may answer, from a script; Peers/ProxyTests has real ones.</summary>
internal sealed class ProxyTunnelTests
{
    private static readonly RelayEndpoint Receiver = new("intake.example.net", 10514);
    private static readonly ProxyCredentials Known = new("user", new Secret("password"));

    private TcpListener _listener = null!;
    private TcpClient _client = null!;
    private TcpClient _proxy = null!;

    [SetUp]
    public async Task Connect()
    {
        _listener = new TcpListener(IPAddress.Loopback, 0);
        _listener.Start();
        _client = new TcpClient();
        await _client.ConnectAsync((IPEndPoint)_listener.LocalEndpoint);
        _proxy = await _listener.AcceptTcpClientAsync();
    }

    [TearDown]
    public void Close()
    {
        _client.Dispose();
        _proxy.Dispose();
        _listener.Dispose();
    }

    [TestCase("HTTP/1.1 200 Connection established\r\n\r\n", null)]
    [TestCase("HTTP/1.0 200 OK\r\nVia: x\r\n\r\n", null)]
    [TestCase("HTTP/1.1 200\r\n\r\n", null)]
    [TestCase("HTTP/1.1 302 Found\r\nLocation: /login\r\n\r\n", "it answers 302 Found")]
    [TestCase("HTTP/1.1 403 Forbidden\r\n\r\n", "it answers 403 Forbidden: it has to allow CONNECT to intake.example.net:10514")]
    [TestCase("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "it answers 407 Proxy Authentication Required: it asks for credentials; name their file in ProxyCredentialsFile")]
    [TestCase("HTTP/1.1 503 Service Unavailable\r\n\r\n", "it answers 503 Service Unavailable: it does not reach intake.example.net:10514")]
    [TestCase("HTTP/1.1 abc\r\n\r\n", "it does not answer as an HTTP proxy does")]
    [TestCase("SSH-2.0-OpenSSH\r\n\r\n", "it does not answer as an HTTP proxy does")]
    [TestCase("\r\n\r\n", "it does not answer as an HTTP proxy does")]
    public async Task The_answer_of_an_HTTP_proxy_is_judged_by_its_status(string answer, string? problem)
    {
        Task<string?> opening = OpenAsync(ProxyProtocol.Http, null);
        await SendAsync(answer + "the receiver's first bytes");
        Assert.That(await opening, Is.EqualTo(problem));
        Assert.That(Encoding.ASCII.GetString(Received()), Is.EqualTo("CONNECT intake.example.net:10514 HTTP/1.1\r\nHost: intake.example.net:10514\r\n\r\n"));
        if (problem is null) await AssertNextAsync("the receiver's first bytes");
    }

    [Test]
    public async Task An_answer_without_end_is_not_read_to_its_end()
    {
        Task<string?> opening = OpenAsync(ProxyProtocol.Http, null);
        await SendAsync("HTTP/1.1 200 OK\r\n" + new string('x', 20_000));
        Assert.That(await opening, Is.EqualTo("it does not answer as an HTTP proxy does"));
    }

    [Test]
    public async Task Credentials_are_shown_to_an_HTTP_proxy_as_Basic()
    {
        Task<string?> opening = OpenAsync(ProxyProtocol.Http, Known);
        await SendAsync("HTTP/1.1 407 Again\r\n\r\n");
        Assert.That(await opening, Is.EqualTo("it answers 407 Again: it does not accept the user and password of ProxyCredentialsFile"));
        Assert.That(Encoding.ASCII.GetString(Received()), Does.Contain("\r\nProxy-Authorization: Basic dXNlcjpwYXNzd29yZA==\r\n"));
    }

    [TestCase(ProxyProtocol.Http)]
    [TestCase(ProxyProtocol.Socks5)]
    public void A_proxy_that_goes_away_is_an_error_of_the_connection(ProxyProtocol protocol)
    {
        Task<string?> opening = OpenAsync(protocol, null);
        _proxy.Dispose();
        Assert.That(async () => await opening, Throws.InstanceOf<IOException>());
    }

    // Version 5, no authentication; then the reply with an address of each kind and a port.
    [TestCase("0500 050000010A0000010050", null)]
    [TestCase("0500 05000003036162630050", null)]
    [TestCase("0500 05000004000000000000000000000000000000000050", null)]
    [TestCase("0500 050200010A0000010050", "it does not reach intake.example.net:10514: its rules do not allow the connection")]
    [TestCase("0500 050400010A0000010050", "it does not reach intake.example.net:10514: host unreachable")]
    [TestCase("0500 054200010A0000010050", "it does not reach intake.example.net:10514: code 66")]
    [TestCase("05FF", "it asks for credentials; name their file in ProxyCredentialsFile")]
    [TestCase("4854", "it does not answer as a SOCKS 5 proxy does")]
    [TestCase("0500 48545450", "it does not answer as a SOCKS 5 proxy does")]
    public async Task The_answers_of_a_SOCKS_proxy_are_judged_by_their_codes(string answers, string? problem)
    {
        Task<string?> opening = OpenAsync(ProxyProtocol.Socks5, null);
        await SendAsync([.. Convert.FromHexString(answers.Replace(" ", "", StringComparison.Ordinal)), .. "next"u8]);
        Assert.That(await opening, Is.EqualTo(problem));
        if (problem is not null) return;
        await AssertNextAsync("next");
        Assert.That(Convert.ToHexString(Received()), Is.EqualTo("050100" + "0501000312" + Convert.ToHexString("intake.example.net"u8) + "2912"));
    }

    [Test]
    public async Task Credentials_are_shown_to_a_SOCKS_proxy_that_chooses_them()
    {
        Task<string?> opening = OpenAsync(ProxyProtocol.Socks5, Known);
        await SendAsync(Convert.FromHexString("05020101"));
        Assert.That(await opening, Is.EqualTo("it does not accept the user and password of ProxyCredentialsFile"));
        Assert.That(Convert.ToHexString(Received()), Is.EqualTo("05020002" + "0104" + Convert.ToHexString("user"u8) + "08" + Convert.ToHexString("password"u8)));
    }

    [TestCase("10.1.2.3", "01" + "0A010203")]
    [TestCase("2001:db8::1", "04" + "20010DB8000000000000000000000001")]
    public async Task An_address_is_passed_as_an_address(string host, string expected)
    {
        Task<string?> opening = ProxyTunnel.OpenAsync(
            _client.GetStream(), new RelayProxy(ProxyProtocol.Socks5, new RelayEndpoint("p", 1)), new RelayEndpoint(host, 80), CancellationToken.None);
        await SendAsync(Convert.FromHexString("0500" + "05000001000000000000"));
        Assert.That(await opening, Is.Null);
        Assert.That(Convert.ToHexString(Received()), Is.EqualTo("050100" + "050100" + expected + "0050"));
    }

    [TestCase("", "intake.example.net", true)]
    [TestCase("*", "intake.example.net", false)]
    [TestCase("example.net", "intake.example.net", false)]
    [TestCase(".example.net", "intake.EXAMPLE.net", false)]
    [TestCase("*.example.net", "intake.example.net", false)]
    [TestCase("ample.net", "intake.example.net", true)]
    [TestCase("other, intake.example.net", "intake.example.net", false)]
    [TestCase("10.0.0.0/8", "10.1.2.3", false)]
    [TestCase("10.0.0.0/8", "11.1.2.3", true)]
    [TestCase("[::1]", "::1", false)]
    [TestCase("127.0.0.1", "127.0.0.1", false)]
    [TestCase("27.0.0.1", "127.0.0.1", true)]
    public void NO_PROXY_names_hosts_domains_addresses_and_networks(string exceptions, string host, bool served) => Assert.That(
        new RelayProxy(ProxyProtocol.Http, new RelayEndpoint("p", 1)) { Exceptions = exceptions }.Serves(new RelayEndpoint(host, 1)), Is.EqualTo(served));

    private Task<string?> OpenAsync(ProxyProtocol protocol, ProxyCredentials? credentials) => ProxyTunnel.OpenAsync(
        _client.GetStream(), new RelayProxy(protocol, new RelayEndpoint("proxy", 1)) { Credentials = credentials }, Receiver, CancellationToken.None);

    private Task SendAsync(string text) => SendAsync(Encoding.ASCII.GetBytes(text));

    private async Task SendAsync(byte[] bytes) => await _proxy.GetStream().WriteAsync(bytes);

    private byte[] Received()
    {
        byte[] bytes = new byte[4096];
        Eventually.Holds(() => _proxy.Available > 0, "the request has come");
        return bytes[.._proxy.GetStream().Read(bytes)];
    }

    private async Task AssertNextAsync(string text)
    {
        byte[] bytes = new byte[text.Length];
        await _client.GetStream().ReadExactlyAsync(bytes);
        Assert.That(Encoding.ASCII.GetString(bytes), Is.EqualTo(text));
    }
}
