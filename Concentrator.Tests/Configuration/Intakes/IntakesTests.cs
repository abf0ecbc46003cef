using Concentrator.Configuration;
using Concentrator.Configuration.Options;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Configuration.Intakes;

/// <summary>What an <c>intakes.yaml</c> and the forwarder's environment come to.</summary>
[TestFixture]
internal sealed class IntakesTests
{
    private const string Key = Snippets.Key;

    private const string Three = $"""
        ---
        intakes:
        - name: Techno1
          protocol: tcp
          port: 20516
          intake_key: {Key}
        - name: Techno 2
          protocol: UDP
          port: "20516"
          intake_key: 'ABCDEFGHIJKLMNOP2'
        # the third is encrypted
        - name: Techno3
          protocol: tls
          port: 20518
          intake_key: ABCDEFGHIJKLMNOP3
        """;

    private ConfigurationFolder _folder = null!;

    [SetUp]
    public void CreateFolder()
    {
        _folder = new ConfigurationFolder();
        _folder.WriteCertificate("server");
        _folder.WriteCertificate("other");
    }

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [Test]
    public void Each_intake_becomes_a_listener_an_output_and_a_route_of_its_own()
    {
        ServerOptions options = Load(Three);

        Assert.That(
            options.Listeners.Select(static l => $"{l.Name} {l.Address} {l.MaxMessageSize}"),
            Is.EquivalentTo(new[] { "Techno1 tcp://[::]:20516 256000", "Techno_2 udp://[::]:20516 65536", "Techno3 tls://[::]:20518 256000" }));
        Assert.That(
            options.Outputs.Cast<RelayOutputOptions>().Select(static o => $"{o.Name} {o.Endpoints.List.Single()} {o.Format} {o.IntakeKey!.Reveal()} {o.Tls is not null}"),
            Is.EquivalentTo(new[]
            {
                $"Techno1 intake.sekoia.io:10514 Sekoia {Key} True", "Techno_2 intake.sekoia.io:10514 Sekoia ABCDEFGHIJKLMNOP2 True",
                "Techno3 intake.sekoia.io:10514 Sekoia ABCDEFGHIJKLMNOP3 True",
            }));
        Assert.That(
            options.Routes.Select(static r => $"{r.From!.Single()} to {r.To.Single()}"),
            Is.EqualTo(new[] { "Techno1 to Techno1", "Techno_2 to Techno_2", "Techno3 to Techno3" }));
        Assert.That(options.Spool, Is.EqualTo(new SpoolOptions { Directory = "/var/spool/rsyslog", MaxSize = 32L << 30 }), "the forwarder's 32g");
        Assert.That(options.Warnings, Is.Empty);
    }

    [Test]
    public void The_sample_is_sound()
    {
        ServerOptions options = Load(Repository.Read("samples/intakes.yaml"));

        Assert.That(options.Listeners.Select(static l => l.Name), Is.EquivalentTo(new[] { "haproxy", "firewall", "windows" }));
        Assert.That(options.Statistics!.To, Is.EqualTo(new[] { "Forwarder_logs" }));
        Assert.That(options.Warnings, Is.Empty);
    }

    [TestCase("Fortinet FortiGate (Paris)", "Fortinet_FortiGate_Paris")]
    [TestCase("AD & DNS", "AD_DNS")]
    [TestCase("Pare-feu Réseau Côté Été", "Pare-feu_Reseau_Cote_Ete")]
    [TestCase("a/b", "a_b")]
    [TestCase("  two  blanks ", "two_blanks")]
    [TestCase("_first", "first")]
    [TestCase("日本 firewall", "firewall")]
    [TestCase("Techno.3-x_y", "Techno.3-x_y")]
    public void Any_name_that_the_forwarder_takes_becomes_one_of_ours(string given, string expected)
    {
        ServerOptions options = Load(Three.Replace("Techno 2", given, StringComparison.Ordinal));
        Assert.That(options.Listeners.Select(static l => l.Name), Does.Contain(expected));
        Assert.That(options.Outputs.Select(static o => o.Name), Does.Contain(expected));
    }

