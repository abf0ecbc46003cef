using Concentrator.Configuration.Options;
using Concentrator.Messages.Rendering;
using Concentrator.Tests.Equipment;
using Concentrator.Tools.Import;
using NUnit.Framework;

namespace Concentrator.Tests.Tools.Import;

/// <summary>Whole files, as packages and documentation give them.</summary>
[TestFixture]
internal sealed class ImportSampleTests
{
    private static readonly string[] Samples =
        [RsyslogSamples.Debian, RsyslogSamples.SekoiaHaproxy, RsyslogSamples.SekoiaForwarder, RsyslogSamples.Legacy, RsyslogSamples.LegacySekoia];

    [Test]
    public void Debians_file_for_haproxy_is_translated_without_rest()
    {
        Imported imported = new(RsyslogSamples.Debian);
        Assert.That(imported.Result.Lines.Select(static line => line.Outcome), Is.All.EqualTo(ImportOutcome.Translated), imported.Report);
        ServerOptions options = imported.Load();
        Assert.That(options.Listeners.Single().Address.ToString(), Is.EqualTo("unix-dgram:/var/lib/haproxy/dev/log"));
        Assert.That(imported.Routes(), Is.EqualTo(new[] { "from=haproxy program=haproxy* -> haproxy.log!" }));
        Assert.That(options.Outputs.Single(), Is.EqualTo(new FileOutputOptions
        {
            Name = "haproxy.log",
            Path = "/var/log/haproxy.log",
            Format = FileFormat.Rfc3339,
            Timestamp = TimestampSource.Message,
        }), "rsyslog's own default format");
    }

    [Test]
    public void The_relay_to_Sekoia_keeps_its_key_and_never_shows_it()
    {
        Imported imported = new(RsyslogSamples.SekoiaHaproxy);
        Assert.That(imported.Result.HasUnsupported, Is.False, imported.Report);
        Assert.That(imported.Report, Does.Not.Contain(RsyslogSamples.Key[..5]));
        RelayOutputOptions relay = (RelayOutputOptions)imported.Load().Outputs.Single();
        Assert.That(relay.Name, Is.EqualTo("sekoia"));
        Assert.That(relay.Endpoints.List.Single().ToString(), Is.EqualTo("intake.sekoia.io:10514"));
        Assert.That(relay.IntakeKey!.Reveal(), Is.EqualTo(RsyslogSamples.Key));
        Assert.That(relay.Format, Is.EqualTo(RelayFormat.Sekoia));
        Assert.That(relay.Tls!.CaFile, Is.EqualTo("/etc/ssl/certs/ca-certificates.crt"));
        Assert.That(imported.Routes(), Is.EqualTo(new[] { "from=haproxy program=haproxy* -> sekoia!" }));
    }

    [Test]
    public void A_forwarder_is_one_relay_with_a_key_a_route()
    {
        Imported imported = new(RsyslogSamples.SekoiaForwarder);
        Assert.That(imported.Result.HasUnsupported, Is.False, imported.Report);
        Assert.That(imported.Report, Does.Not.Contain(RsyslogSamples.Key));
        ServerOptions options = imported.Load();
        Assert.That(options.Listeners.Select(static l => $"{l.Name} {l.Address} {l.MaxMessageSize}"),
            Is.EqualTo(new[] { "first tcp://[::]:20516 262144", "second udp://[::]:20517 256000" }));
        Assert.That(options.Outputs, Has.Count.EqualTo(1));
        Assert.That(options.Outputs[0].Timestamp, Is.EqualTo(TimestampSource.Received));
        Assert.That(imported.Routes(), Is.EqualTo(new[] { "from=first -> sekoia", "from=second -> sekoia!" }));
        Assert.That(options.Routes[0].IntakeKey, Is.Null);
        Assert.That(options.Routes[1].IntakeKey!.Reveal(), Is.EqualTo($"Second{RsyslogSamples.Key}"));
    }

