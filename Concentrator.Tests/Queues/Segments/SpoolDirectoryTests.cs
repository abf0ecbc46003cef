using System.Diagnostics;
using System.Text;
using Concentrator.Queues.Files;
using Concentrator.Queues.Segments;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Queues.Segments;

/// <summary>The real file system behind the narrow interface.</summary>
internal sealed class SpoolDirectoryTests
{
    private TempDirectory _temp = null!;

    [SetUp]
    public void CreateDirectory() => _temp = new TempDirectory();

    [TearDown]
    public void RemoveDirectory() => _temp.Dispose();

    [Test]
    public void Directories_and_files_are_for_their_owner_alone()
    {
        using SpoolDirectory directory = new(_temp["spool/sekoia"]);
        using ISpoolFile file = directory.Open("file", createNew: true, allocate: 0);
        const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Assert.That(File.GetUnixFileMode(_temp["spool"]), Is.EqualTo(Owner | UnixFileMode.UserExecute));
        Assert.That(File.GetUnixFileMode(_temp["spool/sekoia"]), Is.EqualTo(Owner | UnixFileMode.UserExecute));
        Assert.That(File.GetUnixFileMode(_temp["spool/sekoia/file"]), Is.EqualTo(Owner));
        Assert.That(File.GetUnixFileMode(_temp["spool/sekoia/lock"]), Is.EqualTo(Owner));
    }

    [Test]
    public void A_second_opener_is_refused_with_the_pid_of_the_first()
    {
        string path = _temp["spool"];
        using (SpoolDirectory first = new(path))
        {
            SpoolLockedException refusal = Assert.Throws<SpoolLockedException>(() => new SpoolDirectory(path).Dispose())!;
            Assert.That(refusal.Pid, Is.EqualTo(Environment.ProcessId));
            Assert.That(refusal.Message, Is.EqualTo($"{path} is in use by process {Environment.ProcessId}; only one process may use it"));
            Assert.That(SpoolDirectory.IsLocked(path, out int pid));
            Assert.That(pid, Is.EqualTo(Environment.ProcessId));
        }
        Assert.That(SpoolDirectory.IsLocked(path, out _), Is.False);
        new SpoolDirectory(path).Dispose();
    }

    [Test]
    public void Another_process_that_holds_the_lock_is_in_the_way_until_it_is_killed()
    {
        Directory.CreateDirectory(_temp["spool"]);
        using Process other = Process.Start(new ProcessStartInfo("flock", [_temp["spool/lock"], "sh", "-c", "echo held; exec sleep 600"])
        {
            RedirectStandardOutput = true,
        })!;
        try
        {
            Assert.That(other.StandardOutput.ReadLine(), Is.EqualTo("held"));
            SpoolLockedException refusal = Assert.Throws<SpoolLockedException>(() => new SpoolDirectory(_temp["spool"]).Dispose())!;
            Assert.That(refusal.Message, Does.Contain("in use by another process"));
        }
        finally
        {
            other.Kill(entireProcessTree: true);
            other.WaitForExit();
        }
        Eventually.Holds(() => !SpoolDirectory.IsLocked(_temp["spool"], out _), "the lock goes with its holder");
        new SpoolDirectory(_temp["spool"]).Dispose();
    }

    [Test]
    public void A_directory_that_cannot_be_made_is_one_clear_line()
    {
        _temp.Write("file", "");
        IOException failure = Assert.Throws<IOException>(() => new SpoolDirectory(_temp["file/sekoia"]).Dispose())!;
        Assert.That(failure.Message, Does.StartWith($"cannot create the spool directory {_temp["file/sekoia"]}: "));
        Assert.That(failure.Message, Does.Not.Contain("\n"));
    }

    [Test]
    public void Files_do_what_the_interface_says()
    {
        using SpoolDirectory directory = new(_temp["spool"]);
        Assert.That(directory.FreeBytes, Is.Positive);
        using (ISpoolFile file = directory.Open("a", createNew: true, allocate: 10_000))
        {
            Assert.That(file.Length, Is.EqualTo(10_000));
            Assert.That(file.Write("hello"u8, 9_998), Is.EqualTo(5));
            Assert.That(file.Length, Is.EqualTo(10_003));
            byte[] read = new byte[10];
            Assert.That(file.Read(read, 9_998), Is.EqualTo(5));
            Assert.That(Encoding.ASCII.GetString(read, 0, 5), Is.EqualTo("hello"));
            Assert.That(file.Read(read, 20_000), Is.Zero);
            file.Sync();
        }
        Assert.That(() => directory.Open("a", createNew: true, allocate: 0), Throws.InstanceOf<IOException>());
        Assert.That(() => directory.Open("b", createNew: false, allocate: 0), Throws.InstanceOf<IOException>());
        directory.Rename("a", "b");
        directory.Sync();
        Assert.That(directory.List(), Is.EquivalentTo((string[])["b", "lock"]));
        directory.Delete("b");
        directory.Delete("b");
        Assert.That(directory.List(), Is.EquivalentTo((string[])["lock"]));
        Assert.That(() => directory.Rename("b", "c"), Throws.InstanceOf<IOException>());
    }

    [Test]
    public void Without_the_lock_files_can_only_be_read()
    {
        using (SpoolDirectory directory = new(_temp["spool"]))
        using (directory.Open("a", createNew: true, allocate: 100))
        {
        }
        using SpoolDirectory reading = SpoolDirectory.ForReading(_temp["spool"]);
        using ISpoolFile file = reading.Open("a", createNew: false, allocate: 0);
        Assert.That(file.Length, Is.EqualTo(100));
        Assert.That(() => file.Write("x"u8, 0), Throws.InstanceOf<IOException>());
    }

    [Test]
    public void A_full_disk_is_met_before_a_segment_is_begun_and_leaves_the_log_usable()
    {
        using TmpFs small = new(_temp["small"], "1m");
        using SpoolDirectory directory = new($"{small.Path}/sekoia");
        using SegmentLog log = SegmentLog.Open(directory, new SegmentLogOptions { SegmentSize = 300_000 }, out _);
        List<Entry> entries = [];
        IOException? full = null;
        while (full is null)
        {
            try
            {
                entries.Add(log.Append(1, 50_000));
            }
            catch (IOException failure)
            {
                full = failure;
            }
        }
        Assert.That(full.Message, Does.Contain("No space left on device"));
        Assert.That(entries, Has.Count.EqualTo(15), "three segments of five");
        Assert.That(log.ReadAll(), Is.EqualTo(entries));
        Assert.That(directory.List().Count(static name => name.EndsWith(".segment", StringComparison.Ordinal)), Is.EqualTo(3));

        log.Release(entries[5].First);
        entries.Add(log.Append(1, 50_000));
        Assert.That(log.ReadAll(), Is.EqualTo(entries[5..]));
    }
}
