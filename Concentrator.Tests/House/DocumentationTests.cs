using System.CommandLine;
using System.Diagnostics.Metrics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Concentrator.Accounting;
using Concentrator.Accounting.HAProxyTraffic;
using Concentrator.Configuration.Loading;
using Concentrator.Telemetry.Metrics;
using Concentrator.Tests.Equipment;
using Concentrator.Tests.Tools.Commands;
using Concentrator.Tools.Commands;
using NUnit.Framework;

namespace Concentrator.Tests.House;

/// <summary>What the documents say can be followed: links lead somewhere, commands are commands, promises have their tests.</summary>
[TestFixture]
internal sealed partial class DocumentationTests
{
    private static readonly string[] Pages = [.. Documents.All];

    private static readonly (string Document, int Most)[] Lengths = [("README.md", 150), ("ARCHITECTURE.md", 120)];

    [TestCaseSource(nameof(Pages))]
    public void Every_link_leads_somewhere(string document) => Assert.That(
        Documents.Links(document).Where(static link =>
            !Path.Exists(Repository.PathOf(link.File)) || (link.Section is { } section && !Documents.Anchors(link.File).Contains(section))),
        Is.Empty);

    [Test]
    public void Every_test_that_is_linked_exists()
    {
        DocumentLink[] tests = [.. Documents.All.SelectMany(Documents.Links).Where(static link => TestName().IsMatch(link.Text))];
        Assert.That(tests, Has.Length.GreaterThan(100));
        Assert.That(tests.Where(static link => !Repository.Read(link.File).Contains($" {link.Text.Trim('`')}(", StringComparison.Ordinal)), Is.Empty);
    }

    [Test]
    public void Every_page_is_reached_from_the_README()
    {
        HashSet<string> reached = ["README.md"];
        Queue<string> open = new(reached);
        while (open.TryDequeue(out string? document))
        {
            foreach (DocumentLink link in Documents.Links(document).Where(link => link.File.EndsWith(".md", StringComparison.Ordinal) && reached.Add(link.File)))
                open.Enqueue(link.File);
        }
        Assert.That(Documents.All.Except(reached), Is.Empty);
    }

    [TestCaseSource(nameof(Pages))]
    public void Every_command_of_ours_is_one(string document)
    {
        using StringWriter nowhere = new();
        RootCommand root = CommandTree.Create(new ConfigurationEnvironment(new Dictionary<string, string>(), "/nonexistent"), nowhere, nowhere);
        string[] commands = [.. Documents.Commands(document)
            .Where(static line => Command().IsMatch(line) && !line.Contains('[', StringComparison.Ordinal))
            .Select(static line => line[(line.IndexOf("concentrator ", StringComparison.Ordinal) + "concentrator ".Length)..])];
        Assert.That(commands.Where(line => CommandTree.Parse(root, line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Errors.Count > 0), Is.Empty);
    }

    [Test]
    public async Task The_page_of_the_command_line_tells_of_every_command()
    {
        string page = Repository.Read("docs/guide/command-line.md");
        string[] commands = HelpTexts.Commands((await HelpTexts.AllAsync())["concentrator"]);
        Assert.That(commands.Where(command => !page.Contains($"`concentrator {command}", StringComparison.Ordinal)), Is.Empty);
    }

    [Test]
    public void The_reference_of_metrics_has_every_metric_and_every_drop_reason()
    {
        string page = Repository.Read("docs/reference/metrics.md");
        using ServerMetrics metrics = new(new Ledger());
        List<string> names = [];
        using (MeterListener listener = new())
        {
            listener.InstrumentPublished = (instrument, _) =>
            {
                if (ReferenceEquals(instrument.Meter, metrics.Meter)) names.Add(instrument.Name);
            };
            listener.Start();
        }
        Assert.That(names, Has.Count.GreaterThan(20));
        Assert.That(names.Concat(DropReasons.All.Select(static reason => reason.Label())).Concat(LossesBefore.All.Select(static reason => reason.Label()))
            .Concat(UnreadableKinds.All.Select(static kind => kind.Label())).Where(name => !page.Contains($"`{name}`", StringComparison.Ordinal)), Is.Empty);
    }

    [Test]
    public void Every_key_that_the_sample_shows_has_its_row()
    {
        string page = Repository.Read("docs/guide/configuration.md");
        using JsonDocument sample = JsonDocument.Parse(
            Repository.ReadSample("concentrator.json"), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        string[] keys = [.. Keys(sample.RootElement).Distinct()];
        Assert.That(keys, Has.Length.GreaterThan(30));
        Assert.That(keys.Where(key => !Regex.IsMatch(page, $@"^\|[^|]*\b{key}\b", RegexOptions.Multiline)), Is.Empty);
    }

    [Test]
    public void The_front_door_is_short() => Assert.That(
        from page in Lengths
        let lines = Repository.Read(page.Document).Split('\n').Length - 1
        where lines == 0 || lines > page.Most
        select $"{page.Document}: {lines} lines",
        Is.Empty);

    /// <summary>The keys of listeners, outputs, routes and everything else, by their last word; names that the operator chooses are none.</summary>
    private static IEnumerable<string> Keys(JsonElement root) =>
        from section in root.EnumerateObject()
        from key in section.Name switch
        {
            "Listeners" or "Outputs" => section.Value.EnumerateObject().SelectMany(static named => named.Value.EnumerateObject()),
            "Routes" => section.Value.EnumerateArray().SelectMany(static route => route.EnumerateObject()),
            _ => [section],
        }
        where key.Name != "Type"
        from name in key.Value.ValueKind == JsonValueKind.Object ? key.Value.EnumerateObject().Select(static inner => inner.Name) : [key.Name]
        select name;

    [GeneratedRegex(@"^`[A-Z]\w+`$")]
    private static partial Regex TestName();

    [GeneratedRegex(@"^(?:\S*/)?concentrator ")]
    private static partial Regex Command();
}
