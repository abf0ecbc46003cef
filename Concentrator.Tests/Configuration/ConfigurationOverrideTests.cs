using Concentrator.Configuration;
using Concentrator.Configuration.Options;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Configuration;

/// <summary>Command line over environment over file.</summary>
[TestFixture]
internal sealed class ConfigurationOverrideTests
{
    private static readonly string Sound = Snippets.Whole(
        Snippets.Haproxy,
        $"{Snippets.LogFile}, \"relay\": {{ \"Type\": \"syslog-tcp\", \"Endpoint\": [ \"a:1\", \"b:2\" ] }}",
        ", \"Spool\": { \"MaxSize\": \"1GB\" }, \"Routes\": [ { \"To\": [ \"file\", \"relay\" ] } ]");

    private ConfigurationFolder _folder = null!;

    [SetUp]
    public void CreateFolder() => _folder = new ConfigurationFolder();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [Test]
    public void The_command_line_wins_over_the_environment_and_that_over_the_file()
    {
        Assert.That(Valid(_folder.Load(Sound)).Spool.MaxSize, Is.EqualTo(1L << 30));

        _folder.Variables["CONCENTRATOR__Spool__MaxSize"] = "2GB";
        Assert.That(Valid(_folder.Load(Sound)).Spool.MaxSize, Is.EqualTo(2L << 30));

        Assert.That(Valid(_folder.Load(Sound, "--spool:maxsize=3GB")).Spool.MaxSize, Is.EqualTo(3L << 30));
        Assert.That(Valid(_folder.Load(Sound, "--Spool:MaxSize=3GB", "--Spool:MaxSize", "4GB")).Spool.MaxSize, Is.EqualTo(4L << 30));
    }

    [Test]
    public void A_key_without_a_section_can_be_overridden_too() =>
        Assert.That(Valid(_folder.Load(Sound, "--ShutdownTimeout=00:00:03")).ShutdownTimeout, Is.EqualTo(TimeSpan.FromSeconds(3)));

    [Test]
    public void A_name_with_a_dot_can_be_overridden_on_the_command_line() =>
        Assert.That(
            ((FileOutputOptions)Valid(_folder.LoadDefault("--Outputs:haproxy.log:Path=/tmp/h.log")).Outputs[0]).Path,
            Is.EqualTo("/tmp/h.log"));

    [Test]
    public void One_element_of_a_list_can_be_overridden()
    {
        _folder.Variables["CONCENTRATOR__Outputs__relay__Endpoint__1"] = "c:3";

        Assert.That(Endpoints(_folder.Load(Sound)), Is.EqualTo("a:1 c:3"));
    }

    [Test]
    public void One_value_with_commas_replaces_the_whole_list_of_a_weaker_layer()
    {
        _folder.Variables["CONCENTRATOR__Outputs__relay__Endpoint"] = "[::1]:4, d:5 ,e:6";

        Assert.That(Endpoints(_folder.Load(Sound)), Is.EqualTo("[::1]:4 d:5 e:6"));
    }

    [Test]
    public void A_list_replaces_the_one_value_of_a_weaker_layer()
    {
        string single = Sound.Replace("[ \"a:1\", \"b:2\" ]", "\"a:1\"", StringComparison.Ordinal);

        Assert.That(Endpoints(_folder.Load(single, "--Outputs:relay:Endpoint:0=f:7")), Is.EqualTo("f:7"));
    }

    [Test]
    public void A_key_file_of_the_environment_replaces_the_key_of_the_file()
    {
        string file = _folder.Write("intake.key", "0123456789abcdef\n");
        _folder.Variables["CONCENTRATOR__Outputs__out__IntakeKeyFile"] = file;

        ServerOptions options = Valid(_folder.Load(Snippets.Output("\"Type\": \"syslog-tls\", \"Endpoint\": \"a:1\", \"IntakeKey\": "
            + "\"zzzzzzzzzzzzzzzz\"")));

        Assert.That(((RelayOutputOptions)options.Outputs[0]).IntakeKey, Is.EqualTo(new Secret("0123456789abcdef")));
    }

    [Test]
    public void An_error_names_the_variable_or_the_argument()
    {
        _folder.Variables["CONCENTRATOR__Spool__MaxSize"] = "big";
        _folder.Variables["CONCENTRATOR__Spool__Maximum"] = "1";

        string[] lines = [.. _folder.Load(Sound, "--Spool:MaxMemory=big").Errors.Select(error => error.ToString())];

        Assert.That(lines, Has.Length.EqualTo(3));
        Assert.That(lines, Has.One.StartsWith("environment variable CONCENTRATOR__Spool__MaxSize: Spool:MaxSize: \"big\" is not a size"));
        Assert.That(lines, Has.One.StartsWith("environment variable CONCENTRATOR__Spool__Maximum: Spool:Maximum: is not a known key"));
        Assert.That(lines, Has.One.StartsWith("argument --Spool:MaxMemory: Spool:MaxMemory: \"big\" is not a size"));
    }

    [Test]
    public void An_empty_variable_is_an_error_and_not_the_default()
    {
        _folder.Variables["CONCENTRATOR__Spool__MaxSize"] = "";

        Assert.That(_folder.Load(Sound).Errors.Single().Problem, Does.StartWith("is empty"));
    }

    [Test]
    public void A_variable_without_a_key_and_two_for_one_key_are_errors()
    {
        _folder.Variables["CONCENTRATOR__Spool____MaxSize"] = "1GB";
        _folder.Variables["CONCENTRATOR__Spool__MaxMemory"] = "1GB";
        _folder.Variables["CONCENTRATOR__SPOOL__MAXMEMORY"] = "2GB";

        string[] lines = [.. _folder.Load(Sound).Errors.Select(error => error.ToString())];

        Assert.That(lines, Has.Length.EqualTo(2));
        Assert.That(lines, Has.One.StartsWith("environment variable CONCENTRATOR__Spool____MaxSize: does not name a key"));
        Assert.That(lines, Has.One.StartsWith("environment variable CONCENTRATOR__Spool__MaxMemory: sets the same key as "
            + "CONCENTRATOR__SPOOL__MAXMEMORY"));
    }

    [Test]
    public void Variables_with_one_underscore_are_not_keys()
    {
        _folder.Variables["CONCENTRATOR_INTAKE_KEY"] = Snippets.Key;
        _folder.Variables["CONCENTRATOR_SPOOL"] = "x";

        Assert.That(_folder.Load(Sound).Errors, Is.Empty);
    }

    [TestCase("--Spool:MaxSize", "has no value")]
    [TestCase("--Spool:MaxSize --Spool:MaxMemory=1GB", "has no value")]
    [TestCase("--Spool", "unknown option")]
    [TestCase("--confg=x", "did you mean \"--config\"")]
    [TestCase("--:MaxSize=1", "unknown option")]
    [TestCase("chekc", "did you mean \"check\"")]
    [TestCase("Spool:MaxSize=1", "unexpected argument")]
    public void Other_arguments_are_refused_in_one_line(string arguments, string fragment)
    {
        bool parsed = ConfigurationOverride.TryParse(arguments.Split(' '), ["check", "--config"], out _, out string? problem);

        Assert.That(parsed, Is.False);
        Assert.That(problem, Does.Contain(fragment).And.Not.Contain('\n'));
    }

    private static string Endpoints(ConfigurationResult result) =>
        string.Join(' ', Valid(result).Outputs.OfType<RelayOutputOptions>().Single().Endpoints.List);

    private static ServerOptions Valid(ConfigurationResult result)
    {
        Assert.That(result.Errors, Is.Empty);
        return result.Options!;
    }
}
