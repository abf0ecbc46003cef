using Concentrator.Queues.Totals;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Queues.Totals;

/// <summary>Totals that outlive the process: what is damaged begins anew under another identity, and says so.</summary>
internal sealed class TotalsFileTests
{
    private readonly ManualTimeProvider _time = new();
    private LogCapture _log = null!;
    private TempDirectory _directory = null!;

    private string Path => _directory["totals"];

    [SetUp]
    public void Begin()
    {
        _directory = new TempDirectory();
        _log = new LogCapture();
    }

    [TearDown]
    public void End()
    {
        _directory.Dispose();
        _log.Dispose();
    }

    [Test]
    public void What_is_counted_is_in_the_file_at_once_so_a_kill_takes_nothing()
    {
        TotalsFile first = Open();
        first.Add(0, 3);
        first.Add(1, 1L << 40);
        first.Add(0, -1);

        // Another mapping of the file sees what the first one has not given up: so does the next process.
        TotalsFile next = Open();
        Assert.That((next.Identity, next[0], next[1], next[2], next.Survives), Is.EqualTo((first.Identity, 2L, 1L << 40, 0L, true)));
        Assert.That(next.Began, Is.EqualTo(first.Began).Within(TimeSpan.FromMilliseconds(1)));
        GC.KeepAlive(first);
        Assert.That(_log.ToString(), Is.Empty);
    }

    [TestCase(0)]
    [TestCase(5)]
    [TestCase(12)]
    [TestCase(20)]
    [TestCase(33)]
    public void A_damaged_header_is_said_and_the_count_begins_anew_under_another_identity(int at)
    {
        TotalsFile before = Open();
        before.Add(0, 7);
        byte[] bytes = File.ReadAllBytes(Path);
        bytes[at] ^= 0x40;
        File.WriteAllBytes(Path, bytes);
        TotalsFile after = Open();
        Assert.That((after[0], after.Survives), Is.EqualTo((0L, true)));
        Assert.That(after.Identity, Is.Not.EqualTo(before.Identity));
        Assert.That(_log.ToString(), Does.Contain("begin anew, because it is damaged"));
        GC.KeepAlive(before);
    }

    [TestCase(0)]
    [TestCase(35)]
    [TestCase(64)]
    [TestCase(4095)]
    [TestCase(4096 * 3)]
    public void A_file_of_another_length_begins_anew(int length)
    {
        Open().Add(0, 7);
        byte[] bytes = File.ReadAllBytes(Path);
        Array.Resize(ref bytes, length);
        File.WriteAllBytes(Path, bytes);
        Assert.That(Open()[0], length > 4096 ? Is.EqualTo(7) : Is.Zero);
    }

    [Test]
    public void A_negative_count_is_damage()
    {
        Open().Add(2, -5);
        Assert.That(Open()[2], Is.Zero);
        Assert.That(_log.ToString(), Does.Contain("because it holds a negative count"));
    }

    [Test]
    public void The_totals_of_another_stream_are_not_continued()
    {
        TotalsFile before = Open();
        before.Add(0, 7);
        TotalsFile other = TotalsFile.Open(Path, "edge OTHER", 8, _time, _log.Logger);
        Assert.That((other[0], other.Identity == before.Identity), Is.EqualTo((0L, false)));

        // Who still counts there counts in the file that was replaced.
        before.Add(0, 1);
        Assert.That((before[0], other[0]), Is.EqualTo((8L, 0L)));
    }

    [Test]
    public void A_file_of_a_later_version_is_left_alone()
    {
        Open().Add(0, 7);
        byte[] bytes = File.ReadAllBytes(Path);
        bytes[4] = 2;
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(32), Bytes.Crc32C.Of(bytes.AsSpan(0, 32)));
        File.WriteAllBytes(Path, bytes);
        TotalsFile now = Open();
        Assert.That((now[0], now.Survives), Is.EqualTo((0L, false)));
        Assert.That(File.ReadAllBytes(Path), Is.EqualTo(bytes));
        Assert.That(_log.ToString(), Does.Contain("written by a later version"));
    }

    [Test]
    public void Where_there_can_be_no_file_the_totals_are_those_of_the_process()
    {
        TotalsFile none = TotalsFile.Open(_directory["missing/totals"], "edge LOGS", 8, _time, _log.Logger);
        none.Add(7, 1);
        Assert.That((none[7], none.Survives), Is.EqualTo((1L, false)));
        Assert.That(_log.ToString(), Does.Contain("no totals can be kept in"));
        Assert.That(TotalsFile.Open(null, "edge LOGS", 8, _time, _log.Logger).Survives, Is.False);
    }

    private TotalsFile Open() => TotalsFile.Open(Path, "edge LOGS", 8, _time, _log.Logger);
}
