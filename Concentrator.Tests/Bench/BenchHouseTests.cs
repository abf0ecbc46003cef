using System.Runtime.CompilerServices;
using NUnit.Framework;

namespace Concentrator.Tests.BenchTool;

/// <summary>The house's rules for the bench's own source.</summary>
[TestFixture]
internal sealed class BenchHouseTests
{
    private static string Root { get; } = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Here())!, "..", "..", "Concentrator.Bench"));

    private static IEnumerable<string> Sources => Directory.EnumerateFiles(Root, "*.cs", SearchOption.AllDirectories)
        .Where(static file => Path.GetRelativePath(Root, file).Split('/')[0] is not ("bin" or "obj"));

    [Test]
    public void Unsafe_code_lives_with_the_system_calls_alone() =>
        Assert.That(
            Sources.Where(static file => File.ReadAllText(file).Contains(" unsafe ", StringComparison.Ordinal)).Select(Path.GetFileName),
            Is.EquivalentTo(new[] { "PreparedDatagrams.cs", "BareReader.cs" }));

    [Test]
    public void No_file_outgrows_its_room() =>
        Assert.That(Sources.Where(static file => File.ReadLines(file).Count() > 250), Is.Empty);

    private static string Here([CallerFilePath] string here = "") => here;
}
