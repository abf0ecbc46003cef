using System.Text.Json;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.BenchTool;

/// <summary>That it measures, not what comes out: no time is asserted.</summary>
[TestFixture]
internal sealed class FootprintTests
{
    private static readonly string Server = Path.Combine(AppContext.BaseDirectory, "concentrator.dll");

    [Test]
    public async Task A_start_an_outage_connections_and_a_steady_load_are_measured()
    {
        using TempDirectory directory = new();
        (int exitCode, string output, string errors) = await BenchProgram.RunAsync(
        [
            "footprint", "--binary", Server, "--rate", "2k", "--backlog", "2k", "--connections", "20", "--active", "5",
            "--steady", "300ms", "--duration", "200ms", "--batch", "8", "--json", directory["footprint.json"],
        ]);
        Assert.That(exitCode, Is.Zero, output + errors);
        using JsonDocument report = JsonDocument.Parse(File.ReadAllText(directory["footprint.json"]));
        JsonElement root = report.RootElement;
        Assert.That(output, Does.Contain("by a sender that batches 8 messages per call"));
        Assert.That(root.GetProperty("batch").GetInt32(), Is.EqualTo(8));
        Assert.Multiple(() =>
        {
            Assert.That(root.GetProperty("startMilliseconds").GetProperty("median").GetDouble(), Is.GreaterThan(1));
            JsonElement backlog = root.GetProperty("backlog");
            Assert.That(backlog.GetProperty("missing").GetInt64(), Is.Zero);
            Assert.That(backlog.GetProperty("drainRate").GetDouble(), Is.GreaterThan(0));
            Assert.That(backlog.GetProperty("peakMemoryWhileDraining").GetInt64(), Is.GreaterThan(1_000_000));
            JsonElement many = root.GetProperty("many");
            Assert.That(many.GetProperty("missing").GetInt64(), Is.Zero);
            Assert.That(many.GetProperty("rateOverMany").GetDouble(), Is.GreaterThan(0));
            JsonElement steady = root.GetProperty("steady");
            Assert.That(steady.GetProperty("messages").GetInt64(), Is.GreaterThan(100));
            Assert.That(steady.GetProperty("garbageCollections").GetArrayLength(), Is.EqualTo(3));
        });
    }

    [TestCase("footprint --connections 10 --active 11", "--active 11: at most --connections 10")]
    [TestCase("footprint --connections 100000", "--connections 100000: at most 20000")]
    [TestCase("footprint --size 3", "--size 3: ")]
    public async Task What_cannot_be_measured_gets_one_line_and_exit_2(string arguments, string expected)
    {
        (int exitCode, _, string errors) = await BenchProgram.RunAsync(arguments.Split(' '));
        Assert.That(errors.TrimEnd().Split('\n'), Has.Length.EqualTo(1), errors);
        Assert.That(errors, Does.Contain(expected));
        Assert.That(exitCode, Is.EqualTo(2));
    }
}
