using Concentrator.Configuration;
using Concentrator.Configuration.Options;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Configuration;

/// <summary>Outputs of type nats and listeners at nats://: what is read, and what is refused in one line.</summary>
[TestFixture]
internal sealed class NatsConfigurationTests
{
    private const string Seed = "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY";

    private ConfigurationFolder _folder = null!;

    [SetUp]
    public void CreateFolder() => _folder = new ConfigurationFolder();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [Test]
    public void Every_key_of_an_output_is_read()
    {
        RelayOutputOptions relay = Output($$"""
            "Servers": ["nats://a", "b:4333"], "Stream": "LOGS", "Subject": "logs.{host}", "Batch": "message",
            "CreateStream": { "Replicas": 5, "Retention": "limits", "MaxBytes": "2GB", "MaxAge": "24:00:00" }, "NKey": "{{Seed}}", "Tls": true
            """);
        Assert.That(relay.Endpoints.List, Is.EqualTo([new RelayEndpoint("a", 4222), new RelayEndpoint("b", 4333)]));
        Assert.That((relay.Type, relay.Protocol, relay.ReplayTail, relay.AcknowledgesMessages, relay.SendsRecords), Is.EqualTo(("nats", RelayProtocol.Nats, TimeSpan.Zero, true, false)));
        Assert.That(relay.Tls, Is.EqualTo(new RelayTlsOptions()));
        Assert.That(relay.Nats, Is.EqualTo(new NatsOutputOptions
        {
            Stream = "LOGS",
            Subject = "logs.{host}",
            Batch = NatsBatch.Message,
            CreateStream = new NatsStreamLimits { Replicas = 5, Retention = NatsRetention.Limits, MaxBytes = 2L << 30, MaxAge = TimeSpan.FromDays(1) },
            Credentials = new NatsCredentials { NKey = new Secret(Seed) },
        }));
    }

    [Test]
    public void The_defaults_are_those_of_the_records()
    {
        RelayOutputOptions relay = Output(""" "Servers": "a", "Stream": "LOGS" """);
        Assert.That(relay.Nats, Is.EqualTo(new NatsOutputOptions { Stream = "LOGS", Subject = "concentrator.out" }));
        Assert.That((relay.Tls, relay.SendsRecords), Is.EqualTo(((RelayTlsOptions?)null, true)));
        Assert.That(Output(""" "Servers": "a", "Stream": "LOGS", "CreateStream": true """).Nats!.CreateStream, Is.EqualTo(new NatsStreamLimits()));
    }

    [TestCase(""" "Stream": "LOGS" """, "Outputs:out:Servers: is missing or empty")]
    [TestCase(""" "Servers": "a" """, "Outputs:out:Stream: is missing")]
    [TestCase(""" "Servers": "a", "Stream": "A.B" """, "is not a name for NATS")]
    [TestCase(""" "Servers": "a", "Stream": "LOGS", "Subject": "a.*" """, "is not a subject to publish to")]
    [TestCase(""" "Servers": "a", "Stream": "LOGS", "Subject": "a.{listener}" """, "declare an output for each listener")]
    [TestCase(""" "Servers": "tls://a", "Stream": "LOGS" """, "\"Tls\": true")]
    [TestCase(""" "Servers": "user:secret@a", "Stream": "LOGS" """, "has credentials; write them into the keys")]
    [TestCase(""" "Servers": ["a", "a:4222"], "Stream": "LOGS" """, "lists a:4222 twice")]
    [TestCase(""" "Servers": "a", "Stream": "LOGS", "Endpoint": "b:1" """, "Endpoint: does not apply to an output of type nats")]
    [TestCase(""" "Servers": "a", "Stream": "LOGS", "ReplayTail": "00:00:01" """, "ReplayTail: does not apply to an output of type nats")]
    [TestCase(""" "Servers": "a", "Stream": "LOGS", "User": "u" """, "PasswordFile: is required with User")]
    [TestCase(""" "Servers": "a", "Stream": "LOGS", "Token": "t", "User": "u", "Password": "p" """, "keep only one kind of credentials")]
    [TestCase(""" "Servers": "a", "Stream": "LOGS", "NKey": "UA" """, "is not the seed of a user's NKey")]
    [TestCase(""" "Servers": "a", "Stream": "LOGS", "CredentialsFile": "none.creds" """, "name a .creds file")]
    [TestCase(""" "Servers": "a", "Stream": "LOGS", "CreateStream": { "Replicas": 2 } """, "write 1, 3 or 5")]
    [TestCase(""" "Servers": "a", "Stream": "LOGS", "CreateStream": {} """, "Outputs:out:CreateStream: is empty; write true, false, or an object with at least one key")]
    [TestCase(""" "Servers": "a", "Stream": "LOGS", "Tls": {} """, "Outputs:out:Tls: is empty; write true")]
    public void What_is_wrong_is_said(string keys, string expected)
    {
        ConfigurationResult result = LoadOutput(keys);
        Assert.That(Texts(result), Has.Exactly(1).Contains(expected));
        Assert.That(string.Concat(result.Errors), Does.Not.Contain("secret"));
    }

