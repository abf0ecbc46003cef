using System.Runtime.Versioning;
using System.Text;
using Concentrator.Configuration;
using Concentrator.Configuration.Loading;
using Concentrator.Configuration.Options;
using Concentrator.Tests.Equipment;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace Concentrator.Tests.Configuration;

/// <summary>Files that are no configuration at all, and which file is read.</summary>
[TestFixture]
internal sealed class ConfigurationFileTests
{
    private static readonly string Sound = Snippets.Whole(Snippets.Haproxy, Snippets.LogFile);
    private ConfigurationFolder _folder = null!;

    [SetUp]
    public void CreateFolder() => _folder = new ConfigurationFolder();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [TestCase("", ":1:1", "is empty")]
    [TestCase(" \n\t\n", ":3:1", "is empty")]
    [TestCase("// later\n", ":2:1", "contains only comments")]
    [TestCase("[]", ":1", "one JSON object")]
    [TestCase("42", ":1", "one JSON object")]
    [TestCase("{\n  \"a\" 1\n}", ":2:7", "not valid JSON")]
    [TestCase("{ \"a\": 1", ":1:9", "not valid JSON")]
    [TestCase("{\n  \"a\": 1\n\n  // of b\n  \"b\": 2\n}", ":2:9", "a comma or a closing bracket is missing here")]
    [TestCase("{ \"a\": [\"1\"  \n\"2\"] }", ":1:12", "a comma or a closing bracket is missing here")]
    [TestCase("{ \"a\": {}\n \"b\": 2 }", ":1:10", "a comma or a closing bracket is missing here")]
    [TestCase("{} {}", ":1:4", "not valid JSON")]
    [TestCase("{ \"a\": nAme }", ":1:9", "lacks its double quotes")]
    [TestCase("{ \"a\": \"x\ty\" }", ":1:10", "not valid JSON")]
    public void A_file_that_is_no_JSON_object_is_one_line_with_its_place(string content, string place, string fragment)
    {
        ConfigurationError error = _folder.Load(content).Errors.Single();

        Assert.That(error.Origin, Is.EqualTo(_folder.In("test.json") + place));
        Assert.That(error.ToString(), Does.Contain(fragment));
    }

    [Test]
    public void Comments_trailing_commas_and_a_byte_order_mark_are_allowed()
    {
        ConfigurationResult result = _folder.Load("\uFEFF// top\n" + Snippets.Root("/* here */ \"ShutdownTimeout\": \"00:00:05\","));

        Assert.That(result.Errors, Is.Empty);
        Assert.That(result.Options!.ShutdownTimeout, Is.EqualTo(TimeSpan.FromSeconds(5)));
    }

    [Test]
    public void Keys_are_read_without_letter_case_and_names_keep_theirs()
    {
        _folder.Variables["CONCENTRATOR__LISTENERS__EDGE__MAXMESSAGESIZE"] = "1KB";
        ConfigurationResult result = _folder.Load("""
            { "listeners": { "Edge": { "ADDRESS": "UDP://127.0.0.1:0" } }, "outputs": { "F": { "type": "FILE", "path": "/x" } },
              "routes": [ { "from": "edge", "to": "f" } ] }
            """);

        Assert.That(result.Errors, Is.Empty);
        Assert.That(result.Options!.Listeners[0].Name, Is.EqualTo("Edge"));
        Assert.That(result.Options.Listeners[0].MaxMessageSize, Is.EqualTo(1024));
        Assert.That(result.Options.Routes[0], Is.EqualTo(new RouteOptions { Index = 0, From = ["Edge"], To = ["F"] }));
    }

    [TestCase("\"Spool\": { \"MaxSize\": \"1GB\",\n \"maxsize\": \"2GB\" }", "Spool:maxsize", 1, 2)]
    [TestCase("\"Spool\": { \"MaxSize\": \"1GB\" },\n\n\"Spool\": { \"MaxMemory\": \"2GB\" }", "Spool", 1, 3)]
    public void A_key_given_twice_is_an_error_with_both_lines(string member, string path, int first, int second)
    {
        ConfigurationError error = _folder.Load(Snippets.Root(member)).Errors.Single();

        Assert.That(error.Path, Is.EqualTo(path));
        Assert.That(error.Problem, Does.Contain($"on lines {first} and {second}"));
    }

