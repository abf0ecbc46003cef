using System.Runtime.Versioning;
using Concentrator.Configuration;
using Concentrator.Configuration.Loading;
using Concentrator.Configuration.Options;
using Concentrator.Hosting;
using Concentrator.Tests.Equipment;
using Concentrator.Tools.Commands;
using NUnit.Framework;

namespace Concentrator.Tests.Configuration;

/// <summary>The files of <c>conf.d</c> beside a configuration file: what they add and override, and where their mistakes are.</summary>
[TestFixture]
internal sealed class ConfigurationPartsTests
{
    private static readonly string Main = Snippets.Whole(Snippets.Haproxy, Snippets.LogFile);
    private ConfigurationFolder _folder = null!;

    [SetUp]
    public void CreateFolder() => _folder = new ConfigurationFolder();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [Test]
    public void A_later_file_adds_and_overrides_and_their_names_are_in_ordinal_order()
    {
        string second = _folder.WritePart("9-last.json", "{ \"Spool\": { \"MaxSize\": \"3GB\" } }");
        string first = _folder.WritePart("10-first.json", "{ \"Spool\": { \"MaxSize\": \"2GB\", \"MaxMemory\": \"32MB\" } }");
        ConfigurationResult result = _folder.Load(Snippets.Root("\"Spool\": { \"Directory\": \"/var/spool/x\", \"MaxSize\": \"1GB\" }"));

        Assert.That(result.Errors, Is.Empty);
        Assert.That(result.Parts, Is.EqualTo([first, second]), "1 comes before 9");
        SpoolOptions spool = result.Options!.Spool;
        Assert.That((spool.Directory, spool.MaxMemory, spool.MaxSize), Is.EqualTo(("/var/spool/x", 32L << 20, 3L << 30)));
        Assert.That(result.Options.Warnings, Is.Empty, "the same key in several files is no mistake");
    }

    [Test]
    public void Objects_are_merged_without_letter_case_and_keep_the_name_that_they_had_first()
    {
        _folder.WritePart("10.json", "{ \"LISTENERS\": { \"HAPROXY\": { \"maxmessagesize\": \"1KB\" } }, \"outputs\": { \"more\": { \"Type\": \"file\", \"Path\": \"/x\" } } }");
        ServerOptions options = Valid(_folder.Load(Main));

        Assert.That(options.Listeners.Single(), Has.Property("Name").EqualTo("haproxy").And.Property("MaxMessageSize").EqualTo(1024));
        Assert.That(options.Outputs.Select(static output => output.Name), Is.EqualTo(["file", "more"]));
        Assert.That(options.Routes.Single().To, Is.EqualTo(["file", "more"]), "where nobody has routes everything goes everywhere");
    }

    [Test]
    public void An_array_takes_the_place_of_the_one_before_it()
    {
        _folder.WritePart("10.json", "{ \"Outputs\": { \"relay\": { \"Endpoint\": [ \"c:3\" ] } } }");
        ServerOptions options = Valid(_folder.Load(Snippets.Whole(
            Snippets.Haproxy, $$""" "relay": { "Type": "syslog-tls", "Endpoint": [ "a:1", "b:2" ], "IntakeKey": "{{Snippets.Key}}" } """)));

        Assert.That(options.Outputs.OfType<RelayOutputOptions>().Single().Endpoints.List, Is.EqualTo([new RelayEndpoint("c", 3)]));
    }

    [TestCase("\"a:1\"", "[ \"b:2\", \"c:3\" ]", "b:2 c:3")]
    [TestCase("[ \"a:1\", \"b:2\" ]", "\"c:3\"", "c:3")]
    public void A_text_and_an_array_take_each_others_place(string before, string after, string expected)
    {
        _folder.WritePart("10.json", $$"""{ "Outputs": { "relay": { "Endpoint": {{after}} } } }""");
        ServerOptions options = Valid(_folder.Load(Snippets.Whole(
            Snippets.Haproxy, $$""" "relay": { "Type": "syslog-tls", "Endpoint": {{before}}, "IntakeKey": "{{Snippets.Key}}" } """)));

        Assert.That(options.Outputs.OfType<RelayOutputOptions>().Single().Endpoints.List, Is.EqualTo(expected.Split(' ').Select(Endpoint)));

        static RelayEndpoint Endpoint(string text) => new(text[..1], text[2] - '0');
    }

    [Test]
    public void Routes_are_added_behind_those_before_and_their_mistakes_are_where_they_stand()
    {
        string part = _folder.WritePart("10.json", "{\n  \"Outputs\": { \"more\": { \"Type\": \"file\", \"Path\": \"/x\" } },\n  \"Routes\": [\n    { \"To\": [\"more\"] }\n  ]\n}");
        string main = Snippets.Root("\"Routes\": [ { \"From\": [\"haproxy\"], \"To\": [\"file\"] } ]");
        Assert.That(Valid(_folder.Load(main)).Routes, Is.EqualTo(new RouteOptions[]
        {
            new() { Index = 0, From = ["haproxy"], To = ["file"] },
            new() { Index = 1, To = ["more"] },
        }));

        File.WriteAllText(part, File.ReadAllText(part).Replace("\"To\": [\"more\"]", "\"To\": [\"mroe\"]", StringComparison.Ordinal));
        ConfigurationError error = _folder.Load(main).Errors.Single();
        Assert.That(error.ToString(), Does.StartWith($"{part}:4: Routes:1:To:0: \"mroe\" is not the name of an output"));
    }

