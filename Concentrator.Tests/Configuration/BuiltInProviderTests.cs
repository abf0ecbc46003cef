using Concentrator.Configuration;
using Concentrator.Configuration.Loading;
using Concentrator.Configuration.Options;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Configuration;

[TestFixture]
internal sealed class BuiltInProviderTests
{
    private static readonly ListenerOptions Haproxy = new()
    {
        Name = "haproxy",
        Address = new(Transport.UnixDatagram, "/var/lib/haproxy/dev/log", null),
        MaxMessageSize = ListenerOptions.DefaultDatagramSize,
    };

    private static readonly FileOutputOptions LogFile = new() { Name = "haproxy.log", Path = "/var/log/haproxy.log" };

    private ConfigurationFolder _folder = null!;

    [SetUp]
    public void CreateFolder() => _folder = new ConfigurationFolder();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [TestCase(null)]
    [TestCase("")]
    [TestCase("  ")]
    public void Without_an_intake_key_logs_stay_local_and_one_warning_says_so(string? key)
    {
        if (key is not null)
        {
            _folder.Variables["CONCENTRATOR_INTAKE_KEY"] = key;
        }
        ConfigurationResult result = _folder.LoadDefault();

        Assert.That(result.Errors, Is.Empty);
        Assert.That(result.Source, Is.EqualTo(BuiltInConfigurationProvider.Source));
        Assert.That(result.Options!.Listeners, Is.EqualTo(new[] { Haproxy }));
        Assert.That(result.Options.Outputs, Is.EqualTo(new[] { LogFile }));
        Assert.That(result.Options.Routes, Is.EqualTo(new[] { new RouteOptions { Index = 0, From = ["haproxy"], To = ["haproxy.log"] } }));
        Assert.That(result.Options.Warnings, Is.EqualTo(new[] { BuiltInConfigurationProvider.NoKeyWarning }));
    }

    [TestCase("root", "root")]
    [TestCase("no-such-group", null)]
    public void A_new_log_file_may_be_read_by_the_group_that_reads_logs_where_it_exists(string group, string? expected)
    {
        ServerOptions options = ConfigurationLoader.Load(null, [], _folder.Surroundings with { LogGroup = group }).Options!;
        Assert.That(options.Outputs.OfType<FileOutputOptions>().Single().Group, Is.EqualTo(expected));
    }

    [Test]
    public void With_an_intake_key_logs_go_to_Sekoia_as_well()
    {
        _folder.Variables["CONCENTRATOR_INTAKE_KEY"] = $"{Snippets.Key}\n";

        ServerOptions options = _folder.LoadDefault().Options!;

        Assert.That(options.Listeners, Is.EqualTo(new[] { Haproxy }));
        Assert.That(options.Outputs, Is.EquivalentTo(new OutputOptions[] { LogFile, Sekoia(Snippets.Key) }));
        RouteOptions route = new() { Index = 0, From = ["haproxy"], To = ["haproxy.log", "sekoia"] };
        Assert.That(options.Routes, Is.EqualTo(new[] { route }));
        Assert.That(options.Warnings, Is.Empty);
    }

    [Test]
    public void A_key_file_named_by_an_override_brings_the_relay_too()
    {
        _folder.Variables["CONCENTRATOR__Outputs__sekoia__IntakeKeyFile"] = _folder.Write("key", Snippets.Key);

        ServerOptions options = _folder.LoadDefault().Options!;

        Assert.That(options.Outputs, Is.EquivalentTo(new OutputOptions[] { LogFile, Sekoia(Snippets.Key) }));
        Assert.That(options.Warnings, Is.Empty);
    }

    [Test]
    public void Overrides_apply_on_top_of_the_default()
    {
        _folder.Variables["CONCENTRATOR_INTAKE_KEY"] = Snippets.Key;
        _folder.Variables["CONCENTRATOR__Outputs__sekoia__Endpoint"] = "intake.fra2.sekoia.io:10514";

        ServerOptions options = _folder.LoadDefault("--Listeners:haproxy:Address=unix-dgram:/tmp/log", "--Monitoring:Address=off").Options!;

        Assert.That(options.Listeners[0].Address.Path, Is.EqualTo("/tmp/log"));
        Assert.That(options.Outputs.OfType<RelayOutputOptions>().Single().Endpoints.List[0].Host, Is.EqualTo("intake.fra2.sekoia.io"));
        Assert.That(options.Monitoring, Is.Null);
    }

    [Test]
    public void A_relay_mentioned_without_any_key_is_an_error()
    {
        ConfigurationError error = _folder.LoadDefault("--Outputs:sekoia:Endpoint=intake.usa1.sekoia.io:10514").Errors.Single();

        Assert.That(error.ToString(), Does.StartWith("Outputs:sekoia:Format: is \"sekoia\", which needs an intake key"));
    }

    private static RelayOutputOptions Sekoia(string key) => new()
    {
        Name = "sekoia",
        Endpoints = new([new("intake.sekoia.io", 10514)]),
        Format = RelayFormat.Sekoia,
        IntakeKey = new Secret(key),
        Tls = new(),
    };
}
