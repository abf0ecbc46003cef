using System.Text;
using Concentrator.Configuration;
using Concentrator.Configuration.Loading;
using Concentrator.Tests.Equipment;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace Concentrator.Tests.Configuration.Intakes;

/// <summary>What the forwarder passes over in silence is an error here, with its line; no error shows a key.</summary>
[TestFixture]
internal sealed class IntakesErrorTests
{
    private const string Key = Snippets.Key;

    private const string Sound = $"""
        intakes:
        - name: Techno1
          protocol: tcp
          port: 20516
          intake_key: {Key}
        """;

    private ConfigurationFolder _folder = null!;

    [SetUp]
    public void CreateFolder() => _folder = new ConfigurationFolder();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [TestCase("\n- name: B", 6, "protocol: is missing", "port: is missing", "intake_key: is missing")]
    [TestCase("\n- protocol: udp\n  port: 1\n  intake_key: ABCDEFGHIJKLMNOP", 6, "intakes:1:name: is missing")]
    [TestCase("\n- name: B\n  protocol: udp\n  port: 1\n  intake_key: too-short", 9, "is not an intake key", "9 characters")]
    [TestCase("\n- name: B\n  protocol: udp\n  port: 1\n  intake_key: ABCDEFGHIJKLMNO_P", 9, "is not an intake key", "17 characters")]
    [TestCase("\n- name: B\n  protocol: udp\n  port: 1\n  intake_key:", 9, "intakes:1:intake_key: is missing")]
    [TestCase("\n- name: B\n  protocol: relp\n  port: 1\n  intake_key: ABCDEFGHIJKLMNOP", 7, "\"relp\" is not one of \"tcp\", \"udp\", \"tls\"")]
    [TestCase("\n- name: B\n  protocol: udp\n  port: 0\n  intake_key: ABCDEFGHIJKLMNOP", 8, "\"0\" is not a whole number from 1 to 65535")]
    [TestCase("\n- name: B\n  protocol: udp\n  port: 65536\n  intake_key: ABCDEFGHIJKLMNOP", 8, "\"65536\" is not a whole number")]
    [TestCase("\n- name: TECHNO1\n  protocol: udp\n  port: 1\n  intake_key: ABCDEFGHIJKLMNOP", 6, "is the name of the intake on line 2 as well")]
    [TestCase("\n- name: \"\\a\"\n  protocol: udp\n  port: 1\n  intake_key: ABCDEFGHIJKLMNOP", 6, "is not a name")]
    [TestCase("\n- name: (&)\n  protocol: udp\n  port: 1\n  intake_key: ABCDEFGHIJKLMNOP", 6, "\"(&)\" is not a name")]
    [TestCase("\n- name: debug.stdout\n  protocol: udp\n  port: 1\n  intake_key: ABCDEFGHIJKLMNOP", 6, "choose another")]
    [TestCase("\n  prot: 3", 6, "intakes:0:prot: is not a known field; the nearest is \"port\"")]
    [TestCase("\n  port: 20517", 4, "intakes:0:port: is given twice, the second time on line 6")]
    [TestCase("\n  queue_size: many", 6, "\"many\" is not a whole number")]
    [TestCase("\n  debug: perhaps", 6, "\"perhaps\" is not one of \"true\"")]
    [TestCase("\n  tls_ca_name: ca", 6, "applies to protocol tls only, and this intake's is tcp")]
    [TestCase("\n  debug: [true]", 6, "is a list or a mapping; write one value")]
    [TestCase("\n  debug: *flag", 6, "is an alias, which is not supported")]
    [TestCase("\n- Techno2", 6, "intakes:1: is not an intake")]
    [TestCase("\nmore: 3", 6, "more: is not a known key; the only key allowed here is \"intakes\"")]
    [TestCase("\nintakes: []", 6, "intakes: is given twice, on lines 1 and 6")]
    [TestCase("\n---\nintakes: []", 6, "starts a second document")]
    [TestCase("\n   port: 3", 6, "is not valid YAML")]
    [TestCase("\n- name: S\n  stats: true\n  port: 3\n  intake_key: ABCDEFGHIJKLMNOP", 8, "does not apply to an intake with \"stats: true\"")]
    [TestCase("\n- name: B\n  protocol: tls\n  port: 1\n  intake_key: ABCDEFGHIJKLMNOP", 7, "server.crt\" does not exist", "server.key\" does not exist")]
    [TestCase("\n- name: B\n  protocol: tls\n  port: 1\n  intake_key: ABCDEFGHIJKLMNOP\n  tls_key_name: ../a", 10, "\"../a\" is not a file name")]
    public void What_is_wrong_is_said_with_its_line(string more, int line, params string[] said)
    {
        string[] errors = Errors(Sound + more);

        Assert.That(errors.Any(e => e.StartsWith($"{_folder.In("named.yaml")}:{line}:", StringComparison.Ordinal)), string.Join('\n', errors));
        foreach (string text in said) Assert.That(errors, Has.Some.Contains(text));
    }

