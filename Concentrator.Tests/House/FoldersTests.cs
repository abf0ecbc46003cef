using System.Text.RegularExpressions;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.House;

/// <summary>The rules that ARCHITECTURE.md states of the source tree, read from the source tree and the compiled types.</summary>
[TestFixture]
internal sealed partial class FoldersTests
{
    private static readonly string[] Unsafe = ["Bytes", "Ingest/Datagrams", "Native", "Queues/CrashSafe"];

    /// <summary>Where references without bounds may be, which need no keyword.</summary>
    private static readonly string[] Unbounded = [.. Unsafe, "Messages/HAProxyLines"];

    /// <summary>ARCHITECTURE.md's own table: the folders that each folder may use.</summary>
    private static readonly Dictionary<string, string[]> MayUse = Row().Matches(Repository.Read("ARCHITECTURE.md")).ToDictionary(
        static row => row.Groups[1].Value,
        static row => row.Groups[2].Value == "nothing" ? [] : row.Groups[2].Value.Split(", "),
        StringComparer.Ordinal);

    private static readonly IReadOnlyCollection<(string From, string To)> Uses = new TypeReferences("Concentrator").Read(typeof(Program));

    private static string Root { get; } = Repository.PathOf("Concentrator");

    [Test]
    public void Types_are_used_as_the_table_allows() => Assert.That(
        from use in AtDepth(1)
        where use.From.Length > 0 && !MayUse[use.From].Contains(use.To)
        select $"{use.From} uses {use.To}",
        Is.Empty);

    [Test]
    public void The_table_allows_nothing_that_is_not_used() => Assert.That(
        MayUse.SelectMany(rule => rule.Value.Where(allowed => !AtDepth(1).Contains((rule.Key, allowed))), static (rule, allowed) => $"{rule.Key} uses no {allowed}"),
        Is.Empty);

    [Test]
    public void Every_folder_has_its_rule_and_no_other() => Assert.That(
        Sources().Select(static source => source.Folder.Split('/')[0]).Where(static folder => folder.Length > 0).Distinct(), Is.EquivalentTo(MayUse.Keys));

    [Test]
    public void There_is_no_circle_of_folders([Values(1, 2, 3, 4)] int depth) => Assert.That(Circles(Uses, depth), Is.Empty);

    [Test]
    public void There_is_no_circle_of_folders_in_the_bench_and_the_tests([Values(1, 2)] int depth)
    {
        using IDisposable scope = Assert.EnterMultipleScope();
        Assert.That(Circles(new TypeReferences("Concentrator.Bench").Read(typeof(Bench.Load.LoadPlan)), depth), Is.Empty);
        Assert.That(Circles(new TypeReferences("Concentrator.Tests").Read(typeof(FoldersTests)), depth), Is.Empty);
    }

    [Test]
    public void Namespaces_follow_folders() => Assert.That(
        from source in Sources()
        let expected = string.Join('.', new[] { "Concentrator" }.Concat(source.Folder.Split('/', StringSplitOptions.RemoveEmptyEntries)))
        where !File.ReadLines(source.File).Contains($"namespace {expected};")
        select $"{Path.GetRelativePath(Root, source.File)} is not in {expected}",
        Is.Empty);

    [Test]
    public void Unsafe_code_lives_where_it_may() => Assert.That(
        Sources().Where(static source => IsElsewhere(source, UnsafeKeyword(), Unsafe) || IsElsewhere(source, UnboundedReference(), Unbounded))
            .Select(static source => Path.GetRelativePath(Root, source.File)),
        Is.Empty);

    [Test]
    public void No_file_outgrows_its_room() =>
        Assert.That(Sources().Where(static source => File.ReadLines(source.File).Count() > 300).Select(static source => source.File), Is.Empty);

    [Test]
    public void The_numbered_journey_stands_in_the_code()
    {
        string all = string.Concat(Sources().Select(static source => File.ReadAllText(source.File)));
        for (int step = 1; step <= 8; step++)
            Assert.That(Regex.IsMatch(all, $"[Ss]teps? [0-9, and to]*{step}"), $"step {step} is named in the code");
    }

    private static IEnumerable<string> Circles(IReadOnlyCollection<(string From, string To)> all, int depth)
    {
        HashSet<(string From, string To)> pairs = AtDepth(all, depth);
        ILookup<string, string> uses = pairs.ToLookup(static use => use.From, static use => use.To);
        string[] folders = [.. pairs.SelectMany(static use => new[] { use.From, use.To }).Distinct()];
        Assert.That(folders, Has.Length.GreaterThan(4));
        HashSet<string> free = [];
        for (int before = -1; free.Count > before;)
        {
            before = free.Count;
            free.UnionWith(folders.Where(folder => uses[folder].All(free.Contains)));
        }
        return folders.Except(free).SelectMany(folder => uses[folder].Except(free), static (from, to) => $"{from} uses {to}");
    }

    private static HashSet<(string From, string To)> AtDepth(int depth) => AtDepth(Uses, depth);

    /// <summary>Folders that deep, and what they use outside themselves.</summary>
    private static HashSet<(string From, string To)> AtDepth(IReadOnlyCollection<(string From, string To)> all, int depth) =>
    [
        .. all.Select(use => (From: Cut(use.From, depth), To: Cut(use.To, depth))).Where(static use => use.From != use.To),
    ];

    private static string Cut(string name, int depth) => string.Join('.', name.Split('.').Take(depth));

    private static bool IsElsewhere((string Folder, string File) source, Regex use, string[] allowed) =>
        !allowed.Contains(source.Folder) && use.IsMatch(File.ReadAllText(source.File));

    private static IEnumerable<(string Folder, string File)> Sources() =>
        from file in Directory.EnumerateFiles(Root, "*.cs", SearchOption.AllDirectories)
        let folder = Path.GetDirectoryName(Path.GetRelativePath(Root, file))!
        where folder.Split('/')[0] is not ("bin" or "obj")
        select (folder, file);

    [GeneratedRegex(@"^\| `(\w+)/` \|.*\| ([\w, ]+) \|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"^\s*(?:\w+ )*unsafe (?:\w+ )*[\w*]|unsafe\s*\{", RegexOptions.Multiline)]
    private static partial Regex UnsafeKeyword();

    [GeneratedRegex(@"\bUnsafe\.(?!SizeOf)\w|MemoryMarshal\.(?:GetReference|GetArrayDataReference|CreateSpan|CreateReadOnlySpan)|\b(?:Load|Store)Unsafe\b")]
    private static partial Regex UnboundedReference();
}
