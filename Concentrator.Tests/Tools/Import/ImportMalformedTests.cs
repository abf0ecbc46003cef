using System.Globalization;
using System.Text.RegularExpressions;
using Concentrator.Tests.Equipment;
using Concentrator.Tools.Import;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace Concentrator.Tests.Tools.Import;

/// <summary>What is no configuration of rsyslog's, or only half of one, is said with its place.</summary>
[TestFixture]
internal sealed partial class ImportMalformedTests
{
    private static readonly string[] Pieces =
    [
        "$UDPServerRun 514", "$ModLoad imudp", "input(type=\"imudp\" port=\"514\")", "input(\n  type=\"imtcp\"\n  port=\"1514\")", "local0.* /var/log/a.log", "& stop",
        "& @@host:1", "stop", "~", "if $programname == 'a' then {", "}", "} else {", "if $msg contains 'x' then /f", ":msg, contains, \"x\" {", "{", "else", "then",
        "ruleset(name=\"r\") {", "call r", "action(type=\"omfile\" file=\"/g\")", "template(name=\"t\" type=\"list\") {", "constant(value=\"x\")", "*.*", "\"", "'", "(", ")",
        "/*", "# note", "", "set $.x = 1;", "foreach", "nonsense here", "action(type=", "*.emerg :omusrmsg:*", "$", "&", "\\",
    ];

    [TestCase("action(type=\"omfile\" file=\"/f", 1, "never closed")]
    [TestCase("\naction(type=\"omfile\"\n\nfile=\"/f\"\n", 2, "nothing from here to line 4 was read")]
    [TestCase("/* begun\n*.* /f", 1, "block comment is never closed")]
    [TestCase("*.* /f\nif $programname == 'a' then {\n/f\n", 2, "block opened here is never closed")]
    [TestCase("if $programname == 'a then /f", 1, "no then")]
    [TestCase("if $programname == then /f", 1, "is incomplete")]
    [TestCase("if ($programname == 'a' then /f", 1, "lacks")]
    [TestCase("}", 1, "unmatched closing brace")]
    [TestCase("{\n/f\n}", 1, "has no condition")]
    [TestCase("local0.*", 1, "not followed by a statement")]
    [TestCase("nofacility.* /f", 1, "is not a facility")]
    [TestCase("mail.loud /f", 1, "is not a priority")]
    [TestCase("action(type=omfile)", 1, "the value of type is not a string in double quotes")]
    [TestCase("action(type=\"omfile\" type=\"omfwd\")", 1, "given twice")]
    [TestCase("input(type=\"imtcp\" port=`cat /p`)", 1, "command")]
    [TestCase("$template x", 1, "a template is NAME")]
    [TestCase("template(name=\"x\" type=\"list\") { constant(value=\"a\") nonsense }", 1, "not part of a template")]
    public void The_place_and_the_mistake_are_said(string text, int line, string fragment)
    {
        Imported imported = new(text);
        Assert.That(imported.EntryOn(line).ToString(), Does.Contain(": not supported: ").And.Contain(fragment));
    }

    [Test]
    public void Huge_nesting_is_one_entry()
    {
        foreach (string opening in (string[])["if $programname == 'a' then {\n", "{\n", "if $programname == 'a' then ", "ruleset(name=\"r\") {\n"])
        {
            Imported imported = new(string.Concat(Enumerable.Repeat(opening, 20_000)));
            Assert.That(imported.Report, Does.Contain("nested deeper than 100"));
        }
        string parentheses = new Imported($"if {new string('(', 50_000)}$msg contains 'x'{new string(')', 50_000)} then /f").Report;
        Assert.That(parentheses, Does.Contain("nested deeper than 64"));
        Assert.That(new Imported($"if {string.Concat(Enumerable.Repeat("not ", 50_000))}$msg contains 'x' then /f").Report, Does.Contain("nested deeper than 64"));
        string comparisons = string.Concat(Enumerable.Repeat("$msg contains 'x' or ", 30_000));
        Assert.That(new Imported($"if {comparisons} $msg contains 'x' then /f").Report, Does.Contain("more than 500 comparisons"));
        string values = string.Join(", ", Enumerable.Repeat("'x'", 100_000));
        Assert.That(new Imported($"if $programname == [{values}] then /f").Report, Does.Contain("more than 500 comparisons"));
    }