    [Test]
    public void A_created_stream_that_keeps_everything_without_end_is_warned_of() => Assert.That(
        LoadOutput(""" "Servers": "a", "Stream": "LOGS", "CreateStream": { "Retention": "limits" } """).Options!.Warnings, Has.Some.Contains("full one day"));

    [Test]
    public void Every_key_of_a_listener_is_read()
    {
        ListenerOptions listener = Listener(""" "Address": "nats://a,b:4333", "Stream": "LOGS", "Consumer": "relays", "Acknowledge": "queued", "Token": "t", "Tls": { "ServerName": "x" } """);
        Assert.That(listener.Address.ToString(), Is.EqualTo("nats://a:4222,b:4333"));
        Assert.That((listener.Address.IsDatagram, listener.Address.IsStream, listener.Address.IsUnix), Is.EqualTo((false, false, false)));
        Assert.That(listener.MaxMessageSize, Is.EqualTo(ListenerOptions.DefaultStreamSize));
        Assert.That(listener.Nats, Is.EqualTo(new NatsListenerOptions
        {
            Stream = "LOGS",
            Consumer = "relays",
            Acknowledge = NatsAcknowledge.Queued,
            Credentials = new NatsCredentials { Token = new Secret("t") },
            Tls = new RelayTlsOptions { ServerName = "x" },
        }));
    }

    [TestCase(""" "Address": "nats://a", "Stream": "LOGS" """, "Listeners:in:Consumer: is missing")]
    [TestCase(""" "Address": "nats://a", "Stream": "LOGS", "Consumer": "c", "Tls": {} """, "Listeners:in:Tls: is empty; write true")]
    [TestCase(""" "Address": "nats://", "Stream": "LOGS", "Consumer": "c" """, "Listeners:in:Address")]
    [TestCase(""" "Address": "nats://a", "Stream": "LOGS", "Consumer": "c", "Framing": "lf" """, "Framing: applies to streams")]
    [TestCase(""" "Address": "udp://127.0.0.1:0", "Stream": "LOGS" """, "Stream: applies to nats:// only")]
    public void What_is_wrong_with_a_listener_is_said(string keys, string expected) => Assert.That(Texts(LoadListener(keys)), Has.Some.Contains(expected));

    [TestCase("edge.json")]
    [TestCase("relay.json")]
    public void The_samples_lack_nothing_but_the_files_of_their_secrets(string name)
    {
        string sample = Repository.ReadSample($"scale-out/{name}");
        File.WriteAllText(_folder.In("secret"), "0123456789abcdef\n");
        foreach (string secret in (string[])["nats.password", "intake.key"]) sample = sample.Replace($"/etc/concentrator/{secret}", _folder.In("secret"), StringComparison.Ordinal);
        ConfigurationResult result = _folder.Load(sample);
        Assert.That(result.Errors, Is.Empty);
        Assert.That(result.Options!.Listeners.Count(static l => l.Nats is not null) + result.Options.Outputs.OfType<RelayOutputOptions>().Count(static o => o.Nats is not null), Is.EqualTo(1));
    }

    private RelayOutputOptions Output(string keys) => (RelayOutputOptions)Valid(LoadOutput(keys)).Outputs.Single();

    private ListenerOptions Listener(string keys) => Valid(LoadListener(keys)).Listeners.Single();

    private ConfigurationResult LoadOutput(string keys) =>
        _folder.Load($$"""{ "Listeners": { "in": { "Address": "udp://127.0.0.1:0" } }, "Outputs": { "out": { "Type": "nats", {{keys}} } } }""");

    private ConfigurationResult LoadListener(string keys) =>
        _folder.Load($$"""{ "Listeners": { "in": { {{keys}} } }, "Outputs": { "out": { "Type": "file", "Path": "/tmp/none.log" } } }""");

    private static IEnumerable<string> Texts(ConfigurationResult result) => result.Errors.Select(static error => error.ToString()!);

    private static ServerOptions Valid(ConfigurationResult result)
    {
        Assert.That(result.Errors, Is.Empty);
        return result.Options!;
    }
}
