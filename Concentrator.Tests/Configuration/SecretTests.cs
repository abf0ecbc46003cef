using Concentrator.Configuration;
using Concentrator.Configuration.Options;
using Concentrator.Tests.Equipment;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace Concentrator.Tests.Configuration;

/// <summary>An intake key appears in no error, no warning and no printed record, wherever it was put.</summary>
[TestFixture]
internal sealed class SecretTests
{
    private const string Key = Snippets.Key;

    private ConfigurationFolder _folder = null!;

    [SetUp]
    public void CreateFolder() => _folder = new ConfigurationFolder();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    /// <summary>A key in its right place, so that it is known, and once more in a wrong one.</summary>
    private static readonly string[] WrongPlaces =
    [
        "\"Listeners\": { \"in\": { \"Address\": \"KEY\" } }",
        "\"Listeners\": { \"in\": { \"Address\": \"udp://KEY:514\" } }",
        "\"Listeners\": { \"in\": { \"Address\": \"unix-dgram:KEY\", \"Mode\": \"KEY\" } }",
        "\"Listeners\": { \"in\": { \"Address\": \"unix-dgram:/x\", \"Owner\": \"KEY\", \"Group\": \"KEY\", \"MaxMessageSize\": "
            + "\"KEY\" } }",
        "\"Listeners\": \"KEY\"",
        "\"Routes\": [ { \"To\": \"KEY\", \"From\": \"KEY\", \"Sender\": \"KEY\", \"Severity\": \"KEY\", \"Facility\": \"KEY\", "
            + "\"Stop\": \"KEY\" } ]",
        "\"Routes\": [ { \"To\": \"relay\", \"IntakeKeyFile\": \"KEY\" } ]",
        "\"Routes\": [ { \"To\": \"relay\", \"IntakeKeyFile\": \"/KEY\" } ]",
        "\"Routes\": [ { \"To\": \"relay\", \"IntakeKye\": \"KEY\" } ]",
        "\"Routes\": [ { \"To\": \"relay\", \"IntakeKey\": \"KEY KEY\" } ]",
        "\"Routes\": [ { \"To\": \"relay\", \"KEY\": \"x\" } ]",
        "\"Spool\": { \"Directory\": \"KEY\", \"MaxSize\": \"KEY\", \"Durability\": \"KEY\", \"WhenFull\": \"KEY\" }",
        "\"Monitoring\": { \"Address\": \"KEY:1\" }",
        "\"ShutdownTimeout\": \"KEY\"",
        "\"KEY\": 1",
    ];

    [TestCaseSource(nameof(WrongPlaces))]
    public void A_known_key_in_a_wrong_place_is_blotted_out(string member)
    {
        ConfigurationResult result = _folder.Load(
            $$"""{ {{member.Replace("KEY", Key, StringComparison.Ordinal)}}, "Outputs": { {{Snippets.Relay}} } }""");

        Assert.That(result.IsValid, Is.False);
        Assert.That(string.Join('\n', result.Errors), Does.Not.Contain(Key));
    }

    [Test]
    public void A_key_that_nobody_knows_yet_is_not_shown_where_keys_are_likely_to_be_put()
    {
        string[] members =
        [
            $"\"Outputs\": {{ \"relay\": {{ \"IntakeKye\": \"{Key}\" }} }}",
            $"\"Outputs\": {{ \"relay\": \"{Key}\" }}",
            $"\"IntakeKey\": \"{Key}\"",
            $"\"Outputs\": {{ \"relay\": {{ \"Type\": \"syslog-tls\", \"Endpoint\": \"a:1\", \"IntakeKeyFile\": \"{Key}\" }} }}",
            $"\"IntakeKey\": {Key}", $"\"IntakeKey\": n{Key}",
        ];

        foreach (string member in members)
        {
            ConfigurationResult result = _folder.Load($"{{ {member} }}");
            Assert.That(result.IsValid, Is.False);
            Assert.That(string.Join('\n', result.Errors), Does.Not.Contain(Key), member);
        }
    }