    [TestCase("include(file=\"\")", "has no file name")]
    [TestCase("$IncludeConfig", "has no file name")]
    [TestCase("$IncludeConfig /etc/a\0b.conf", "NUL")]
    [TestCase("include(file=\"/etc/\\x00.conf\")", "NUL")]
    [TestCase("include(file=\"/etc\\x00/*.conf\")", "NUL")]
    [TestCase("*.* /var/log/a\0b", "NUL")]
    [TestCase("action(type=\"omfile\" file=\"/var/\\x00\")", "NUL")]
    [TestCase("$AddUnixListenSocket /run/a\0b", "NUL")]
    [TestCase("input(type=\"imuxsock\" socket=\"/run/\\x00\")", "NUL")]
    [TestCase("action(type=\"omfwd\" target=\"a\\x00b\" port=\"1\" protocol=\"tcp\")", "a\\u0000b")]
    public void A_path_that_is_none_is_said(string text, string fragment)
    {
        Imported imported = new(text);
        Assert.That(imported.EntryOn(1).ToString(), Does.Contain(": not supported: ").And.Contain(fragment));
    }

    [Test]
    [CancelAfter(20_000)]
    public async Task A_pipe_that_is_included_is_said_and_not_waited_for(CancellationToken stop)
    {
        using TempDirectory directory = new();
        string pipe = Fifo.Make(directory["pipe.conf"]);
        Imported imported = await Task.Run(() => new Imported($"$IncludeConfig {pipe}"), stop).WaitAsync(Deadline.Reaction, stop);
        Assert.That(imported.EntryOn(1).ToString(), Does.Contain(": not supported: ").And.Contain("is a pipe"));
    }

    [Test]
    public void Includes_that_lead_back_that_are_missing_and_that_are_many_are_said()
    {
        using TempDirectory directory = new();
        directory.Write("d/1.conf", $"local0.* /one\n$IncludeConfig {directory["d/*.conf"]}\n");
        directory.Write("d/2.conf", "local1.* /two\n");
        directory.Write("d/.hidden.conf", "nonsense\n");
        Imported imported = Imported.Rules($"$IncludeConfig {directory["d/*.conf"]}\ninclude(file=\"{directory["gone"]}\")\n"
            + $"include(file=\"{directory["gone"]}\" mode=\"optional\")\n$IncludeConfig {directory["none-*.conf"]}\n");
        Assert.That(imported.OutcomeOf(3), Is.EqualTo(ImportOutcome.Translated), imported.Report);
        Assert.That(imported.EntryOn(4).ToString(), Does.Contain("not supported").And.Contain("does not exist"));
        Assert.That(imported.OutcomeOf(5), Is.EqualTo(ImportOutcome.Translated));
        Assert.That(imported.OutcomeOf(6), Is.EqualTo(ImportOutcome.Translated));
        Assert.That(imported.Report, Does.Contain($"{directory["d/1.conf"]}:2: not supported").And.Contain("includes itself").And.Not.Contain("hidden"));
        Assert.That(imported.Routes(), Is.EqualTo(new[] { "facilities=10000 -> one", "facilities=20000 -> two", "facilities=20000 -> two" }), "read at both places");
    }

    /// <summary>Random heaps of lines, most of them malformed.</summary>
    [Test]
    public void Every_line_is_in_exactly_one_entry()
    {
        Gen<string[]> texts = Gen.Elements(Pieces).ArrayOf();
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000), Prop.ForAll(texts.ToArbitrary(), pieces =>
        {
            string text = string.Join('\n', pieces);
            string[] lines = text.Split('\n');
            Imported imported = new(text);
            int[] entries = new int[lines.Length + 2];
            foreach (ImportLine entry in imported.Result.Lines)
            {
                Match place = Place().Match(entry.Place);
                int first = int.Parse(place.Groups[1].Value, CultureInfo.InvariantCulture);
                int last = place.Groups[2].Success ? int.Parse(place.Groups[2].Value, CultureInfo.InvariantCulture) : first;
                for (int line = first; line <= last; line++) entries[line]++;
            }
            for (int i = 0; i < lines.Length; i++)
            {
                Assert.That(entries[i + 1], Is.LessThanOrEqualTo(1), $"line {i + 1} of\n{text}\n\n{imported.Report}");
                if (!MeansNothing().IsMatch(lines[i])) Assert.That(entries[i + 1], Is.EqualTo(1), $"line {i + 1} of\n{text}\n\n{imported.Report}");
            }
        }));
    }

    [GeneratedRegex(@"^test\.conf:(\d+)(?:-(\d+))?$")]
    private static partial Regex Place();

    /// <summary>Blank, a comment, or only what closes or joins.</summary>
    [GeneratedRegex(@"^\s*(?:#.*|\}?|\} else \{|else|&|\{)\s*$")]
    private static partial Regex MeansNothing();
}
