
namespace Concentrator.Tests.Equipment;

/// <summary>The configuration of a server whose every message goes to all of its outputs.</summary>
internal sealed class ServerSetup(TempDirectory directory)
{
    /// <summary>Of every relay.</summary>
    public const string IntakeKey = "ABCDEFGHIJKLMNOP";

    private readonly List<string> _listeners = [];
    private readonly List<string> _outputs = [];
    private readonly List<string> _names = [];

    /// <param name="name">Key of the listener.</param>
    /// <param name="address">As in the configuration.</param>
    /// <param name="more">More keys of it in JSON, such as <c>"Format": "local"</c>.</param>
    public ServerSetup Listen(string name, string address, params string[] more)
    {
        _listeners.Add($"\"{name}\": {{ {string.Join(", ", (string[])[$"\"Address\": \"{address}\"", .. more])} }}");
        return this;
    }

    /// <summary>A TLS listener on 127.0.0.1 that presents <see cref="TestCertificates.Server"/>.</summary>
    public ServerSetup ListenTls(string name, int port, CertificateAuthority? requireClientFrom = null)
    {
        (string certificate, string key) = TestCertificates.Server.WritePem(directory.Path, "listener");
        string clients = requireClientFrom is null ? "" : $", \"ClientCaFile\": \"{requireClientFrom.WritePem(directory.Path, "clients.crt")}\"";
        return Listen(
            name, $"tls://127.0.0.1:{port}", $"\"Tls\": {{ \"CertificateFile\": \"{certificate}\", \"KeyFile\": \"{key}\"{clients} }}");
    }

    /// <summary>A file of that name in the directory.</summary>
    public ServerSetup File(string name, string format = "traditional", params string[] more) => Output(
        name,
        string.Join(", ", (string[])["\"Type\": \"file\"", $"\"Path\": \"{directory[name]}\"", $"\"Format\": \"{format}\"", .. more]));

    /// <summary>A relay in Sekoia's format to a port of 127.0.0.1, over TLS that trusts <see cref="TestCertificates.Authority"/>.</summary>
    public ServerSetup Relay(int port, IssuedCertificate? client = null, params string[] more) => Relay(port, "syslog-tls", client, more);

    /// <summary>The same over RELP; over plain TCP where <paramref name="secure"/> is false.</summary>
    public ServerSetup Relp(int port, bool secure, params string[] more) => secure
        ? Relay(port, "relp-tls", client: null, more)
        : Output("relay", string.Join(
            ", ", (string[])["\"Type\": \"relp\"", $"\"Endpoint\": \"127.0.0.1:{port}\"", $"\"IntakeKey\": \"{IntakeKey}\"", .. more]));

    /// <param name="environment">Variables for the server beside our own.</param>
    /// <param name="binary">A program to start in the server's place, which starts it in turn.</param>
    public ServerProcess Start(IReadOnlyDictionary<string, string?>? environment = null, string? binary = null) =>
        ServerProcess.Start(directory, Render(), environment, binary);

    private ServerSetup Relay(int port, string type, IssuedCertificate? client, params string[] more)
    {
        string clientFiles = "";
        if (client is not null)
        {
            (string certificate, string key) = client.WritePem(directory.Path, "client");
            clientFiles = $", \"CertificateFile\": \"{certificate}\", \"KeyFile\": \"{key}\"";
        }
        string authority = TestCertificates.Authority.WritePem(directory.Path, "authority.crt");
        return Output("relay", $"\"Type\": \"{type}\", \"Endpoint\": \"127.0.0.1:{port}\", \"IntakeKey\": \"{IntakeKey}\", "
            + string.Concat(more.Select(static key => $"{key}, "))
            + $"\"Tls\": {{ \"CaFile\": \"{authority}\", \"ServerName\": \"localhost\"{clientFiles} }}");
    }

    private ServerSetup Output(string name, string keys)
    {
        _outputs.Add($"\"{name}\": {{ {keys} }}");
        _names.Add($"\"{name}\"");
        return this;
    }

    private string Render() =>
        $$"""
        {
          "Listeners": { {{string.Join(",\n", _listeners)}} },
          "Outputs": { {{string.Join(",\n", _outputs)}} },
          "Routes": [ { "To": [{{string.Join(", ", _names)}}] } ]
        }
        """;
}