    [Test]
    public void A_key_file_that_is_missing_comes_with_the_command_that_makes_it()
    {
        ConfigurationResult result = _folder.Load("""
            { "Outputs": { "relay": { "Type": "syslog-tls", "Endpoint": "a:1", "IntakeKeyFile": "./new/intake.key" } } }
            """);
        Assert.That(
            string.Join('\n', result.Errors),
            Does.Contain("IntakeKeyFile: the file \"./new/intake.key\" does not exist; create it").And.Contain($": install -m 0600 /dev/stdin {_folder.In("new/intake.key")}"));
    }

    [Test]
    public void A_key_of_the_environment_or_the_command_line_is_not_shown()
    {
        _folder.Variables["CONCENTRATOR_INTAKE_KEY"] = $"{Key}]";
        Assert.That(string.Join('\n', _folder.LoadDefault().Errors), Does.Contain("position 17").And.Not.Contain(Key));

        _folder.Variables["CONCENTRATOR__Outputs__sekoia__IntakeKey"] = $"{Key}\"";
        Assert.That(
            string.Join('\n', _folder.LoadDefault().Errors), Does.Contain("CONCENTRATOR__Outputs__sekoia__IntakeKey").And.Not.Contain(Key));

        ConfigurationResult result = _folder.LoadDefault($"--Outputs:sekoia:IntakeKey={Key}\\", $"--Outputs:sekoia:Endpoint={Key}\\:1");
        Assert.That(string.Join('\n', result.Errors), Does.Contain("--Outputs:sekoia:IntakeKey").And.Not.Contain(Key));
    }

    [Test]
    public void A_refused_argument_shows_no_value()
    {
        string[][] refused =
            [[$"--IntakeKey={Key}"], ["--IntakeKey", Key], [$"IntakeKey={Key}"], ["--Outputs:sekoia:IntakeKey", Key, "--x"]];

        foreach (string[] arguments in refused)
        {
            Assert.That(ConfigurationOverride.TryParse(arguments, [], out _, out string? problem), Is.False);
            Assert.That(problem, Does.Not.Contain(Key));
        }
    }

    [Test]
    public void No_printed_record_and_no_warning_shows_a_key()
    {
        ServerOptions options = _folder.Load(Snippets.Whole(
            Snippets.Haproxy,
            $"\"relay\": {{ \"Type\": \"syslog-tls\", \"Endpoint\": \"a:1\", \"Format\": \"raw\", \"IntakeKey\": \"{Key}-{Key}\" }}",
            $", \"Routes\": [ {{ \"To\": \"relay\", \"IntakeKey\": \"{Key}\" }} ]")).Options!;
        _ = ConfigurationOverride.TryParse(
            [$"--Outputs:relay:IntakeKey={Key}"], [], out IReadOnlyList<ConfigurationOverride> overrides, out _);

        Assert.That(options.Warnings, Is.Not.Empty);
        object[] printed = [options, options.Outputs[0], options.Routes[0], overrides[0], .. options.Warnings];
        Assert.That(printed.Select(record => record.ToString()), Has.None.Contains(Key));
    }

    [Test]
    public void Whatever_the_key_no_error_contains_it()
    {
        Gen<char> letters = Gen.Elements("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789".ToCharArray());
        Gen<string> keys = Gen.Select(Gen.ArrayOf(letters, 20), characters => new string(characters));

        Prop.ForAll(Arb.From(Gen.Zip(keys, Gen.Elements(WrongPlaces))), sample =>
        {
            (string key, string place) = sample;
            ConfigurationResult result = _folder.Load(
                $$"""{ {{place.Replace("KEY", key, StringComparison.Ordinal)}}, "Outputs": { "relay": { "IntakeKey": "{{key}}" } } }""");
            return !result.IsValid && result.Errors.All(error => !error.ToString().Contains(key, StringComparison.OrdinalIgnoreCase));
        }).QuickCheckThrowOnFailure();
    }
}