    [Test]
    public void A_very_long_name_is_cut_and_two_names_that_would_be_one_are_told_apart_always_in_the_same_way()
    {
        string name = new('n', 200);
        string two = Three.Replace("Techno1", $"{name}1", StringComparison.Ordinal).Replace("Techno 2", $"{name}2", StringComparison.Ordinal);
        string[] names = [.. Load(two).Listeners.Select(static l => l.Name)];
        Assert.That(names, Is.Unique.And.All.Length.LessThanOrEqualTo(64));

        string alike = Three.Replace("Techno1", "AD DNS", StringComparison.Ordinal).Replace("Techno 2", "AD & DNS", StringComparison.Ordinal);
        string[] once = [.. Load(alike).Outputs.Select(static o => o.Name)];
        Assert.That(once, Does.Contain("AD_DNS").And.One.Matches("^AD_DNS-[0-9a-f]{8}$"));
        Assert.That(Load(alike).Outputs.Select(static o => o.Name), Is.EqualTo(once));
    }

    [Test]
    public void The_charts_entrypoint_is_taken_and_means_nothing_here() =>
        Assert.That(Load($"{Three}\n  entrypoint: tcp-20518").Warnings, Is.Empty);

    [TestCase("False")]
    [TestCase("no")]
    [TestCase("0")]
    public void A_RELP_OUTPUT_that_says_no_is_obeyed_and_it_is_said_that_the_forwarder_would_not(string text)
    {
        _folder.Variables["RELP_OUTPUT"] = text;

        ServerOptions options = Load(Three);
        Assert.That(Endpoint(options), Is.EqualTo("intake.sekoia.io:10514"));
        Assert.That(options.Warnings.Single(), Does.Contain("RELP_OUTPUT").And.Contain("treats any value as true"));
    }

    [Test]
    public void Tls_files_are_found_by_their_names_in_the_folder_of_certificates()
    {
        Assert.That(Third(Load(Three)).Tls, Is.EqualTo(Tls("server", null)));

        ServerOptions options = Load($"{Three}\n  tls_key_name: other\n  tls_cert_name: other\n  tls_ca_name: server");
        Assert.That(Third(options).Tls, Is.EqualTo(Tls("other", "server")));
        Assert.That(options.Warnings.Single(), Does.Contain("named.yaml:18").And.Contain("clients of this intake must present a certificate"));
    }

    [TestCase(null, "intake.sekoia.io:10514")]
    [TestCase("", "intake.sekoia.io:10514")]
    [TestCase("FRA1", "intake.sekoia.io:10514")]
    [TestCase("fra2", "intake.fra2.sekoia.io:10514")]
    [TestCase("MCO1", "intake.mco1.sekoia.io:10514")]
    [TestCase("UAE1", "intake.uae1.sekoia.io:10514")]
    [TestCase("USA1", "intake.usa1.sekoia.io:10514")]
    [TestCase(" SGP1 ", "intake.sgp1.sekoia.io:10514")]
    public void Every_region_has_its_host(string? region, string expected)
    {
        if (region is not null) _folder.Variables["REGION"] = region;

        Assert.That(Endpoint(Load(Three)), Is.EqualTo(expected));
    }

    [TestCase("logs.example.org", "logs.example.org:10514")]
    [TestCase("logs.example.org:6514", "logs.example.org:6514")]
    [TestCase("192.0.2.7", "192.0.2.7:10514")]
    [TestCase("[2001:db8::1]", "[2001:db8::1]:10514")]
    [TestCase("[2001:db8::1]:6514", "[2001:db8::1]:6514")]
    public void Elsewhere_is_an_endpoint_with_or_without_a_port(string endpoint, string expected)
    {
        _folder.Variables["REGION"] = "OTHER";
        _folder.Variables["ENDPOINT"] = endpoint;

        Assert.That(Endpoint(Load(Three)), Is.EqualTo(expected));
    }

