using System.Text.RegularExpressions;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.House;

/// <summary>What a comment or a document refers to is in this repository, under that name.</summary>
[TestFixture]
internal sealed partial class CitationTests
{
    private static readonly string[] Wings = ["Concentrator", "Concentrator.Bench", "Concentrator.Tests"];

    [Test]
    public void Every_section_that_a_comment_names_is_in_its_document()
    {
        (string File, Match Citation)[] found = [.. Find(Section())];
        Assert.That(found, Has.Length.GreaterThan(20));
        Assert.That(
            from cited in found
            let headings = Headings(cited.Citation.Groups[1].Value)
            from section in cited.Citation.Groups[2].Value.Split(", ")
            where !headings.Contains(section)
            select $"{cited.File}: {cited.Citation.Value}",
            Is.Empty);
    }

    [Test]
    public void Every_document_and_finding_that_is_named_exists() => Assert.That(
        Find(Document()).Where(static cited => !File.Exists(Repository.PathOf(cited.Citation.Value))).Select(static cited => $"{cited.File}: {cited.Citation.Value}"),
        Is.Empty);

    [Test]
    public void Every_place_in_the_code_that_a_document_names_is_there() => Assert.That(
        from document in Documents.All.Except(["CHANGELOG.md"])
        from Match place in Place().Matches(Repository.Read(document))
        where !Path.Exists(Repository.PathOf(place.Groups[1].Value))
        select $"{document}: {place.Groups[1].Value}",
        Is.Empty);

    private static IEnumerable<(string File, Match Citation)> Find(Regex cited) =>
        from file in Sources()
        from Match citation in cited.Matches(File.ReadAllText(file))
        select (file, citation);

    private static IEnumerable<string> Sources()
    {
        IEnumerable<string> code = Wings.SelectMany(static wing => Directory.EnumerateFiles(Repository.PathOf(wing), "*.cs", SearchOption.AllDirectories))
            .Where(static file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal));
        return code.Concat(Documents.All.Select(Repository.PathOf));
    }

    private static HashSet<string> Headings(string document) =>
        [.. Repository.Read(document).Split('\n').Where(static line => line.StartsWith("## ", StringComparison.Ordinal)).Select(static line => line[3..])];

    [GeneratedRegex(@"`(Concentrator(?:\.\w+)?/[\w./-]+)`")]
    private static partial Regex Place();

    [GeneratedRegex(@"(docs/reference/\w+\.md)[,:] ([^)\n]+)\)")]
    private static partial Regex Section();

    [GeneratedRegex(@"(?<![\w/.])(?:[A-Z]{4,}\.md|docs/reference/\w+\.md|findings/[\w.-]+\.sh)")]
    private static partial Regex Document();
}