    [Test]
    public void Bytes_that_are_no_UTF8_are_one_line()
    {
        byte[] content = [.. Encoding.UTF8.GetBytes("{ \"Spool\": {\n \"Directory\": \"/"), 0xFF, .. "\" } }"u8];
        File.WriteAllBytes(_folder.In("latin.json"), content);

        ConfigurationError error = ConfigurationLoader.Load(_folder.In("latin.json"), [], _folder.Surroundings).Errors.Single();

        Assert.That(error.ToString(), Does.StartWith(_folder.In("latin.json:2")).And.Contain("UTF-8"));
    }

    [Test]
    public void A_named_file_must_be_there()
    {
        _folder.Write("default.json", Sound);

        ConfigurationError error = ConfigurationLoader.Load(_folder.In("none.json"), [], _folder.Surroundings).Errors.Single();

        Assert.That(error.ToString(), Is.EqualTo($"{_folder.In("none.json")}: does not exist; "
            + "name a readable JSON file with --config FILE"));
    }

    [Test]
    public void A_directory_is_no_file()
    {
        ConfigurationError error = ConfigurationLoader.Load(_folder.Path, [], _folder.Surroundings).Errors.Single();

        Assert.That(error.ToString(), Does.Contain("is a directory"));
    }

    [Test]
    public void A_file_without_end_is_refused()
    {
        ConfigurationError error = ConfigurationLoader.Load("/dev/zero", [], _folder.Surroundings).Errors.Single();

        Assert.That(error.ToString(), Does.Contain("larger than 4MB"));
    }

    [Test]
    [SupportedOSPlatform("linux")]
    public void A_file_that_may_not_be_read_names_the_user()
    {
        string file = _folder.Write("locked.json", Sound);
        File.SetUnixFileMode(file, UnixFileMode.None);

        ConfigurationResult result = ConfigurationLoader.Load(file, [], _folder.Surroundings);

        // Root may read every file.
        Assert.That(result.IsValid, Is.EqualTo(Environment.IsPrivilegedProcess));
        string denied = $"cannot be read by user {Environment.UserName}";
        Assert.That(result.Errors.All(error => error.Problem.StartsWith(denied, StringComparison.Ordinal)));
    }

    [Test]
    public void A_file_whose_reading_fails_is_one_line()
    {
        // The first page of a process is never mapped, so this read fails with EIO for root too.
        ConfigurationError error = ConfigurationLoader.Load("/proc/self/mem", [], _folder.Surroundings).Errors.Single();

        Assert.That(error.ToString(), Does.StartWith("/proc/self/mem: cannot be read ("));
    }

    [Test]
    public void The_default_file_is_read_when_none_is_named()
    {
        _folder.Write("default.json", Sound);

        ConfigurationResult result = _folder.LoadDefault();

        Assert.That(result.Source, Is.EqualTo(_folder.In("default.json")));
        Assert.That(result.Options!.Outputs[0].Name, Is.EqualTo("file"));
    }

    [Test]
    public void No_text_however_damaged_makes_the_loader_throw()
    {
        string sample = Snippets.Route("\"From\": [\"haproxy\"], \"Sender\": \"10.0.0.0/8\", \"Severity\": \"info..emerg\", "
            + "\"Facility\": [1, \"auth\"], \"To\": []");
        Gen<string> damaged =
            from start in Gen.Choose(0, sample.Length)
            from length in Gen.Choose(0, 12)
            from filling in Gen.ArrayOf(Gen.Elements("{", "}", "[", "]", "\"", ":", ",", "null", "0", "a", "\\u0000", "é", "//", "\n"))
            select sample[..start] + string.Concat(filling) + sample[Math.Min(sample.Length, start + length)..];

        Prop.ForAll(Arb.From(damaged), json =>
        {
            ConfigurationResult result = _folder.Load(json);
            return result.IsValid == (result.Errors.Count == 0)
                && result.Errors.All(error => !error.ToString().Contains('\n', StringComparison.Ordinal));
        }).QuickCheckThrowOnFailure();
    }
}