    [TestCase(null, null, "relp.intake.sekoia.io:11514")]
    [TestCase("MCO1", null, "relp.intake.mco1.sekoia.io:11514")]
    [TestCase("OTHER", "logs.example.org", "logs.example.org:11514")]
    [TestCase("OTHER", "logs.example.org:2514", "logs.example.org:2514")]
    [TestCase("OTHER", "intake.example.org", "relp.intake.example.org:11514")]
    [TestCase("OTHER", "intake-2.example.org:2514", "relp.intake-2.example.org:2514")]
    [TestCase("OTHER", "Intake.example.org", "Intake.example.org:11514")]
    public void Over_RELP_a_region_has_another_host_and_another_port(string? region, string? endpoint, string expected)
    {
        _folder.Variables["RELP_OUTPUT"] = "True";
        if (region is not null) _folder.Variables["REGION"] = region;
        if (endpoint is not null) _folder.Variables["ENDPOINT"] = endpoint;

        ServerOptions options = Load(Three);
        Assert.That(Endpoint(options), Is.EqualTo(expected));
        Assert.That(options.Outputs.Cast<RelayOutputOptions>(), Has.All.Property("Protocol").EqualTo(RelayProtocol.Relp).And.Property("Tls").Not.Null);
    }

    [TestCase(null, null, "intake.sekoia.io:443", "")]
    [TestCase("MCO1", null, "intake.mco1.sekoia.io:443", "/api/v1/intake-http")]
    [TestCase("OTHER", "intake.new1.sekoia.io", "intake.new1.sekoia.io:443", "/api/v1/intake-http")]
    [TestCase("OTHER", "logs.example.org:8443", "logs.example.org:8443", "")]
    public void With_HTTPS_OUTPUT_every_intake_goes_to_the_HTTPS_intake_of_its_region(string? region, string? endpoint, string expected, string path)
    {
        _folder.Variables["HTTPS_OUTPUT"] = "True";
        if (region is not null) _folder.Variables["REGION"] = region;
        if (endpoint is not null) _folder.Variables["ENDPOINT"] = endpoint;

        ServerOptions options = Load(Three);
        Assert.That(Endpoint(options), Is.EqualTo(expected));
        Assert.That(options.Outputs.Cast<RelayOutputOptions>().Select(static o => (o.Type, o.Https!.UrlPath, o.Https.Keys.List.Count)), Is.All.EqualTo(("sekoia-https", path, 1)));
    }

    [Test]
    public void An_endpoint_beside_a_region_is_said_to_have_no_effect()
    {
        _folder.Variables["ENDPOINT"] = "logs.example.org";

        ServerOptions options = Load(Three);
        Assert.That(Endpoint(options), Is.EqualTo("intake.sekoia.io:10514"));
        Assert.That(options.Warnings.Single(), Does.Contain("ENDPOINT").And.Contain("has no effect without REGION=OTHER"));
    }

    [TestCase("32g", 32L << 30)]
    [TestCase("200m", 200L << 20)]
    [TestCase("4980g", 4980L << 30)]
    [TestCase("3G", 3_000_000_000)]
    [TestCase("2t", 2L << 40)]
    [TestCase("5GB", 5L << 30)]
    [TestCase("1048576", 1048576)]
    public void Disk_space_bounds_all_queues_together(string text, long expected)
    {
        _folder.Variables["DISK_SPACE"] = text;

        Assert.That(Load(Three).Spool.MaxSize, Is.EqualTo(expected));
    }

    [TestCase(null, null, 39_999_600)]
    [TestCase("60000", null, 24_000_000)]
    [TestCase("2000000", null, 64 * 1024 * 1024)]
    [TestCase("10", null, 1024 * 1024)]
    [TestCase("60000", "5000", 6_000_000)]
    [TestCase(null, "50000", 60_000_000)]
    public void Messages_in_memory_are_shared_evenly_where_an_intake_has_no_number_of_its_own(string? all, string? own, long? expected)
    {
        if (all is not null) _folder.Variables["MEMORY_MESSAGES"] = all;

        ServerOptions options = Load(own is null ? Three : $"{Three}\n  queue_size: {own}");
        Assert.That(options.Outputs.OfType<RelayOutputOptions>().Single(static o => o.Name == "Techno3").MaxMemory, Is.EqualTo(expected));
    }

