using Concentrator.Tests.Equipment;
using Concentrator.Tools.Shadow;
using NUnit.Framework;

namespace Concentrator.Tests.Tools.Shadow;

internal sealed class FollowedFileTests
{
    private TempDirectory _directory = null!;

    private string Log => _directory["log"];

    [SetUp]
    public void Begin() => _directory = new TempDirectory();

    [TearDown]
    public void End() => _directory.Dispose();

    [Test]
    public void What_was_there_before_is_passed_over_and_half_a_line_waits_for_its_end()
    {
        File.WriteAllText(Log, "old\n");
        using FollowedFile file = new(Log);
        Assert.That(file.ReadLines(), Is.Empty);
        File.AppendAllText(Log, "one\ntw");
        Assert.That(file.ReadLines(), Is.EqualTo(new[] { "one" }));
        File.AppendAllText(Log, "o\n\n");
        Assert.That(file.ReadLines(), Is.EqualTo(new[] { "two", "" }));
    }

    [Test]
    public void A_file_that_appears_later_is_read_from_its_beginning()
    {
        using FollowedFile file = new(Log);
        Assert.That(file.ReadLines(), Is.Empty);
        File.WriteAllText(Log, "one\n");
        Assert.That(file.ReadLines(), Is.EqualTo(new[] { "one" }));
    }

    [Test]
    public void A_writer_that_lets_go_of_the_renamed_file_late_loses_no_line()
    {
        File.WriteAllText(Log, "");
        using FollowedFile file = new(Log);
        File.AppendAllText(Log, "one\n");
        File.Move(Log, _directory["log.1"]);
        File.AppendAllText(_directory["log.1"], "two\n");
        Assert.That(file.ReadLines(), Is.EqualTo(new[] { "one", "two" }));
        File.WriteAllText(Log, "four\n");
        Assert.That(file.ReadLines(), Is.EqualTo(new[] { "four" }));
        File.AppendAllText(_directory["log.1"], "three\n");
        File.AppendAllText(Log, "five\n");
        Assert.That(file.ReadLines(), Is.EqualTo(new[] { "three", "five" }));
    }

    [Test]
    public void A_truncated_file_is_read_from_its_beginning()
    {
        File.WriteAllText(Log, "");
        using FollowedFile file = new(Log);
        File.AppendAllText(Log, "one\ntwo\n");
        Assert.That(file.ReadLines(), Has.Count.EqualTo(2));
        File.WriteAllText(Log, "3\n");
        Assert.That(file.ReadLines(), Is.EqualTo(new[] { "3" }));
    }
}
