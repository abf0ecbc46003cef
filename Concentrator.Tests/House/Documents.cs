using System.Text.RegularExpressions;
using Concentrator.Tests.Equipment;

namespace Concentrator.Tests.House;

/// <summary>The Markdown documents of the repository, and what they refer to.</summary>
internal static partial class Documents
{
    private static readonly string[] Loose =
        ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "samples/README.md", "Concentrator.Bench/Results/README.md"];

    /// <summary>Their paths from the root of the repository.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        .. Loose,
        .. Directory.EnumerateFiles(Repository.PathOf("docs"), "*.md", SearchOption.AllDirectories)
            .Select(static file => Path.GetRelativePath(Repository.PathOf("."), file)).Order(StringComparer.Ordinal),
    ];

    /// <summary>The links of a document that stay in the repository.</summary>
    public static IEnumerable<DocumentLink> Links(string document) =>
        from Match link in Link().Matches(Repository.Read(document))
        let target = link.Groups[2].Value
        where !target.Contains("://", StringComparison.Ordinal)
        let at = target.IndexOf('#', StringComparison.Ordinal)
        let path = at < 0 ? target : target[..at]
        select new DocumentLink(
            document, link.Groups[1].Value,
            path.Length == 0 ? document : Path.GetRelativePath(Repository.PathOf("."), Repository.PathOf(Path.Combine(Path.GetDirectoryName(document)!, path))),
            at < 0 ? null : target[(at + 1)..]);

    /// <summary>The names that a link may lead to: headings as they are made into names, and names set by hand.</summary>
    public static HashSet<string> Anchors(string document)
    {
        string text = Repository.Read(document);
        return
        [
            .. from Match heading in Heading().Matches(text) select Dropped().Replace(heading.Groups[1].Value.ToLowerInvariant(), "").Replace(' ', '-'),
            .. from Match anchor in Anchor().Matches(text) select anchor.Groups[1].Value,
        ];
    }

    /// <summary>The lines that are set apart as something to type.</summary>
    public static IEnumerable<string> Commands(string document) =>
        from line in Repository.Read(document).Split('\n')
        where line.StartsWith("    ", StringComparison.Ordinal)
        from command in line.Trim().Split(" && ")
        select command.Split("  #")[0].TrimEnd();

    [GeneratedRegex(@"(?<!`)\[([^\]\n]+)\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex Dropped();

    [GeneratedRegex("<a id=\"([^\"]+)\">")]
    private static partial Regex Anchor();
}

/// <summary>A link from one document of the repository to a file of it.</summary>
/// <param name="Document">Where it stands.</param>
/// <param name="Text">What is shown.</param>
/// <param name="File">Where it leads, from the root of the repository.</param>
/// <param name="Section">The name within that file; null where there is none.</param>
internal sealed record DocumentLink(string Document, string Text, string File, string? Section)
{
    public override string ToString() => $"{Document}: [{Text}] {File}{(Section is null ? "" : $"#{Section}")}";
}
