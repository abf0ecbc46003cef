using System.Text.RegularExpressions;
using Concentrator.Tests.Peers;
using NUnit.Framework;

namespace Concentrator.Tests.House;

/// <summary>The rules that ARCHITECTURE.md states of the source tree, read from the source tree.</summary>
[TestFixture]
internal sealed partial class FoldersTests
{
    /// <summary>ARCHITECTURE.md's own table: the folders that each folder may use.</summary>
    private static readonly Dictionary<string, string[]> MayUse = Row().Matches(Repository.Read("ARCHITECTURE.md")).ToDictionary(
        static row => row.Groups[1].Value,
        static row => row.Groups[2].Value == "nothing" ? [] : row.Groups[2].Value.Split(", "),
        StringComparer.Ordinal);

    private static string Root { get; } = Repository.PathOf("Concentrator");

    [Test]
    public void Imports_run_one_way()
    {
        List<string> wrong = [];
        foreach ((string folder, string file) in Sources())
        {
            if (folder.Length == 0) continue;
            foreach (Match match in ImportOf().Matches(File.ReadAllText(file)))
            {
                string used = match.Groups[1].Value;
                if (used != folder && !MayUse[folder].Contains(used)) wrong.Add($"{Path.GetRelativePath(Root, file)} uses {used}");
            }
        }
        Assert.That(wrong, Is.Empty);
    }

    [Test]
    public void Every_folder_has_its_rule_and_no_other() =>
        Assert.That(Sources().Select(static s => s.Folder).Where(static f => f.Length > 0).Distinct(), Is.EquivalentTo(MayUse.Keys));

    [Test]
    public void No_rule_allows_a_circle()
    {
        HashSet<string> sorted = [];
        for (int before = -1; sorted.Count > before;)
        {
            before = sorted.Count;
            sorted.UnionWith(MayUse.Where(rule => rule.Value.All(sorted.Contains)).Select(static rule => rule.Key));
        }
        Assert.That(MayUse.Keys.Except(sorted), Is.Empty);
    }

    [Test]
    public void No_rule_allows_what_is_not_used()
    {
        ILookup<string, string> used = Sources()
            .SelectMany(static s => ImportOf().Matches(File.ReadAllText(s.File)), static (s, import) => (s.Folder, Used: import.Groups[1].Value))
            .ToLookup(static s => s.Folder, static s => s.Used);
        Assert.That(MayUse.SelectMany(rule => rule.Value.Except(used[rule.Key]), static (rule, allowed) => $"{rule.Key} uses no {allowed}"), Is.Empty);
    }

    [Test]
    public void Unsafe_code_lives_in_Ingest_and_Bytes_alone()
    {
        string[] elsewhere = [.. Sources()
            .Where(static s => s.Folder is not ("Ingest" or "Bytes") && UnsafeKeyword().IsMatch(File.ReadAllText(s.File)))
            .Select(static s => Path.GetRelativePath(Root, s.File))];
        Assert.That(elsewhere, Is.Empty);
    }

    [Test]
    public void No_file_outgrows_its_room() =>
        Assert.That(Sources().Where(static s => File.ReadLines(s.File).Count() > 400).Select(static s => s.File), Is.Empty);

    [Test]
    public void The_numbered_journey_stands_in_the_code()
    {
        string all = string.Concat(Sources().Select(static s => File.ReadAllText(s.File)));
        for (int step = 1; step <= 8; step++)
            Assert.That(Regex.IsMatch(all, $"[Ss]teps? [0-9, and to]*{step}"), $"step {step} is named in the code");
    }

    private static IEnumerable<(string Folder, string File)> Sources() =>
        from file in Directory.EnumerateFiles(Root, "*.cs", SearchOption.AllDirectories)
        let relative = Path.GetRelativePath(Root, file).Split('/')
        where relative[0] is not ("bin" or "obj")
        select (relative.Length == 1 ? "" : relative[0], file);

    [GeneratedRegex(@"^\| `(\w+)/` \|.*\| ([\w, ]+) \|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"^using (?:static )?Concentrator\.(\w+)", RegexOptions.Multiline)]
    private static partial Regex ImportOf();

    [GeneratedRegex(@"^\s*(?:\w+ )*unsafe (?:\w+ )*[\w*]|unsafe\s*\{", RegexOptions.Multiline)]
    private static partial Regex UnsafeKeyword();
}
