using System.Net;
using System.Text.RegularExpressions;
using Concentrator.Configuration;
using Concentrator.Configuration.Options;
using Concentrator.Configuration.Values;
using Concentrator.Messages;
using Concentrator.Messages.Rendering;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Configuration;

/// <summary>An example with every kind of key, and the annotated sample, become exactly these records.</summary>
[TestFixture]
internal sealed class ReferenceConfigurationTests
{
    private ConfigurationFolder _folder = null!;

    [SetUp]
    public void CreateFolder()
    {
        _folder = new ConfigurationFolder();
        _folder.WriteCertificate("server");
    }

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [Test]
    public void An_example_with_every_kind_of_key_becomes_these_records()
    {
        ServerOptions options = Valid(_folder.Load($$"""
            {
              "Listeners": {                        // name -> where it listens
                "haproxy": { "Address": "unix-dgram:/var/lib/haproxy/dev/log", "Mode": "0666" },
                "stream":  { "Address": "unix-stream:/run/concentrator/log" },
                "udp":     { "Address": "udp://0.0.0.0:514" },
                "tcp":     { "Address": "tcp://0.0.0.0:514" },
                "tls":     { "Address": "tls://0.0.0.0:6514",
                             "Tls": { "CertificateFile": "server.crt", "KeyFile": "server.key", "ClientCaFile": null } }
              },
              "Outputs": {                          // name -> where messages go
                "haproxy.log": { "Type": "file", "Path": "/var/log/haproxy.log", "Format": "traditional" },
                "sekoia": { "Type": "syslog-tls", "Endpoint": "intake.sekoia.io:10514",
                            "IntakeKey": "{{Snippets.Key}}",
                            "Tls": { "CaFile": null, "ServerName": null, "CertificateFile": null, "KeyFile": null } }
              },
              "Routes": [
                { "From": ["haproxy"], "Program": "haproxy*", "To": ["haproxy.log", "sekoia"], "Stop": true }
              ],
              "Spool":      { "Directory": "/var/spool/concentrator", "MaxSize": "5GB", "Durability": "process",
                              "WhenFull": "drop-oldest" },
              "Monitoring": { "Address": "127.0.0.1:9514" },
              "ShutdownTimeout": "00:00:10"
            }
            """));

        Assert.That(options.Listeners, Is.EquivalentTo(new ListenerOptions[]
        {
            new() { Name = "haproxy", Address = new(Transport.UnixDatagram, "/var/lib/haproxy/dev/log", null), MaxMessageSize = 65536 },
            new() { Name = "stream", Address = new(Transport.UnixStream, "/run/concentrator/log", null), MaxMessageSize = 262144 },
            new() { Name = "udp", Address = new(Transport.Udp, null, new(IPAddress.Any, 514)), MaxMessageSize = 65536 },
            new() { Name = "tcp", Address = new(Transport.Tcp, null, new(IPAddress.Any, 514)), MaxMessageSize = 262144 },
            new()
            {
                Name = "tls",
                Address = new(Transport.Tls, null, new(IPAddress.Any, 6514)),
                MaxMessageSize = 262144,
                Tls = new() { CertificateFile = _folder.In("server.crt"), KeyFile = _folder.In("server.key") },
            },
        }));
        Assert.That(options.Outputs, Is.EquivalentTo(new OutputOptions[]
        {
            new FileOutputOptions { Name = "haproxy.log", Path = "/var/log/haproxy.log", Format = FileFormat.Traditional },
            new RelayOutputOptions
            {
                Name = "sekoia",
                Endpoints = new([new("intake.sekoia.io", 10514)]),
                IntakeKey = new Secret(Snippets.Key),
                Tls = new(),
            },
        }));
        Assert.That(options.Routes, Is.EqualTo(new RouteOptions[]
        {
            new() { Index = 0, From = ["haproxy"], Program = "haproxy*", To = ["haproxy.log", "sekoia"], Stop = true },
        }));
        Assert.That(options.Spool, Is.EqualTo(new SpoolOptions()));
        Assert.That(options.Monitoring, Is.EqualTo(new MonitoringOptions { Address = new MonitoringAddress(new IPEndPoint(IPAddress.Loopback, 9514), null) }));
        Assert.That(options.ShutdownTimeout, Is.EqualTo(TimeSpan.FromSeconds(10)));
        string[] idle = ["stream", "udp", "tcp", "tls"];
        Assert.That(options.Warnings, Has.Count.EqualTo(4), "four listeners have no route");
        Assert.That(idle.All(name => options.Warnings.Any(line => line.Contains($"Listeners:{name}:", StringComparison.Ordinal))));
    }

