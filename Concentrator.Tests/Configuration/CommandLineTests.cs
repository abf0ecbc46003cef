using Concentrator.Hosting;
using Concentrator.Tests.Equipment;
using Concentrator.Tools.Commands;
using NUnit.Framework;

namespace Concentrator.Tests.Configuration;

/// <summary>The <c>check</c> command and the command line around it: exit codes and what is written where.</summary>
[TestFixture]
internal sealed class CommandLineTests
{
    private ConfigurationFolder _folder = null!;
    private StringWriter _output = null!;
    private StringWriter _error = null!;

    [SetUp]
    public void CreateFolder()
    {
        _folder = new ConfigurationFolder();
        _output = new StringWriter();
        _error = new StringWriter();
    }

    [TearDown]
    public void DeleteFolder()
    {
        _folder.Dispose();
        _output.Dispose();
        _error.Dispose();
    }

    [Test]
    public void Check_counts_what_a_sound_configuration_has()
    {
        string file = _folder.Write("c.json", Snippets.Whole(Snippets.Haproxy, $"{Snippets.LogFile}, {Snippets.Relay}"));

        int code = CheckCommand.Execute(new RunArguments(file, []), _folder.Surroundings, _output, _error);

        Assert.That(code, Is.Zero);
        Assert.That(_output.ToString(), Is.EqualTo($"OK: 1 listener, 2 outputs, 1 route ({file})\n"));
        Assert.That(_error.ToString(), Is.Empty);
    }

    [Test]
    public async Task Check_takes_intakes_and_not_beside_a_configuration_file()
    {
        string file = _folder.Write("i.yaml", $"intakes:\n- name: A\n  protocol: udp\n  port: 20516\n  intake_key: {Snippets.Key}\n");

        Assert.That(await Invoke("check", "--intakes", file), Is.Zero, _error.ToString());
        Assert.That(_output.ToString(), Is.EqualTo($"OK: 1 listener, 1 output, 1 route ({file})\n"));

        Assert.That(await Invoke("check", "--intakes", file, "--config", file), Is.EqualTo(2));
        Assert.That(_error.ToString(), Is.EqualTo("concentrator: --config and --intakes exclude each other; use only one of them\n"));
    }

    [Test]
    public async Task Check_says_what_is_wrong_with_intakes()
    {
        string file = _folder.Write("i.yaml", "intakes:\n- name: A\n  protocol: udp\n  port: 20516\n  intake_key: short\n");

        Assert.That(await Invoke("check", "--intakes", file), Is.EqualTo(1));
        Assert.That(_error.ToString(), Does.StartWith($"{file}:5: intakes:0:intake_key: is not an intake key"));
    }

    [Test]
    public async Task Check_prints_warnings_after_the_counts()
    {
        int code = await Invoke("check");

        Assert.That(code, Is.Zero);
        string[] lines = _output.ToString().TrimEnd('\n').Split('\n');
        Assert.That(lines, Has.Length.EqualTo(2));
        Assert.That(lines[0], Is.EqualTo("OK: 1 listener, 1 output, 1 route (built-in HAProxy default)"));
        Assert.That(lines[1], Does.StartWith("warning: CONCENTRATOR_INTAKE_KEY is not set"));
    }

    [Test]
    public async Task Check_prints_every_error_on_a_line_of_its_own()
    {
        string file = _folder.Write("c.json", Snippets.Whole(Snippets.Haproxy, Snippets.LogFile, ", \"Spool\": { \"MaxSize\": 1, "
            + "\"Max\": 1 }"));

        int code = await Invoke("check", "--config", file, "--ShutdownTimeout=never");

        Assert.That(code, Is.EqualTo(1));
        Assert.That(_error.ToString().TrimEnd('\n').Split('\n'), Has.Length.EqualTo(3));
        Assert.That(_output.ToString(), Is.Empty);
    }

    [TestCase("check --Spool:MaxSize=2XB")]
    [TestCase("check --Spool:MaxSize 2XB")]
    [TestCase("--Spool:MaxSize=2XB check")]
    public async Task Keys_are_taken_from_the_command_line(string arguments)
    {
        Assert.That(await Invoke(arguments.Split(' ')), Is.EqualTo(1));
        Assert.That(_error.ToString(), Does.StartWith("argument --Spool:MaxSize: Spool:MaxSize: \"2XB\""));
    }

    [TestCase("chekc", "did you mean \"check\"")]
    [TestCase("check --confg=x", "did you mean \"--config\"")]
    [TestCase("check more", "unexpected argument \"more\"")]
    [TestCase("check @file", "unexpected argument \"@file\"")]
    [TestCase("check --config", "--config")]
    [TestCase("run --takeover", "did you mean \"--take-over\"")]
    [TestCase("demo more", "more")]
    public async Task An_argument_that_cannot_be_used_is_one_line_and_code_2(string arguments, string fragment)
    {
        int code = await Invoke(arguments.Split(' '));

        Assert.That(code, Is.EqualTo(2));
        Assert.That(_error.ToString(), Does.StartWith("concentrator: ").And.Contain(fragment));
        Assert.That(_error.ToString().TrimEnd('\n'), Does.Not.Contain('\n'));
        Assert.That(_output.ToString(), Is.Empty);
    }

    [Test]
    public async Task Help_names_every_command()
    {
        Assert.That(await Invoke("--help"), Is.Zero);
        Assert.That(
            _output.ToString(), Does.Contain("  run ").And.Contain("  check ").And.Contain("  demo ").And.Contain("--config <FILE>"));
    }

    [Test]
    public async Task The_help_of_run_says_what_a_take_over_does()
    {
        Assert.That(await Invoke("run", "--help"), Is.Zero);
        Assert.That(_output.ToString(), Does.Match(@"--take-over +Take over the sockets"));
        Assert.That(await Invoke("check", "--take-over"), Is.EqualTo(2), "it is an option of run");
    }

    [Test]
    public async Task The_version_is_one_line_with_the_commit_where_the_build_knew_it()
    {
        Assert.That(await Invoke("--version"), Is.Zero);
        Assert.That(_output.ToString(), Does.Match(@"^concentrator \d+\.\d+\.\d+\S*( \([0-9a-f]{12}\))?\n$"));
    }

    private Task<int> Invoke(params string[] arguments) =>
        Program.InvokeAsync(arguments, _folder.Surroundings, _output, _error, CancellationToken.None);
}