    [Test]
    public void Null_takes_a_key_back_to_its_default()
    {
        _folder.WritePart("10.json", "{ \"Spool\": null }");
        Assert.That(Valid(_folder.Load(Snippets.Root("\"Spool\": { \"MaxSize\": \"1GB\" }"))).Spool, Is.EqualTo(new SpoolOptions()));
    }

    [Test]
    public void What_is_empty_in_one_file_may_be_filled_in_another()
    {
        _folder.WritePart("10.json", Snippets.Whole(Snippets.Haproxy, Snippets.LogFile, ", \"Routes\": [ { \"To\": \"file\" } ]"));
        ServerOptions options = Valid(_folder.Load("{ \"Listeners\": {}, \"Outputs\": {}, \"Routes\": [] }"));
        Assert.That((options.Listeners.Count, options.Outputs.Count, options.Routes.Count), Is.EqualTo((1, 1, 1)));
    }

    [Test]
    public void An_intake_key_in_a_file_takes_the_place_of_one_that_stands_before_it()
    {
        _folder.Write("intake.key", "FirstKey01234567");
        _folder.WritePart("10.json", "{ \"Outputs\": { \"relay\": { \"IntakeKeyFile\": \"intake.key\" } } }");
        string main = Snippets.Whole(Snippets.Haproxy, Snippets.Relay);

        Assert.That(Key(_folder.Load(main)), Is.EqualTo(new Secret("FirstKey01234567")), "relative to the main file");

        _folder.WritePart("20.json", "{ \"Outputs\": { \"relay\": { \"IntakeKey\": \"SecondKey0123456\" } } }");
        Assert.That(Key(_folder.Load(main)), Is.EqualTo(new Secret("SecondKey0123456")));

        static Secret? Key(ConfigurationResult result) => Valid(result).Outputs.OfType<RelayOutputOptions>().Single().IntakeKey;
    }

    [Test]
    public void Environment_and_command_line_win_over_all_files()
    {
        _folder.WritePart("10.json", "{ \"Spool\": { \"MaxSize\": \"2GB\", \"MaxMemory\": \"2GB\" } }");
        _folder.Variables["CONCENTRATOR__Spool__MaxSize"] = "3GB";
        SpoolOptions spool = Valid(_folder.Load(Main, "--Spool:MaxMemory=1GB")).Spool;
        Assert.That((spool.MaxSize, spool.MaxMemory), Is.EqualTo((3L << 30, 1L << 30)));
    }

    [Test]
    public void Every_error_of_every_file_is_reported_at_once_with_its_place()
    {
        string broken = _folder.WritePart("20.json", "{\n  \"Outputs\": {\n    \"relay\": \"x\",,\n  }\n}");
        string late = _folder.WritePart("30.json", "{\n  \"Spool\": { \"MaxSize\": \"2XB\" },\n  \"Spol\": 1\n}");
        string twice = _folder.WritePart("10.json", "{\n  \"ShutdownTimeout\": \"00:00:05\",\n  \"ShutdownTimeout\": \"00:00:06\"\n}");
        _folder.Variables["CONCENTRATOR__Monitoring__Address"] = "nowhere";
        string main = Snippets.Root("\n\"Routes\": [ { \"To\": [ \"file\", \"relay\" ] } ],\n\"Spool\": { \"Durability\": \"none\" }");

        string[] errors = [.. _folder.Load(main).Errors.Select(static error => error.ToString())];

        Assert.That(errors, Has.Length.EqualTo(6), string.Join('\n', errors));
        Assert.That(errors[0], Does.StartWith($"{_folder.In("test.json")}:3: Spool:Durability: \"none\" is not one of"));
        Assert.That(errors[1], Is.EqualTo($"{twice}:2: ShutdownTimeout: is given twice, on lines 2 and 3; remove one"));
        Assert.That(errors[2], Does.StartWith($"{broken}:3:18: is not valid JSON"));
        Assert.That(errors[3], Does.StartWith($"{late}:2: Spool:MaxSize: \"2XB\""));
        Assert.That(errors[4], Does.StartWith($"{late}:3: Spol: is not a known key"));
        Assert.That(errors[5], Does.StartWith("environment variable CONCENTRATOR__Monitoring__Address: "));
    }

    [Test]
    public void A_missing_comma_is_reported_in_the_order_of_the_files()
    {
        string part = _folder.WritePart("10.json", "{ \"Spool\": { \"MaxSize\": \"1GB\" }\n  \"Monitoring\": {} }");

        string[] errors = [.. _folder.Load(Snippets.Root("\"Spool\": { \"Durability\": \"none\" }")).Errors.Select(static error => error.ToString())];

        Assert.That(errors, Has.Length.EqualTo(2), string.Join('\n', errors));
        Assert.That(errors[0], Does.Contain("Spool:Durability: \"none\" is not one of"));
        Assert.That(errors[1], Does.StartWith($"{part}:1:").And.EndsWith("a comma or a closing bracket is missing here"));
    }

