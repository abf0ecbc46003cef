using System.Globalization;

namespace Concentrator.Tests.Equipment;

/// <summary>A real proxy on 127.0.0.1: tinyproxy for HTTP CONNECT, Dante for SOCKS 5.</summary>
internal sealed class ForwardProxy : IDisposable
{
    private readonly PeerProcess _process;

    private ForwardProxy(PeerStart start, int port, string scheme)
    {
        Port = port;
        Url = string.Create(CultureInfo.InvariantCulture, $"{scheme}://127.0.0.1:{port}");
        _process = PeerProcess.Start(start);
        _process.WaitUntilReadyOrDispose(() => FreePort.IsListening(port), Url, this);
    }

    public int Port { get; }

    /// <summary>As the key <c>Proxy</c> has it.</summary>
    public string Url { get; }

    /// <param name="directory">For its configuration.</param>
    /// <param name="allowed">The only port that it connects to.</param>
    /// <param name="credentials"><c>user password</c>; null = it asks for none.</param>
    /// <param name="port">Its own; null = any free one.</param>
    public static ForwardProxy Tinyproxy(TempDirectory directory, int allowed, string? credentials = null, int? port = null)
    {
        int own = port ?? FreePort.Next();
        string configuration = directory.Write("tinyproxy.conf", string.Create(CultureInfo.InvariantCulture, $"""
            Port {own}
            Listen 127.0.0.1
            Timeout 600
            ConnectPort {allowed}
            {(credentials is null ? "" : $"BasicAuth {credentials}")}

            """));
        PeerStart start = new() { Path = Peer.Require("tinyproxy", "tinyproxy"), Arguments = ["-d", "-c", configuration], WorkingDirectory = directory.Path };
        return new ForwardProxy(start, own, "http");
    }

    /// <param name="directory">For its configuration.</param>
    /// <param name="refused">A port that its rules forbid.</param>
    public static ForwardProxy Dante(TempDirectory directory, int? refused = null)
    {
        int own = FreePort.Next();
        string block = refused is { } forbidden
            ? string.Create(CultureInfo.InvariantCulture, $"socks block {{ from: 0.0.0.0/0 to: 0.0.0.0/0 port = {forbidden} }}") : "";
        string configuration = directory.Write("danted.conf", string.Create(CultureInfo.InvariantCulture, $$"""
            logoutput: stderr
            internal: 127.0.0.1 port = {{own}}
            external: lo
            clientmethod: none
            socksmethod: none
            user.privileged: root
            user.unprivileged: nobody
            client pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }
            {{block}}
            socks pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }

            """));
        PeerStart start = new() { Path = Peer.Require("danted", "dante-server"), Arguments = ["-f", configuration], WorkingDirectory = directory.Path };
        return new ForwardProxy(start, own, "socks5");
    }

    public string Describe() => _process.Describe();

    public void Dispose() => _process.Dispose();
}
