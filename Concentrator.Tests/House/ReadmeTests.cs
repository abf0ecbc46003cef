using System.Text.RegularExpressions;
using Concentrator.Tests.Commands;
using Concentrator.Tests.Peers;
using NUnit.Framework;

namespace Concentrator.Tests.House;

/// <summary>What the README promises is tested where it says.</summary>
[TestFixture]
internal sealed partial class ReadmeTests
{
    [Test]
    public void Every_test_that_the_README_links_to_exists()
    {
        MatchCollection links = LinkedTest().Matches(Repository.Read("README.md"));
        Assert.That(links, Has.Count.GreaterThan(20));
        Assert.That(
            links.Where(static link => !Repository.Read(link.Groups[2].Value).Contains($" {link.Groups[1].Value}(", StringComparison.Ordinal)).Select(static link => link.Value),
            Is.Empty);
    }

    [Test]
    public async Task The_README_tells_of_every_command()
    {
        string readme = Repository.Read("README.md");
        string[] commands = HelpTexts.Commands((await HelpTexts.AllAsync())["concentrator"]);
        Assert.That(commands.Where(command => !readme.Contains($"`concentrator {command}", StringComparison.Ordinal)), Is.Empty);
    }

    [GeneratedRegex(@"\[`(\w+)`\]\((Concentrator\.Tests/[\w/]+\.cs)\)")]
    private static partial Regex LinkedTest();
}