    [Test]
    public void Every_default_that_the_sample_shows_is_the_default()
    {
        ServerOptions options = Valid(_folder.Load(Sample()));

        Assert.That(options.Listeners, Is.EquivalentTo(new ListenerOptions[]
        {
            new() { Name = "haproxy", Address = new(Transport.UnixDatagram, "/var/lib/haproxy/dev/log", null), MaxMessageSize = 65536 },
            new() { Name = "stream", Address = new(Transport.UnixStream, "/run/concentrator/log", null), MaxMessageSize = 262144 },
            new() { Name = "udp", Address = new(Transport.Udp, null, new(IPAddress.Any, 514)), MaxMessageSize = 65536 },
            new() { Name = "tcp", Address = new(Transport.Tcp, null, new(IPAddress.Any, 514)), MaxMessageSize = 262144 },
            new()
            {
                Name = "tls",
                Address = new(Transport.Tls, null, new(IPAddress.Any, 6514)),
                MaxMessageSize = 262144,
                Tls = new() { CertificateFile = _folder.In("server.crt"), KeyFile = _folder.In("server.key") },
            },
        }));
        Assert.That(options.Outputs, Is.EquivalentTo(new OutputOptions[]
        {
            new FileOutputOptions { Name = "haproxy.log", Path = "/var/log/haproxy.log" },
            new RelayOutputOptions
            {
                Name = "sekoia",
                Endpoints = new([new("intake.sekoia.io", 10514)]),
                Format = RelayFormat.Sekoia,
                IntakeKey = new Secret("0123456789abcdef"),
                Tls = new(),
            },
            new RelayOutputOptions { Name = "archive", Endpoints = new([new("192.0.2.10", 601)]), Format = RelayFormat.Rfc5424 },
            new RelayOutputOptions
            {
                Name = "acknowledged",
                Protocol = RelayProtocol.Relp,
                Endpoints = new([new("relp.intake.sekoia.io", 11514)]),
                IntakeKey = new Secret("0123456789abcdef"),
                ReplayTail = TimeSpan.Zero,
                Tls = new(),
            },
            new RelayOutputOptions
            {
                Name = "https",
                Protocol = RelayProtocol.Https,
                Endpoints = new([new("intake.sekoia.io", 443)]),
                Format = RelayFormat.Sekoia,
                ControlCharacters = ControlCharacters.Escape,
                IntakeKey = new Secret("0123456789abcdef"),
                ReplayTail = TimeSpan.Zero,
                Tls = new(),
                Https = new() { Keys = new([new Secret("0123456789abcdef")]) },
            },
        }));
        Assert.That(options.Routes, Has.Count.EqualTo(4));
        Assert.That(options.Routes[1], Is.EqualTo(new RouteOptions
        {
            Index = 1,
            Host = "web-*",
            Sender = IPNetwork.Parse("10.0.0.0/8"),
            Severities = 0b0111_1111,
            Facilities = (1u << (int)Facility.Auth) | (1u << (int)Facility.AuthPriv) | (1u << (int)Facility.Local0),
            Contains = ["login"],
            IntakeKey = new Secret("fedcba9876543210"),
            To = ["sekoia"],
        }));
        Assert.That(options.Routes[2], Is.EqualTo(new RouteOptions { Index = 2, Program = "noisy", To = [], Stop = true }));
        Assert.That(options.Spool, Is.EqualTo(new SpoolOptions()));
        Assert.That(options.Monitoring, Is.EqualTo(new MonitoringOptions { Address = new MonitoringAddress(new IPEndPoint(IPAddress.Loopback, 9514), null) }));
        Assert.That(options.ShutdownTimeout, Is.EqualTo(TimeSpan.FromSeconds(10)));
        Assert.That(options.Warnings, Is.Empty);
    }