    [Test]
    public void What_a_file_that_cannot_be_read_may_hold_is_not_missed()
    {
        _folder.WritePart("10.json", "{ \"Routes\": [ { \"To\": \"file\", \"Severity\": \"loud\" } ], \"Outputs\": { \"file\": { \"Mode\": \"0600\" } } }");

        string[] errors = [.. _folder.Load("{ \"Listeners\": { \"haproxy\" } }").Errors.Select(static error => error.ToString())];

        Assert.That(errors, Has.Length.EqualTo(2), string.Join('\n', errors));
        Assert.That(errors[0], Does.StartWith($"{_folder.In("test.json")}:1:28: is not valid JSON"));
        Assert.That(errors[1], Does.Contain("Routes:0:Severity: \"loud\""));
    }

    [Test]
    public void Hidden_files_and_others_than_JSON_are_left_alone()
    {
        foreach (string name in new[] { ".hidden.json", "10.json~", "10.json.dpkg-new", "10.JSON", "README", ".10.json.swp", "json" })
            _folder.WritePart(name, "no configuration");
        Assert.That(Valid(_folder.Load(Main)).Outputs, Has.Count.EqualTo(1));
    }

    [Test]
    public void A_file_that_cannot_be_read_is_named()
    {
        _folder.WritePart("10.json", "{}");
        Directory.CreateDirectory(_folder.In("conf.d/20.json"));
        File.CreateSymbolicLink(_folder.In("conf.d/30.json"), _folder.In("nowhere"));

        string[] errors = [.. _folder.Load(Main).Errors.Select(static error => error.ToString())];

        Assert.That(errors, Is.EqualTo([
            $"{_folder.In("conf.d/20.json")}: is a directory, not a file; remove it from conf.d",
            $"{_folder.In("conf.d/30.json")}: does not exist; remove it from conf.d",
        ]));
    }

    [Test]
    [SupportedOSPlatform("linux")]
    public void A_file_or_folder_that_may_not_be_read_names_the_user()
    {
        string file = _folder.WritePart("10.json", "{}");
        File.SetUnixFileMode(file, UnixFileMode.None);
        AssertDenied(file);
        File.SetUnixFileMode(file, UnixFileMode.UserRead);
        File.SetUnixFileMode(_folder.In("conf.d"), UnixFileMode.UserExecute);
        AssertDenied(_folder.In("conf.d"));
        File.SetUnixFileMode(_folder.In("conf.d"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        void AssertDenied(string what)
        {
            ConfigurationResult result = _folder.Load(Main);

            // Root may read everything.
            Assert.That(result.IsValid, Is.EqualTo(Environment.IsPrivilegedProcess));
            Assert.That(
                result.Errors.All(error => error.ToString().StartsWith($"{what}: cannot be ", StringComparison.Ordinal)
                    && error.Problem.Contains($"by user {Environment.UserName}; grant that user read permission", StringComparison.Ordinal)));
        }
    }

    [Test]
    public void Without_a_main_file_they_are_not_read_and_that_is_said()
    {
        string part = _folder.WritePart("10.json", "{ \"Wrong\": 1 }");
        ServerOptions options = Valid(_folder.LoadDefault());
        Assert.That(options.Warnings, Has.Exactly(1).StartsWith($"{part}: is not read because {_folder.In("default.json")} does not exist"));

        _folder.Write("default.json", "{}");
        Assert.That(_folder.LoadDefault().Errors.Single(static error => error.Path == "Wrong").Origin, Is.EqualTo($"{part}:1"));
    }

    [Test]
    public void Intakes_are_read_alone()
    {
        _folder.WritePart("10.json", "{ \"Wrong\": 1 }");
        Valid(_folder.LoadIntakes($"intakes:\n- name: A\n  protocol: udp\n  port: 20516\n  intake_key: {Snippets.Key}\n"));
    }

    [Test]
    public void Check_names_the_files_that_it_has_read()
    {
        string file = _folder.Write("c.json", Main);
        string part = _folder.WritePart("10.json", "{ \"Spool\": { \"MaxSize\": \"1GB\" } }");
        using StringWriter output = new(), error = new();
        Assert.That(CheckCommand.Execute(new RunArguments(file, []), _folder.Surroundings, output, error), Is.Zero);
        Assert.That(output.ToString(), Is.EqualTo($"OK: 1 listener, 1 output, 1 route ({file}, {part})\n"));
    }

    [Test]
    public void A_key_without_a_name_is_an_error() =>
        Assert.That(_folder.Load("{ \"\": { \"Listeners\": {} } }").Errors.Single().ToString(), Does.EndWith("test.json:1: has a key with an empty name; name it or remove it"));

    private static ServerOptions Valid(ConfigurationResult result)
    {
        Assert.That(result.Errors, Is.Empty);
        return result.Options!;
    }
}