    [Test]
    public void Relp_stays_relp_and_its_peer_is_verified_by_name()
    {
        Imported imported = Imported.Rules(
            $$"""
            module(load="omrelp" tls.tlslib="openssl")
            template(name="unbound" type="string" string="<%pri%>1 %timestamp:::date-rfc3339% %hostname% %app-name% %procid% LOG [SEKOIA@53288 intake_key=\"{{RsyslogSamples.Key}}\"] %msg%\n")
            if ($programname startswith 'unbound') then {
              action(type="omrelp" target="intake.example" port="11514" tls="on" tls.caCert="/etc/ssl/certs/ca-certificates.crt"
                tls.authMode="name" tls.permittedPeer=["relp.example"] windowSize="128" timeout="90" template="unbound")
            }
            *.* action(type="omrelp" target="relay.example" port="2514")
            """);
        Assert.That(imported.Result.HasUnsupported, Is.False, imported.Report);
        Assert.That(imported.Report, Does.Contain("relp-tls to intake.example:11514").And.Contain("relp to relay.example:2514"));
        List<RelayOutputOptions> relays = [.. imported.Load().Outputs.Cast<RelayOutputOptions>()];
        Assert.That(relays.Select(static relay => $"{relay.Type} {relay.Endpoints.List.Single()} {relay.Format}"),
            Is.EqualTo(new[] { "relp-tls intake.example:11514 Sekoia", "relp relay.example:2514 Rfc5424" }));
        Assert.That(relays[0].IntakeKey!.Reveal(), Is.EqualTo(RsyslogSamples.Key));
        Assert.That(relays[0].Tls, Is.EqualTo(new RelayTlsOptions { CaFile = "/etc/ssl/certs/ca-certificates.crt", ServerName = "relp.example" }));
        Assert.That(imported.Routes(), Has.Length.EqualTo(2));
    }

    [Test]
    public void Legacy_lines_hold_for_what_follows_them()
    {
        Imported imported = new(RsyslogSamples.Legacy);
        Assert.That(imported.Result.HasUnsupported, Is.False, imported.Report);
        ServerOptions options = imported.Load();
        Assert.That(options.Listeners.Select(static l => $"{l.Name} {l.Address}"), Is.EquivalentTo(new[] { "udp udp://127.0.0.1:514", "tcp tcp://[::]:10514" }));
        FileOutputOptions file = options.Outputs.OfType<FileOutputOptions>().First();
        Assert.That(file.Format, Is.EqualTo(FileFormat.Traditional));
        Assert.That((int)file.Mode, Is.EqualTo(Convert.ToInt32("644", 8)));
        Assert.That(options.Outputs.OfType<RelayOutputOptions>().Select(static relay => $"{relay.Name} {relay.Endpoints.List[0]} {relay.Format}"),
            Is.EquivalentTo(new[] { "logs.example logs.example:601 Rfc5424", "2001-db8--1 [2001:db8::1]:602 Rfc5424" }));
        Assert.That(imported.Routes(), Is.EqualTo(new[]
        {
            "facilities=10000 -> haproxy.log!",
            "severities=01111111 facilities=20000 -> local1.log",
            "severities=01111111 facilities=fffbfb -> messages",
            "severities=00010000 facilities=1 -> kernel.log",
            "-> logs.example,2001-db8--1",
        }));
    }

    [Test]
    public void The_old_way_to_Sekoia_is_a_relay_over_TLS_too()
    {
        Imported imported = new(RsyslogSamples.LegacySekoia);
        Assert.That(imported.Result.HasUnsupported, Is.False, imported.Report);
        Assert.That(imported.Report, Does.Not.Contain(RsyslogSamples.Key));
        RelayOutputOptions relay = (RelayOutputOptions)imported.Load().Outputs.Single();
        Assert.That(relay.IntakeKey!.Reveal(), Is.EqualTo(RsyslogSamples.Key));
        Assert.That(relay.Format, Is.EqualTo(RelayFormat.Sekoia));
        Assert.That(relay.Tls, Is.Not.Null);
        Assert.That(imported.Routes(), Is.EqualTo(new[] { "from=haproxy program=haproxy* -> sekoia" }));
    }

    [TestCase("anon", "anon")]
    [TestCase("x509/certvalid", "x509/certvalid")]
    [TestCase("x509/fingerprint", "x509/fingerprint")]
    public void A_peer_that_was_verified_less_is_said_and_never_trusted_blindly(string mode, string said)
    {
        Imported imported = Imported.Rules($"action(type=\"omfwd\" target=\"h\" port=\"1\" protocol=\"tcp\" streamDriverMode=\"1\" streamDriverAuthMode=\"{mode}\")");
        Assert.That(imported.EntryOn(3).ToString(), Does.Contain("not supported").And.Contain(said));
        Assert.That(((RelayOutputOptions)imported.Load().Outputs.Single()).Tls!.Insecure, Is.False);
    }

    [Test]
    public void Real_rsyslog_takes_the_samples([ValueSource(nameof(Samples))] string sample)
    {
        string rsyslogd = Peer.Require("rsyslogd", "rsyslog");
        using TempDirectory directory = new();
        (int code, string output, string errors) = PeerProcess.Run(new PeerStart
        {
            Path = rsyslogd,
            Arguments = ["-N1", "-f", directory.Write("sample.conf", Loading(sample))],
            WorkingDirectory = directory.Path,
        });
        Assert.That(code, Is.Zero, output + errors);
    }

    /// <summary>Debian's file counts on rsyslog.conf for its module.</summary>
    private static string Loading(string sample) => sample.Contains("imuxsock", StringComparison.Ordinal) ? sample : $"module(load=\"imuxsock\")\n{sample}";
}
