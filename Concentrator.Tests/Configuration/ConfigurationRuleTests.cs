using System.Net;
using Concentrator.Configuration;
using Concentrator.Configuration.Options;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Configuration;

/// <summary>What is right although it looks odd, what is only a warning, and what equality means.</summary>
[TestFixture]
internal sealed class ConfigurationRuleTests
{
    private ConfigurationFolder _folder = null!;

    [SetUp]
    public void CreateFolder() => _folder = new ConfigurationFolder();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [TestCase("")]
    [TestCase(", \"Routes\": []")]
    [TestCase(", \"Routes\": null")]
    public void Without_routes_everything_goes_to_every_output(string routes)
    {
        ServerOptions options = Valid(Snippets.Whole(Snippets.Haproxy, $"{Snippets.LogFile}, {Snippets.Relay}", routes));

        Assert.That(options.Routes, Is.EqualTo(new[] { new RouteOptions { Index = 0, To = ["file", "relay"] } }));
        Assert.That(options.Warnings, Is.Empty);
    }

    [Test]
    public void An_empty_To_with_Stop_discards_on_purpose() =>
        Assert.That(
            Valid(Snippets.Route("\"To\": [], \"Stop\": true")).Routes[0],
            Is.EqualTo(new RouteOptions { Index = 0, To = [], Stop = true }));

    [TestCase("\"Monitoring\": { \"Address\": \"off\" }", null)]
    [TestCase("\"Monitoring\": { \"Address\": null }", null)]
    [TestCase("\"Monitoring\": { }", "127.0.0.1:9514")]
    [TestCase("\"Monitoring\": { \"Address\": \"[::1]:80\" }", "[::1]:80")]
    [TestCase("\"Monitoring\": { \"Address\": \"unix:/run/concentrator/status\" }", "unix:/run/concentrator/status")]
    public void Monitoring_can_be_moved_and_turned_off(string member, string? address) =>
        Assert.That(Valid(Snippets.Root(member)).Monitoring?.Address.ToString(), Is.EqualTo(address));

    [Test]
    public void Every_spool_key_is_read()
    {
        SpoolOptions spool = Valid(Snippets.Root(
            "\"Spool\": { \"Directory\": \"/a/../b\", \"MaxSize\": \"2TB\", \"MaxMemory\": \"1MB\", \"Durability\": \"power\", "
                + "\"WhenFull\": \"block\" }")).Spool;

        Assert.That(spool, Is.EqualTo(new SpoolOptions
        {
            Directory = "/b",
            MaxSize = 2L << 40,
            MaxMemory = 1 << 20,
            Durability = Durability.Power,
            WhenFull = WhenFull.Block,
        }));
    }

    [Test]
    public void Port_zero_may_be_asked_for_twice() =>
        Assert.That(
            Valid(TwoListeners("tcp://127.0.0.1:0", "tcp://127.0.0.1:0")).Listeners,
            Has.Count.EqualTo(2));

    [Test]
    public void Udp_and_tcp_share_a_port_number() =>
        Assert.That(
            Valid(TwoListeners("tcp://127.0.0.1:5", "udp://127.0.0.1:5")).Listeners,
            Has.Count.EqualTo(2));

    [Test]
    public void Keys_that_do_not_apply_are_no_error_when_null() =>
        Assert.That(
            Valid(Snippets.Listener("\"Address\": \"udp://127.0.0.1:0\", \"Mode\": null, \"Tls\": null")).Warnings, Is.Empty);

    [TestCase("\"From\": \"haproxy\", \"To\": \"file, relay\"", "Listeners:net: no route matches its messages")]
    [TestCase("\"To\": \"file\"", "Outputs:relay: no route leads to this output")]
    [TestCase("\"From\": \"haproxy\", \"Sender\": \"10.0.0.0/8\", \"To\": \"file\"", "Routes:0: never matches")]
    [TestCase("\"To\": \"file\", \"Stop\": true }, { \"From\": \"net\", \"To\": \"relay\"", "Routes:1: is never reached")]
    [TestCase("\"To\": \"relay\", \"IntakeKey\": \"short\"", "Routes:0:IntakeKey: does not look like a Sekoia.io intake key")]
    [TestCase("\"To\": \"relay\", \"IntakeKey\": \"0123456789abcde-\"", "Routes:0:IntakeKey: does not look like")]
    public void What_cannot_be_meant_is_a_warning_with_its_place(string route, string fragment)
    {
        ServerOptions options = Valid(Snippets.Route(route));

        Assert.That(options.Warnings, Has.One.Contains(fragment));
        Assert.That(options.Warnings, Has.All.StartsWith(_folder.In("test.json:1: ")));
    }

