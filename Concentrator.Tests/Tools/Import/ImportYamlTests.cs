using Concentrator.Configuration;
using Concentrator.Configuration.Loading;
using Concentrator.Configuration.Options;
using Concentrator.Tests.Equipment;
using Concentrator.Tools.Commands;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace Concentrator.Tests.Tools.Import;

/// <summary>rsyslog's configuration in YAML (8.2610) is read like the rest of it.</summary>
[TestFixture]
internal sealed class ImportYamlTests
{
    private const string Whole = """
        version: 2
        global:
          workDirectory: /var/spool/rsyslog
          maxMessageSize: 300k
          compatibility.defaults.secure: warn
        modules:
          - load: imuxsock
            sysSock.use: "off"
          - load: imtcp
        mainqueue:
          type: linkedlist
        templates:
          - name: text
            type: string
            string: "%msg:2:$%\n"
        inputs:
          - type: imuxsock
            socket: /var/lib/haproxy/dev/log
            ruleset: haproxy
          - type: imtcp
            port: ["10514", "10515"]
            ruleset: network
        rulesets:
          - name: haproxy
            script: |
              # a comment
              if $programname startswith 'haproxy' then {
                action(type="omfile" file="/var/log/haproxy.log"
                  template="text")
                stop
              }
          - name: network
            statements:
              - if: $syslogfacility-text == 'local0' and $msg contains 'DOWN'
                then:
                  - type: omfile
                    file: /var/log/down.log
                  - stop: true
                else:
                  - call: rest
              - if: "prifilt('mail.*')"
                action:
                  type: omfwd
                  target: relay.example
                  port: 6514
                  protocol: tcp
                  tcp_framing: octet-counted
          - name: rest
            statements:
              - type: omfile
                file: /var/log/rest.log
        """;

    [Test]
    public void A_whole_file_is_translated_without_rest()
    {
        Imported imported = Imported.Yaml(Whole);
        Assert.That(imported.Result.HasUnsupported, Is.False, imported.Report);
        ServerOptions options = imported.Load();
        Assert.That(options.Listeners.Select(static l => $"{l.Address} {l.MaxMessageSize}"),
            Is.EquivalentTo(new[] { "unix-dgram:/var/lib/haproxy/dev/log 307200", "tcp://[::]:10514 307200", "tcp://[::]:10515 307200" }));
        Assert.That(options.Outputs.OfType<FileOutputOptions>().Select(static o => $"{o.Path} {o.Format}"),
            Is.EquivalentTo(new[] { "/var/log/haproxy.log Message", "/var/log/down.log Rfc3339", "/var/log/rest.log Rfc3339" }));
        Assert.That(options.Outputs.OfType<RelayOutputOptions>().Single().Endpoints.List.Single().ToString(), Is.EqualTo("relay.example:6514"));
        Assert.That(imported.Routes(), Is.EqualTo(new[]
        {
            "from=haproxy program=haproxy* -> haproxy.log!",
            "facilities=10000 contains=DOWN -> down.log!",
            "-> rest.log",
            "facilities=4 -> relay.example",
        }));
    }

    [TestCase(7, "load: imuxsock")]
    [TestCase(27, "if $programname startswith 'haproxy'")]
    [TestCase(28, "template=\"text\"")]
    [TestCase(36, "down.log")]
    [TestCase(41, "prifilt")]
    public void Every_statement_has_its_line_inside_a_script_too(int line, string text) =>
        Assert.That(Imported.Yaml(Whole).EntryOn(line).ToString(), Does.Contain(text));

    [TestCase("modulez:\n  - load: imtcp", 1, "modulez is not known to rsyslog")]
    [TestCase("inputs:\n  type: imtcp", 2, "inputs is not a list")]
    [TestCase("inputs:\n  - imtcp", 2, "not a mapping of a input's parameters")]
    [TestCase("inputs:\n  - type: imtcp\n    port: {a: 1}", 2, "neither text nor a list of texts")]
    [TestCase("inputs:\n  - type: imtcp\n    type: imudp", 2, "type is given twice")]
    [TestCase("rulesets:\n  - name: r\n    statements:\n      - set: $.x = 1", 4, "there are no message variables")]
    [TestCase("rulesets:\n  - name: r\n    statements:\n      - foreach: x", 4, "foreach cannot be parsed")]
    [TestCase("rulesets:\n  - name: r\n    statements:\n      - if: $msg contains 'x'", 4, "the condition is not followed by a statement")]
    [TestCase("rulesets:\n  - name: r\n    statements:\n      - if: $msg contains 'x'\n        thn: [stop]", 4, "thn is not allowed beside an if")]
    [TestCase("rulesets:\n  - name: r\n    script: |\n      nonsense here\n", 4, "cannot be parsed")]
    [TestCase("- a", 1, "not a mapping with keys")]
    [TestCase("inputs: [", 1, "is not valid YAML")]
    [TestCase("include:\n  - pth: /x", 2, "has no path")]
    public void What_is_wrong_is_said_with_its_line(string text, int line, string said) =>
        Assert.That(Imported.Yaml(text).EntryOn(line).ToString(), Does.Contain(": not supported: ").And.Contain(said));

    [Test]
    public void It_may_be_named_included_and_is_told_from_JSON()
    {
        using TempDirectory directory = new();
        string yaml = directory.Write("b.yaml", Whole);
        Imported imported = new($"include(file=\"{yaml}\")");
        Assert.That(imported.Result.HasUnsupported, Is.False, imported.Report);
        Assert.That(imported.Result.Inputs, Has.Count.EqualTo(3));
        using StringWriter output = new(), error = new();
        Assert.That(new ImportCommand(directory["c.json"], output, error, static () => Stream.Null).Execute([yaml]), Is.Zero, output.ToString());

        ConfigurationResult result = ConfigurationLoader.Load(yaml, [], new ConfigurationEnvironment(new Dictionary<string, string>(), yaml));
        Assert.That(result.Errors.Single().ToString(), Does.Contain("is an rsyslog configuration; translate it first"));
    }

    [Test]
    public void No_text_whatever_is_more_than_a_report()
    {
        string[] pieces =
        [
            "version: 2", "global:", "modules:", "inputs:", "rulesets:", "templates:", "\n", "\n  ", "\n    ", "\n      ", "- ", "name: r", "type: imtcp", "port: 1",
            "script: |", "statements:", "if: $msg contains 'x'", "then:", "else:", "stop: true", "- : x", "[", "]", "{", "}", "&a ", "*a", "? ", ": ", "|", "'", "\"", "#", "---", "\t", "\0",
        ];
        Prop.ForAll(
            Gen.Elements(pieces).ListOf().Select(static list => string.Concat(list)).ToArbitrary(),
            static text => Imported.Yaml(text).Report.Length >= 0).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));
        Assert.That(Imported.Yaml(string.Concat(Enumerable.Repeat("[", 100_000))).Report, Does.Contain("nested deeper than"));
        Assert.That(Imported.Yaml($"inputs: {string.Concat(Enumerable.Repeat("- ", 50_000))}").Report, Is.Not.Empty);
    }
}