    [Test]
    public void The_sample_shows_every_key_that_the_records_have()
    {
        string sample = Sample();
        Type[] records =
        [
            typeof(ListenerOptions), typeof(ListenerTlsOptions), typeof(FileOutputOptions), typeof(RelayOutputOptions),
            typeof(HttpsIntakeOptions), typeof(RelayTlsOptions), typeof(RouteOptions), typeof(SpoolOptions), typeof(ServerOptions),
        ];
        Dictionary<string, string> spelled = new()
        {
            ["Endpoints"] = "Endpoint",
            ["Severities"] = "Severity",
            ["Facilities"] = "Facility",
            ["Protocol"] = "Type",
            ["UrlPath"] = "Url",
            ["Gzip"] = "Compression",
        };

        // What an output or a listener of NATS has is shown by samples/scale-out.
        string[] derived = ["Nats", "Name", "Index", "EqualityContract", "Warnings", "Files", "Https", "Keys"];

        // What a record computes from its keys is none.
        IEnumerable<string> keys = records.SelectMany(record => record.GetProperties()).Where(property => property.CanWrite).Select(property => property.Name)
            .Except(derived).Select(name => spelled.GetValueOrDefault(name, name)).Distinct();

        Assert.That(keys.Where(key => !sample.Contains($"\"{key}\":", StringComparison.Ordinal)), Is.Empty);
    }

    [Test]
    public void The_guide_has_the_defaults_of_the_records()
    {
        ListenerOptions listener = new() { Name = "", Address = new(Transport.Udp, null, new(IPAddress.Any, 0)) };
        ListenerTlsOptions listenerTls = new() { CertificateFile = "", KeyFile = "" };
        FileOutputOptions file = new() { Name = "", Path = "" };
        RelayOutputOptions relay = new() { Name = "", Endpoints = new([]) };
        HttpsIntakeOptions https = new();
        SpoolOptions spool = new();
        ServerOptions server = new() { Listeners = [], Outputs = [], Routes = [] };
        string[] rows =
        [
            $"`Format` | all | {Word(listener.Format)}",
            $"`MaxMessageSize` | all | {Size(ListenerOptions.DefaultDatagramSize)} datagrams, {Size(ListenerOptions.DefaultStreamSize)} streams",
            $"`Mode`, `Owner`, `Group` | unix, with a path | `{FileModeParser.Format(listener.Mode)}`, own",
            $"`Takeover` | unix, with a path | {Word(listener.Takeover)}",
            $"`ReceiveBuffer` | udp | {Size(listener.ReceiveBuffer)}",
            $"`Framing` | streams | {Word(listener.Framing)}",
            $"`MaxConnections` | streams | {listener.MaxConnections}",
            $"`Tls:HandshakeTimeout` | tls | {listenerTls.HandshakeTimeout.TotalSeconds} s",
            $"`Timestamp` | {Word(file.Timestamp)}",
            $"`Mode`, `Owner`, `Group` | `{FileModeParser.Format(file.Mode)}`, own",
            $"`Framing` | {Word(relay.Framing)}",
            $"`StructuredData` | {Word(relay.StructuredData)}",
            $"`ReplayTail` | {relay.ReplayTail.TotalSeconds} s",
            $"`MaxFrameSize` | {Size(RelayOutputOptions.MostForSekoia)} in Sekoia.io's format, else {Size(RelayOutputOptions.MostForOthers)}",
            $"`BatchSize` | {Size(https.BatchSize)}",
            $"`BatchEvents` | {https.BatchEvents}",
            $"`BatchAge` | {https.BatchAge.TotalSeconds} s",
            $"`Requests` | {https.Requests}",
            $"`Tls:Insecure` | {Word(new RelayTlsOptions().Insecure)}",
            $"`Spool:Directory` | `{spool.Directory}`",
            $"`Spool:MaxSize` | {Size(spool.MaxSize)}",
            $"`Spool:MaxMemory` | {Size(spool.MaxMemory)}",
            $"`Spool:WhenFull` | {Word(spool.WhenFull)}",
            $"`Spool:Durability` | {Word(spool.Durability)}",
            $"`Monitoring:Address` | `{server.Monitoring!.Address}`",
            $"`Statistics:To`, `Interval` | none, {StatisticsOptions.DefaultInterval.TotalMinutes} min",
            $"`ShutdownTimeout` | {server.ShutdownTimeout.TotalSeconds} s",
        ];
        string guide = Repository.Read("docs/guide/configuration.md");
        Assert.That(rows.Where(row => !guide.Contains($"\n| {row} |", StringComparison.Ordinal)), Is.Empty);

        static string Size(long bytes) => Regex.Replace(ByteSize.Format(bytes), "[KMG]", " $0");

        static string Word(object value) => $"`{Regex.Replace(value.ToString()!, "(?<=[a-z])[A-Z]", "-$0").ToLowerInvariant()}`";
    }

    private static string Sample() => Repository.ReadSample("concentrator.json");

    private static ServerOptions Valid(ConfigurationResult result)
    {
        Assert.That(result.Errors, Is.Empty);
        return result.Options!;
    }
}
