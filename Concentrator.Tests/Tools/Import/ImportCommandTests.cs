using System.Text;
using Concentrator.Configuration;
using Concentrator.Configuration.Loading;
using Concentrator.Tests.Equipment;
using Concentrator.Tools.Commands;
using NUnit.Framework;

namespace Concentrator.Tests.Tools.Import;

/// <summary>The command: its exit codes, where it writes what, and the refusal to run without it.</summary>
[TestFixture]
internal sealed class ImportCommandTests
{
    private TempDirectory _directory = null!;
    private StringWriter _output = null!;
    private StringWriter _error = null!;
    private MemoryStream _standardOutput = null!;

    [SetUp]
    public void Begin()
    {
        _directory = new TempDirectory();
        _output = new StringWriter { NewLine = "\n" };
        _error = new StringWriter { NewLine = "\n" };
        _standardOutput = new MemoryStream();
    }

    [TearDown]
    public void End()
    {
        _directory.Dispose();
        _output.Dispose();
        _error.Dispose();
        _standardOutput.Dispose();
    }

    [Test]
    public void The_file_is_its_owners_alone_and_loads_and_the_report_is_on_standard_output()
    {
        string target = _directory["concentrator.json"];
        File.WriteAllText(target, "old");
        File.SetUnixFileMode(target, (UnixFileMode)Convert.ToInt32("644", 8));
        Assert.That(Import(target, _directory.Write("a.conf", RsyslogSamples.SekoiaHaproxy)), Is.Zero, _output.ToString());
        Assert.That((int)File.GetUnixFileMode(target), Is.EqualTo(Convert.ToInt32("600", 8)));
        Assert.That(ConfigurationLoader.Load(target, [], new ConfigurationEnvironment(new Dictionary<string, string>(), target)).Errors, Is.Empty);
        Assert.That(_output.ToString(), Does.Contain($"{target} loads: listeners 1, outputs 1, routes 1\n").And.Not.Contain(RsyslogSamples.Key));
        Assert.That(_error.ToString(), Is.Empty);
        Assert.That(Directory.GetFiles(_directory.Path), Has.Length.EqualTo(2), "no draft is left");
    }

    [Test]
    public void Without_a_target_standard_output_has_the_configuration_and_standard_error_the_report()
    {
        Assert.That(Import(null, _directory.Write("a.conf", RsyslogSamples.Debian)), Is.Zero, _error.ToString());
        Assert.That(Encoding.UTF8.GetString(_standardOutput.ToArray()), Does.StartWith("{").And.Contain("unix-dgram:/var/lib/haproxy/dev/log"));
        Assert.That(_error.ToString(), Does.Contain("4 translated, 0 not needed, 0 not supported\nthe configuration loads: "));
        Assert.That(_output.ToString(), Is.Empty);
    }

    [Test]
    public void What_is_not_supported_ends_with_1_and_is_written_all_the_same()
    {
        string target = _directory["concentrator.json"];
        Assert.That(Import(target, _directory.Write("a.conf", RsyslogSamples.Debian + "\n*.* @192.0.2.1\n")), Is.EqualTo(1));
        Assert.That(_output.ToString(), Does.Contain("4 translated, 0 not needed, 1 not supported"));
        Assert.That(File.ReadAllText(target), Does.Contain("haproxy.log"));
    }

    [Test]
    public void A_result_that_does_not_load_ends_with_1_and_says_each_reason()
    {
        string target = _directory["concentrator.json"];
        string file = _directory.Write("a.conf", "input(type=\"imtcp\" port=\"6514\" streamDriver.mode=\"1\" streamDriver.certFile=\"/gone.crt\" streamDriver.keyFile=\"/gone.key\")\n*.* /f\n");
        Assert.That(Import(target, file), Is.EqualTo(1));
        Assert.That(_output.ToString(), Does.Contain($"{target} does not load: {target}:").And.Contain("/gone.crt").And.Contain("/gone.key"));
        Assert.That(_output.ToString(), Does.Not.Contain(".concentrator-import"));
    }

    [Test]
    public void Several_files_are_one_configuration_in_their_order()
    {
        string first = _directory.Write("10.conf", "if $programname startswith 'haproxy' then /var/log/first.log\n");
        string second = _directory.Write("49.conf", RsyslogSamples.Debian);
        Assert.That(Import(_directory["c.json"], first, second), Is.Zero, _output.ToString());
        string json = File.ReadAllText(_directory["c.json"]);
        Assert.That(json.IndexOf("first.log", StringComparison.Ordinal), Is.LessThan(json.IndexOf("/var/log/haproxy.log", StringComparison.Ordinal)));
        Assert.That(_output.ToString(), Does.Not.Contain("note:"), "the input is in the second");
    }

    [Test]
    public void A_snippet_without_input_gets_the_built_in_listener_and_says_so()
    {
        Assert.That(Import(_directory["c.json"], _directory.Write("a.conf", "local0.* /var/log/haproxy.log\n")), Is.Zero);
        Assert.That(_output.ToString(), Does.Contain("note: these files contain no input").And.Contain("unix-dgram:/var/lib/haproxy/dev/log"));
    }

    [Test]
    public async Task Unusable_arguments_end_with_2_and_one_line_each()
    {
        Assert.That(Import(null, _directory["gone.conf"], _directory.Path), Is.EqualTo(2));
        Assert.That(_error.ToString(), Is.EqualTo($"concentrator: {_directory["gone.conf"]} does not exist\nconcentrator: {_directory.Path} is a directory, not a file\n"));
        Assert.That(Import(_directory["no/where.json"], _directory.Write("a.conf", RsyslogSamples.Debian)), Is.EqualTo(2));
        Assert.That(await Program.InvokeAsync(["import"], ConfigurationEnvironment.Current(), _output, _error, CancellationToken.None), Is.EqualTo(2));
        Assert.That(await Program.InvokeAsync(["import", "--frobnicate"], ConfigurationEnvironment.Current(), _output, _error, CancellationToken.None), Is.EqualTo(2));
    }

    [Test]
    public void Rsyslogs_configuration_itself_is_refused_with_the_way_to_import_it()
    {
        string[] samples = [RsyslogSamples.Debian, RsyslogSamples.SekoiaHaproxy, RsyslogSamples.SekoiaForwarder, RsyslogSamples.Legacy];
        foreach (string sample in samples)
        {
            string file = _directory.Write("a.conf", sample);
            ConfigurationResult result = ConfigurationLoader.Load(file, [], new ConfigurationEnvironment(new Dictionary<string, string>(), file));
            Assert.That(result.Errors.Single().ToString(),
                Is.EqualTo($"{file}: is an rsyslog configuration; translate it first: concentrator import {file} --output concentrator.json"));
        }
        string mistake = _directory.Write("b.json", "{\n  \"Listeners\": {\n  // module(load=\"x\")\n  \"a\" 1\n}");
        Assert.That(ConfigurationLoader.Load(mistake, [], new ConfigurationEnvironment(new Dictionary<string, string>(), mistake)).Errors.Single().ToString(),
            Does.Contain("not valid JSON"));
    }

    private int Import(string? target, params string[] files) =>
        new ImportCommand(target, _output, _error, () => _standardOutput).Execute(files);
}