    [Test]
    public void Debug_sends_an_intakes_messages_to_standard_output_as_well()
    {
        ServerOptions options = Load($"{Three}\n  debug: True");

        Assert.That(
            options.Outputs.OfType<FileOutputOptions>(),
            Is.EqualTo(new[] { new FileOutputOptions { Name = "debug.stdout", Path = "/dev/stdout", Format = FileFormat.Debug } }));
        Assert.That(options.Routes.Select(static r => r.To.Count), Is.EqualTo(new[] { 1, 1, 2 }));
    }

    [Test]
    public void An_intake_of_statistics_listens_nowhere_and_gets_them_every_five_minutes()
    {
        ServerOptions options = Load($"{Three}\n- name: Monitoring\n  stats: True\n  intake_key: ABCDEFGHIJKLMNOP4");

        Assert.That(options.Listeners, Has.Count.EqualTo(3));
        Assert.That(options.Outputs.Select(static o => o.Name), Does.Contain("Monitoring"));
        Assert.That(options.Statistics!.Interval, Is.EqualTo(TimeSpan.FromMinutes(5)));
        Assert.That(options.Statistics.To, Is.EqualTo(new[] { "Monitoring" }));
        Assert.That(options.Warnings, Is.Empty);
    }

    [Test]
    public void Environment_and_command_line_apply_on_top()
    {
        _folder.Variables["DISK_SPACE"] = "200m";
        _folder.Variables["CONCENTRATOR__Spool__MaxSize"] = "3GB";
        _folder.Variables["CONCENTRATOR__Spool__Directory"] = "/srv/spool";
        _folder.Variables["CONCENTRATOR__Outputs__Techno1__Endpoint"] = "elsewhere:1";

        ServerOptions options = _folder.LoadIntakes(Three, "--Monitoring:Address=127.0.0.1:1234", "--Listeners:Techno1:Address=tcp://127.0.0.1:7").Options!;
        Assert.That(options.Spool, Is.EqualTo(new SpoolOptions { Directory = "/srv/spool", MaxSize = 3L << 30 }));
        Assert.That(Endpoint(options), Is.EqualTo("elsewhere:1"));
        Assert.That(options.Monitoring!.Address.EndPoint!.Port, Is.EqualTo(1234));
        Assert.That(options.Listeners[0].Address.ToString(), Is.EqualTo("tcp://127.0.0.1:7"));
    }

    [Test]
    public void Intakes_at_their_default_place_are_used_where_there_is_no_file()
    {
        string file = _folder.Write("intakes.yaml", Three);

        ConfigurationResult result = _folder.LoadDefault();
        Assert.That(result.Source, Is.EqualTo(file));
        Assert.That(result.Options!.Listeners, Has.Count.EqualTo(3));
    }

    [Test]
    public void A_default_file_wins_over_default_intakes_and_that_is_said()
    {
        _folder.Write("intakes.yaml", Three);
        string file = _folder.Write("default.json", Snippets.Listener("\"Address\": \"udp://127.0.0.1:0\""));

        ConfigurationResult result = _folder.LoadDefault();
        Assert.That(result.Source, Is.EqualTo(file));
        Assert.That(result.Options!.Warnings.Single(), Does.Contain("intakes.yaml: is not read").And.Contain("--intakes"));
    }

    private ServerOptions Load(string yaml)
    {
        ConfigurationResult result = _folder.LoadIntakes(yaml);
        Assert.That(result.Errors, Is.Empty);
        return result.Options!;
    }

    private static ListenerOptions Third(ServerOptions options) => options.Listeners.Single(static l => l.Name == "Techno3");

    private ListenerTlsOptions Tls(string pair, string? authority) => new()
    {
        CertificateFile = _folder.In($"{pair}.crt"),
        KeyFile = _folder.In($"{pair}.key"),
        ClientCaFile = authority is null ? null : _folder.In($"{authority}.crt"),
    };

    private static string Endpoint(ServerOptions options) => ((RelayOutputOptions)options.Outputs[0]).Endpoints.List.Single().ToString();
}