    [TestCase("", "is empty")]
    [TestCase("# nothing", "is empty")]
    [TestCase("- name: x", "must be one mapping")]
    [TestCase("intakes:", "intakes: is empty")]
    [TestCase("intakes: []", "intakes: is empty")]
    [TestCase("intakes: x", "intakes: is not a list")]
    [TestCase("other: x", "has no key \"intakes\"")]
    [TestCase("intakes:\n- name: S\n  stats: true\n  intake_key: ABCDEFGHIJKLMNOP", "has no intake that listens")]
    [TestCase("intakes: []\n\0port: 3", "contains a NUL byte")]
    public void A_file_without_intakes_is_refused(string yaml, string said) => Assert.That(Errors(yaml), Has.Some.Contains(said));

    [Test]
    public void A_duplicate_port_is_named_with_both_intakes()
    {
        string[] errors = Errors($"{Sound}\n- name: Techno2\n  protocol: tls\n  port: 20516\n  intake_key: ABCDEFGHIJKLMNOP\n");

        Assert.That(errors.Where(static e => e.Contains("port", StringComparison.Ordinal)), Is.EqualTo(new[]
        {
            $"{_folder.In("named.yaml")}:8: intakes:1:port: 20516 is already used by intake \"Techno1\" (tcp, line 2); this is intake \"Techno2\" (tls); choose another",
        }));
    }

    [TestCase("REGION", "FRA3", "\"FRA3\" is not a region; did you mean \"FRA1\"?")]
    [TestCase("REGION", "OTHER", "is OTHER, but ENDPOINT is not set")]
    [TestCase("MEMORY_MESSAGES", "2M", "\"2M\" is not a number of messages")]
    [TestCase("DISK_SPACE", "lots", "\"lots\" is not a size")]
    [TestCase("DISK_SPACE", "200k", "is out of range")]
    [TestCase("RELP_OUTPUT", "perhaps", "is not one of \"true\"")]
    public void A_variable_that_cannot_be_used_is_named(string name, string value, string said)
    {
        _folder.Variables[name] = value;

        Assert.That(Errors(Sound).Single(), Does.StartWith($"environment variable {name}: ").And.Contains(said));
    }

    [Test]
    public void Two_protocols_at_once_are_an_error()
    {
        _folder.Variables["RELP_OUTPUT"] = "True";
        _folder.Variables["HTTPS_OUTPUT"] = "True";
        Assert.That(Errors(Sound).Single(), Is.EqualTo("environment variable HTTPS_OUTPUT: is set together with RELP_OUTPUT; keep only one of them"));
    }

    [Test]
    public void Everything_wrong_is_said_at_once()
    {
        _folder.Variables["REGION"] = "MARS";
        _folder.Variables["DISK_SPACE"] = "x";
        string[] errors = Errors("""
            intakes:
            - name: A
              protocol: sctp
              port: 99999
              intake_key: short
            - name: a
              protocol: tls
              port: 2
              intake_key: ABCDEFGHIJKLMNOP
              colour: red
            """);

        Assert.That(errors, Has.Length.EqualTo(9), string.Join('\n', errors));
    }

    [Test]
    public void Keys_are_never_shown_wherever_they_are_pasted()
    {
        const string Secret = "SecretSecretSecret!";
        string[] errors = Errors($"""
            intakes:
            - name: {Secret}
              protocol: {Secret}
              port: {Secret}
              intake_key: {Secret}
              queue_size: {Secret}
              debug: {Secret}
              intake_kye: another{Secret}
            """);

        Assert.That(string.Join('\n', errors), Does.Not.Contain("SecretSecret"));
    }