    [TestCase("\"From\": \"haproxy\", \"To\": \"file\", \"Stop\": true }, { \"From\": \"net\", \"To\": \"relay\"")]
    [TestCase("\"Program\": \"x\", \"To\": \"file\", \"Stop\": true }, { \"To\": \"relay\"")]
    [TestCase("\"To\": \"file\" }, { \"Sender\": \"10.0.0.0/8\", \"To\": \"relay\"")]
    public void Routes_that_can_be_reached_give_no_warning(string routes) => Assert.That(Valid(Snippets.Route(routes)).Warnings, Is.Empty);

    [Test]
    public void An_unverified_peer_is_a_warning() =>
        Assert.That(
            Valid(Snippets.Output("\"Type\": \"syslog-tls\", \"Endpoint\": \"a:1\", \"Tls\": { \"Insecure\": true }")).Warnings,
            Has.One.Contains("Outputs:out:Tls:Insecure: is true"));

    [Test]
    public void An_expired_certificate_is_a_warning()
    {
        _folder.WriteCertificate("old", validUntilDays: -1);

        Assert.That(
            Valid(Snippets.Whole(Tls("old"), Snippets.LogFile)).Warnings,
            Has.One.Contains("expired on"));
    }

    [TestCase("644", "755", ExpectedResult = true)]
    [TestCase("604", "701", ExpectedResult = true)]
    [TestCase("640", "755", ExpectedResult = false)]
    [TestCase("644", "750", ExpectedResult = false)]
    public bool A_key_that_every_user_can_read_is_a_warning_with_the_command_that_mends_it(string file, string directory)
    {
        _folder.WriteCertificate("server");
        File.SetUnixFileMode(_folder.Write("intake.key", Snippets.Key), Mode(file));
        File.SetUnixFileMode(_folder.In("server.key"), Mode(file));
        File.SetUnixFileMode(_folder.Path, Mode(directory));

        string[] warnings = [.. Valid(Snippets.Whole(
            Tls("server"),
            "\"relay\": { \"Type\": \"syslog-tls\", \"Endpoint\": \"a:1\", \"IntakeKeyFile\": \"intake.key\" }")).Warnings];
        if (warnings.Length == 0) return false;
        Assert.That(warnings, Has.Length.EqualTo(2));
        foreach ((string key, string name) in new[] { ("Listeners:tls:Tls:KeyFile", "server.key"), ("Outputs:relay:IntakeKeyFile", "intake.key") })
        {
            string path = _folder.In(name);
            Assert.That(warnings, Has.One.Contains($"{key}: \"{path}\" has mode 0{file}: every user on this host can read the key; run: chmod 0600 {path}"));
        }
        return true;

        static UnixFileMode Mode(string octal) => (UnixFileMode)Convert.ToInt32(octal, 8);
    }

    [Test]
    public void A_key_that_the_format_never_sends_is_a_warning() =>
        Assert.That(
            Valid(Snippets.Output($"\"Type\": \"syslog-tls\", \"Endpoint\": \"a:1\", \"Format\": \"raw\", \"IntakeKey\": "
                + $"\"{Snippets.Key}\"")).Warnings,
            Has.One.Contains("never sent"));

    [Test]
    public void A_key_on_some_routes_only_is_a_warning()
    {
        ServerOptions options = Valid(Snippets.Whole(
            Snippets.Haproxy,
            "\"relay\": { \"Type\": \"syslog-tls\", \"Endpoint\": \"a:1\" }",
            $", \"Routes\": [ {{ \"Program\": \"a\", \"To\": \"relay\", \"IntakeKey\": \"{Snippets.Key}\" }}, {{ \"To\": \"relay\" }} ]"));

        Assert.That(options.Warnings, Has.One.Contains("Routes:1 have none"));
    }

