using System.Globalization;
using Concentrator.Configuration.Options;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Configuration;

/// <summary>A file output without a format writes as the lines that are there already.</summary>
internal sealed class ExistingFileFormatTests
{
    private const string Traditional = "Nov 28 09:23:57 vm haproxy[7]: one\n";
    private const string Rfc3339 = "2026-11-28T20:23:57.952364+00:00 vm haproxy[7]: one\n";
    private const string Rfc5424 = "<134>1 2026-11-28T20:23:57.952364+00:00 vm haproxy 7 - - one\n";

    private TempDirectory _directory = null!;

    private string Path => _directory["haproxy.log"];

    [SetUp]
    public void CreateDirectory() => _directory = new TempDirectory();

    [TearDown]
    public void DeleteDirectory() => _directory.Dispose();

    [TestCase(Traditional, FileFormat.Traditional)]
    [TestCase(Rfc3339, FileFormat.Rfc3339)]
    [TestCase(Rfc5424, FileFormat.Rfc5424)]
    [TestCase(Rfc3339 + Traditional, FileFormat.Traditional, Description = "the last line counts")]
    [TestCase(Traditional + Rfc3339, FileFormat.Rfc3339)]
    [TestCase(Traditional + "-- MARK --\n\n", FileFormat.Traditional, Description = "of those that have a format")]
    [TestCase(Traditional + "2026-11-28T20:23:5", FileFormat.Traditional, Description = "a line that is not finished")]
    [TestCase("just text\n{\"a\":1}\n<134>text\n", null)]
    [TestCase("Nov 28 is no time\n2026-11-28 neither\n", null)]
    [TestCase("", null)]
    [TestCase("\n", null)]
    public void The_last_line_with_a_time_in_front_shows_it(string lines, FileFormat? expected)
    {
        _directory.Write("haproxy.log", lines);
        Assert.That(ExistingFileFormat.Find(Path)?.Format, Is.EqualTo(expected));
    }

    [Test]
    public void A_long_file_is_read_from_its_end()
    {
        string line = $"Nov 28 09:23:57 vm haproxy[7]: {new string('x', 1000)}\n";
        _directory.Write("haproxy.log", string.Concat(Enumerable.Repeat(Rfc3339, 5000)) + string.Concat(Enumerable.Repeat(line, 200)));
        Assert.That(ExistingFileFormat.Find(Path)?.Format, Is.EqualTo(FileFormat.Traditional));
        File.AppendAllText(Path, new string('x', 100_000));
        Assert.That(ExistingFileFormat.Find(Path), Is.Null, "what is looked at is bounded");
    }

    [TestCase("haproxy.log.1")]
    [TestCase("haproxy.log-20261128")]
    public void A_rotated_file_shows_it_where_the_file_is_new(string rotated)
    {
        File.WriteAllText(_directory[rotated], Traditional);
        File.WriteAllText(_directory["haproxy.login"], Rfc3339);
        Assert.That(ExistingFileFormat.Find(Path), Is.EqualTo((FileFormat.Traditional, _directory[rotated])), "without the file");
        File.WriteAllText(Path, "");
        Assert.That(ExistingFileFormat.Find(Path), Is.EqualTo((FileFormat.Traditional, _directory[rotated])), "with an empty one");
    }

    [Test]
    public void The_newest_rotated_file_counts()
    {
        for (int n = 1; n <= 9; n++)
        {
            string file = _directory.Write(string.Create(CultureInfo.InvariantCulture, $"haproxy.log.{n}"), n == 4 ? Rfc3339 : Traditional);
            File.SetLastWriteTimeUtc(file, n == 4 ? DateTime.UtcNow : DateTime.UtcNow.AddDays(-n));
        }
        Assert.That(ExistingFileFormat.Find(Path)?.Format, Is.EqualTo(FileFormat.Rfc3339));
    }

    [Test]
    public void What_is_no_file_of_lines_shows_nothing()
    {
        File.WriteAllBytes(_directory["haproxy.log.1.gz"], [1, 2, 3]);
        Directory.CreateDirectory(_directory["directory"]);
        Assert.That(ExistingFileFormat.Find(Path), Is.Null, "a packed file beside it");
        Assert.That(ExistingFileFormat.Find(_directory["directory"]), Is.Null, "a directory");
        Assert.That(ExistingFileFormat.Find("/dev/null"), Is.Null, "a device");
        Assert.That(ExistingFileFormat.Find(_directory["no/such/directory"]), Is.Null);
    }
}
