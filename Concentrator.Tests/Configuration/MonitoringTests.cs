using Concentrator.Configuration;
using Concentrator.Configuration.Options;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Configuration;

/// <summary>The keys of <c>Monitoring</c>: where the status pages are, and who may see them.</summary>
internal sealed class MonitoringTests
{
    private const string Token = "0123456789abcdef";

    private ConfigurationFolder _folder = null!;

    [SetUp]
    public void CreateFolder() => _folder = new ConfigurationFolder();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [Test]
    public void Every_key_is_read()
    {
        MonitoringOptions options = Valid($$"""{ "Address": "0.0.0.0:80", "Token": "{{Token}}", "Hosts": ["logs.example.net", "logs"], "Public": true }""").Options!.Monitoring!;
        Assert.That(options.Token!.Reveal(), Is.EqualTo(Token));
        Assert.That(options.Hosts, Is.EqualTo(new[] { "logs.example.net", "logs" }));
        Assert.That(options.Public, Is.True);
        options = Valid("""{ "Address": "unix:/run/x", "Mode": "0600" }""").Options!.Monitoring!;
        Assert.That(options.Mode, Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Test]
    public void The_token_can_be_in_a_file()
    {
        string file = _folder.Write("token", $"{Token}\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead);
        Assert.That(Valid("""{ "TokenFile": "token" }""").Options!.Monitoring!.Token!.Reveal(), Is.EqualTo(Token));
    }

    [Test]
    public void The_certificate_is_that_of_HTTPS()
    {
        _folder.WriteCertificate("localhost");
        ListenerTlsOptions tls = Valid("""{ "Tls": { "CertificateFile": "localhost.crt", "KeyFile": "localhost.key" } }""").Options!.Monitoring!.Tls!;
        Assert.That((tls.CertificateFile, tls.KeyFile), Is.EqualTo((_folder.In("localhost.crt"), _folder.In("localhost.key"))));
    }

    [TestCase("""{ "Address": "0.0.0.0:9514" }""", true)]
    [TestCase("""{ "Address": "[::]:9514" }""", true)]
    [TestCase("""{ "Address": "0.0.0.0:9514", "Public": true }""", false)]
    [TestCase("""{ "Address": "0.0.0.0:9514", "Token": "0123456789abcdef" }""", false)]
    [TestCase("""{ "Address": "127.0.0.1:9514" }""", false)]
    [TestCase("""{ "Address": "unix:/run/concentrator/status" }""", false)]
    public void Pages_that_others_can_reach_and_nothing_protects_are_warned_of(string monitoring, bool warned)
    {
        IReadOnlyList<string> warnings = Valid(monitoring).Options!.Warnings;
        Assert.That(
            warnings.Any(static line => line.Contains("Monitoring:Address", StringComparison.Ordinal)
                && line.Contains("shows counters, addresses and log lines to everybody who reaches it; set TokenFile, or Tls, or \"Public\": true", StringComparison.Ordinal)),
            Is.EqualTo(warned), string.Join('\n', warnings));
    }

    [TestCase("""{ "Token": "short" }""", "Monitoring:Token: has 5 characters; a token has 16 to 256; make one with: openssl rand -hex 32")]
    [TestCase("""{ "Token": "0123456789 abcdef" }""", "Monitoring:Token: has a character at position 11 that is not allowed in a token")]
    [TestCase("""{ "Token": "0123456789abcdef", "TokenFile": "x" }""", "Monitoring:TokenFile: is set together with Token; keep only one of them")]
    [TestCase("""{ "TokenFile": "/no/such/token" }""", "then paste the token, Enter, Ctrl-D: install -m 0600 /dev/stdin /no/such/token")]
    [TestCase("""{ "Hosts": ["a b"] }""", "Monitoring:Hosts: \"a b\" is not a host name; write names without a port")]
    [TestCase("""{ "Public": "yes" }""", "Monitoring:Public: \"yes\" is not one of \"true\", \"false\"")]
    [TestCase("""{ "Mode": "0600" }""", "Monitoring:Mode: applies to unix sockets only, but the pages are served at 127.0.0.1:9514")]
    [TestCase("""{ "Address": "unix:/run/x", "Tls": {} }""", null)]
    [TestCase("""{ "Address": "unix:/run/x", "Tls": { "KeyFile": "y" } }""", "Monitoring:Tls: applies to an IP address only, but the pages are served at unix:/run/x")]
    [TestCase("""{ "Address": "unix:run/x" }""", "Monitoring:Address: \"run/x\" is not the absolute path of a socket; for example \"unix:/run/concentrator/log\"")]
    [TestCase("""{ "Address": "9514" }""", "or \"unix:PATH\", or \"off\"")]
    [TestCase("""{ "Tls": { "CertificateFile": "a" } }""", "Monitoring:Tls:KeyFile: is missing; HTTPS needs the PEM file of its private key")]
    [TestCase("""{ "Tls": { "CertificateFile": "a", "KeyFile": "b", "ClientCaFile": "c" } }""", "Monitoring:Tls:ClientCaFile: applies to listeners; the status pages know a client by its Token")]
    public void What_is_wrong_is_said_and_the_token_never(string monitoring, string? problem)
    {
        ConfigurationResult result = _folder.Load(Snippets.Root($"\"Monitoring\": {monitoring}"));
        string errors = string.Join('\n', result.Errors);
        if (problem is null) Assert.That(errors, Is.Empty);
        else Assert.That(errors, Does.Contain(problem));
        Assert.That(errors, Does.Not.Contain("0123456789"));
    }

    [Test]
    public void The_path_of_a_listener_is_not_free()
    {
        ConfigurationResult result = _folder.Load("""
            {
              "Listeners": { "in": { "Address": "unix-stream:/run/x" } }, "Outputs": { "file": { "Type": "file", "Path": "/tmp/out.log" } },
              "Monitoring": { "Address": "unix:/run/x" }
            }
            """);
        Assert.That(result.Errors.Select(static e => e.ToString()).Single(), Does.Contain("Monitoring:Address: unix:/run/x is already used by listener \"in\"; choose another path"));
    }

    private ConfigurationResult Valid(string monitoring)
    {
        ConfigurationResult result = _folder.Load(Snippets.Root($"\"Monitoring\": {monitoring}"));
        Assert.That(result.Errors, Is.Empty);
        return result;
    }
}