    [Test]
    public void The_keys_of_all_routes_satisfy_the_format_of_Sekoia() =>
        Assert.That(
            Valid(Snippets.Whole(
                Snippets.Haproxy,
                "\"relay\": { \"Type\": \"syslog-tls\", \"Endpoint\": \"a:1\", \"Format\": \"sekoia\" }",
                $", \"Routes\": [ {{ \"To\": \"relay\", \"IntakeKey\": \"{Snippets.Key}\" }} ]")).Warnings,
            Is.Empty);

    [Test]
    public void The_same_file_loaded_twice_gives_equal_records()
    {
        _folder.WriteCertificate("server");
        string json = Snippets.Whole(
            Tls("server"),
            $"{Snippets.LogFile}, \"relay\": {{ \"Type\": \"syslog-tls\", \"Endpoint\": [ \"a:1\", \"b:1\" ] }}",
            $", \"Routes\": [ {{ \"From\": \"tls\", \"Sender\": \"::1\", \"To\": [ \"file\", \"relay\" ], \"IntakeKey\": "
                + $"\"{Snippets.Key}\" }} ]");

        ServerOptions one = Valid(json);
        ServerOptions other = Valid(json);

        Assert.That(other.Listeners, Is.EqualTo(one.Listeners));
        Assert.That(other.Outputs, Is.EqualTo(one.Outputs));
        Assert.That(other.Routes, Is.EqualTo(one.Routes));
        Assert.That(other.Routes[0].GetHashCode(), Is.EqualTo(one.Routes[0].GetHashCode()));
    }

    [TestCase("\"Contains\": \"one, two\"", "one, two", null)]
    [TestCase("\"Contains\": [ \"one, two\", \" three\" ]", "one, two| three", null)]
    [TestCase("\"ContainsAll\": [ \"a\", \"b\", \"a\" ]", null, "a|b")]
    [TestCase("\"ContainsAll\": \"a\", \"Contains\": \"b\"", "b", "a")]
    public void A_text_in_a_message_is_one_or_a_list_and_a_comma_parts_nothing(string keys, string? any, string? all)
    {
        RouteOptions route = _folder.Load(Snippets.Route($"{keys}, \"To\": \"file\"")).Options!.Routes.Single();
        Assert.That(route.Contains is null ? null : string.Join('|', route.Contains), Is.EqualTo(any));
        Assert.That(route.ContainsAll is null ? null : string.Join('|', route.ContainsAll), Is.EqualTo(all));
    }

    [Test]
    public void Routes_that_differ_in_any_one_property_are_not_equal()
    {
        RouteOptions route = new() { Index = 1, From = ["a"], To = ["b"] };
        RouteOptions[] others =
        [
            route with { Index = 2 }, route with { From = null }, route with { From = ["c"] }, route with { Program = "x" },
            route with { Host = "x" }, route with { Sender = IPNetwork.Parse("::/0") }, route with { Severities = 1 },
            route with { Facilities = 1 }, route with { Contains = ["x"] }, route with { IntakeKey = new Secret("x") },
            route with { To = ["b", "c"] }, route with { Stop = true }, route with { ProgramName = "x" }, route with { ContainsAll = ["x"] },
        ];

        Assert.That(others, Has.None.EqualTo(route));
        Assert.That(typeof(RouteOptions).GetProperties(), Has.Length.EqualTo(13), "a new property needs a line in Equals and one here");
    }

    private static string TwoListeners(string one, string other) =>
        Snippets.Whole($$""" "a": { "Address": "{{one}}" }, "b": { "Address": "{{other}}" } """, Snippets.LogFile);

    private static string Tls(string name) => $$"""
        "tls": { "Address": "tls://127.0.0.1:0", "Tls": { "CertificateFile": "{{name}}.crt", "KeyFile": "{{name}}.key" } }
        """;

    private ServerOptions Valid(string json)
    {
        ConfigurationResult result = _folder.Load(json);
        Assert.That(result.Errors, Is.Empty);
        return result.Options!;
    }
}