    [Test]
    public void A_folder_in_the_files_place_is_explained()
    {
        ConfigurationResult result = ConfigurationLoader.Load(null, [], _folder.Surroundings, _folder.Path);

        Assert.That(result.Errors.Single().ToString(), Does.Contain("is a directory").And.Contain("Docker creates a directory"));
    }

    [Test]
    public void No_text_whatever_is_more_than_an_error()
    {
        string[] pieces =
        [
            "intakes:", "\n", "- ", "  ", "name: A", "port: 1", "intake_key: ABCDEFGHIJKLMNOP", "protocol: udp", "stats: true", "[", "]", "{", "}", "&a ", "*a",
            "!!str ", "? ", ": ", "|", ">", "\"", "'", "#", "---", "...", "\t", "%YAML 1.2", "é", "\u0085", "<<: ", "null", "~", "\0",
        ];
        Prop.ForAll(
            Gen.Elements(pieces).ListOf().Select(static list => string.Concat(list)).ToArbitrary(),
            text =>
            {
                ConfigurationResult result = _folder.LoadIntakes(text);
                return result.IsValid || (result.Errors.Count > 0 && result.Errors.All(static e => !e.ToString().Contains('\n', StringComparison.Ordinal)));
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
    }

    /// <summary>On the first of these the library ends without an end of the stream, on the others it would go on for minutes or forever.</summary>
    [TestCase("- : windows\n  next: 1")]
    [TestCase("- : windows\nnext")]
    [TestCase("intakes:\n- : windows\n  protocol: tcp")]
    [TestCase("intakes:\n- name: a\n  : windows\n- b")]
    public void A_text_on_which_the_library_stops_in_the_middle_is_an_error(string yaml) =>
        Assert.That(string.Join('\n', Errors(yaml)), Does.Contain("named.yaml"));

    [TestCase("[", 100_000)]
    [TestCase("{a: ", 20_000)]
    [TestCase("- ", 20_000)]
    [TestCase("? ", 20_000)]
    [TestCase("[{a: ", 20_000)]
    [CancelAfter(30_000)]
    public void Nesting_beyond_what_intakes_need_is_an_error_at_once(string piece, int times)
    {
        string deep = string.Concat(Enumerable.Repeat(piece, times));

        Assert.That(Errors(deep), Is.Not.Empty);
        Assert.That(Errors($"intakes:\n{deep}"), Has.One.Contains("nested deeper than"));
    }

    [Test]
    public void What_nobody_foresaw_is_an_error_of_the_configuration_and_never_an_exception()
    {
        ConfigurationEnvironment surroundings = new(new FailingVariables(), "/nowhere");

        ConfigurationResult result = ConfigurationLoader.Load(null, [], surroundings, _folder.Write("named.yaml", Sound));
        Assert.That(result.Errors.Single().ToString(), Does.Contain("cannot be loaded").And.Contain("InvalidOperationException").And.Contain("FailingVariables"));
    }

    /// <summary>An environment that fails in a way that no loader counts on.</summary>
    private sealed class FailingVariables : IReadOnlyDictionary<string, string>
    {
        public int Count => throw new InvalidOperationException("no environment");

        public IEnumerable<string> Keys => throw new InvalidOperationException("no environment");

        public IEnumerable<string> Values => throw new InvalidOperationException("no environment");

        public string this[string key] => throw new InvalidOperationException("no environment");

        public bool ContainsKey(string key) => throw new InvalidOperationException("no environment");

        public bool TryGetValue(string key, out string value) => throw new InvalidOperationException("no environment");

        public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => throw new InvalidOperationException("no environment");

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }

    [Test]
    public void Bytes_that_are_no_UTF8_are_refused()
    {
        File.WriteAllBytes(_folder.In("bad.yaml"), [.. Encoding.UTF8.GetBytes(Sound), 0xff]);

        ConfigurationResult result = ConfigurationLoader.Load(null, [], _folder.Surroundings, _folder.In("bad.yaml"));
        Assert.That(result.Errors.Single().ToString(), Does.Contain("are not UTF-8"));
    }

    private string[] Errors(string yaml)
    {
        ConfigurationResult result = _folder.LoadIntakes(yaml);
        Assert.That(result.IsValid, Is.False);
        return [.. result.Errors.Select(static e => e.ToString())];
    }
}
