using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Targets.Files;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Targets;

[TestFixture]
internal sealed class FileTargetTests
{
    private TempDirectory _directory = null!;

    [SetUp]
    public void MakeDirectory() => _directory = new TempDirectory();

    [TearDown]
    public void RemoveDirectory() => _directory.Dispose();

    [Test]
    public async Task Lines_are_appended_to_what_the_file_held()
    {
        string path = _directory.Write("log", "before\n");
        using TargetBench bench = TargetBench.File(Options(path));
        bench.Send("one\n");
        bench.WaitForDelivered(1);
        bench.Send("two\n");
        await bench.StopAsync();
        Assert.That(File.ReadAllText(path), Is.EqualTo("before\none\ntwo\n"));
    }

    [Test]
    public async Task A_missing_directory_is_created_and_a_new_file_has_the_mode_asked_for_whatever_the_umask()
    {
        string path = _directory["a/b/log"];
        using TargetBench bench = TargetBench.File(Options(path) with
        {
            Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite,
        });
        bench.Send("x\n");
        await bench.StopAsync();
        Assert.That(File.GetUnixFileMode(path), Is.EqualTo((UnixFileMode)0b110_110_110));
    }

    [Test]
    public async Task The_default_mode_keeps_others_out()
    {
        string path = _directory["log"];
        using TargetBench bench = TargetBench.File(Options(path));
        bench.Send("x\n");
        await bench.StopAsync();
        Assert.That(File.GetUnixFileMode(path), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead));
    }

    [Test]
    public async Task After_a_rename_the_next_line_is_in_a_new_file_without_any_signal()
    {
        string path = _directory["log"];
        using TargetBench bench = TargetBench.File(Options(path));
        bench.Send("old\n");
        bench.WaitForDelivered(1);
        File.Move(path, path + ".1");
        bench.Send("new\n");
        await bench.StopAsync();
        Assert.That((File.ReadAllText(path + ".1"), File.ReadAllText(path)), Is.EqualTo(("old\n", "new\n")));
    }

    [Test]
    public async Task A_file_truncated_in_place_gets_no_hole()
    {
        string path = _directory["log"];
        using TargetBench bench = TargetBench.File(Options(path));
        bench.Send("a long line before copytruncate\n");
        bench.WaitForDelivered(1);
        using (FileStream file = new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite)) file.SetLength(0);
        bench.Send("after\n");
        await bench.StopAsync();
        Assert.That(File.ReadAllText(path), Is.EqualTo("after\n"));
    }

    [Test]
    public async Task Reopening_lets_the_old_file_go_at_once()
    {
        string path = _directory["log"];
        using TargetBench bench = TargetBench.File(Options(path));
        bench.Send("old\n");
        bench.WaitForDelivered(1);
        File.Move(path, path + ".1");
        bench.Reopen();
        Eventually.Holds(() => !OpenFiles().Contains(path + ".1"), "the renamed file is closed");
        bench.Send("new\n");
        await bench.StopAsync();
        Assert.That(File.ReadAllText(path), Is.EqualTo("new\n"));
    }

    [Test]
    public async Task A_full_disk_is_said_once_holds_a_bounded_amount_and_recovers_by_itself()
    {
        string path = _directory["log"];
        File.CreateSymbolicLink(path, "/dev/full");
        using TargetBench bench = TargetBench.File(Options(path), limit: 300_000);
        for (int i = 0; i < 1000; i++) bench.Send($"{i:D5}{new string('x', 994)}\n");
        Eventually.Holds(() => bench.Log.Has("No space left on device"), "the full disk is said", detail: bench.Log.ToString);
        OutputSnapshot full = bench.Ledger;
        Assert.That(full.QueuedBytes, Is.LessThanOrEqualTo(300_000));
        Assert.That(full.DroppedTotal, Is.GreaterThan(500));
        Assert.That(full.Balances);

        File.Delete(path);
        Eventually.Holds(() => bench.Ledger.Queued == 0, "the queue drains", detail: bench.Log.ToString);
        await bench.StopAsync();
        string[] lines = File.ReadAllLines(path);
        OutputSnapshot end = bench.Ledger;
        Assert.Multiple(() =>
        {
            Assert.That(lines, Has.Length.EqualTo(end.Delivered));
            Assert.That(lines[^1], Does.StartWith("00999"), "the newest is kept");
            Assert.That(lines, Is.Ordered);
            Assert.That(end.Accepted, Is.EqualTo(1000));
            Assert.That(end.Balances);
            Assert.That(bench.Log.Lines.Count(static l => l.Contains("cannot be written", StringComparison.Ordinal)), Is.EqualTo(1));
            Assert.That(bench.Log.Has("resumed"));
        });
    }

    [Test]
    public async Task A_line_cut_by_a_full_disk_is_whole_in_the_file_that_follows()
    {
        // A file system of 64 KB: the first block fits in part.
        using TmpFs disk = new(_directory["disk"], "64k");
        string path = Path.Combine(disk.Path, "log");
        using TargetBench bench = TargetBench.File(Options(path));
        for (int i = 0; i < 100; i++) bench.Send($"{i:D5}{new string('x', 994)}\n");
        Eventually.Holds(() => bench.Log.Has("No space left on device"), "the full disk is said", detail: bench.Log.ToString);
        string rotated = _directory["rotated"];
        File.Copy(path, rotated);
        File.Delete(path);
        Eventually.Holds(() => bench.Ledger.Queued == 0, "the queue drains", detail: bench.Log.ToString);
        await bench.StopAsync();
        string before = File.ReadAllText(rotated);
        string[] kept = before[..(before.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string[] all = [.. kept, .. File.ReadAllLines(path)];
        Assert.That(all, Is.EqualTo(Enumerable.Range(0, 100).Select(static i => $"{i:D5}{new string('x', 994)}")));
    }

    [Test]
    public async Task A_dangling_link_is_said_once_and_written_through_when_what_it_leads_to_is_there()
    {
        string path = _directory["log"];
        string there = _directory["there"];
        File.CreateSymbolicLink(path, there);
        using TargetBench bench = TargetBench.File(Options(path));
        bench.Send("one\n");
        Eventually.Holds(() => bench.Log.Has("cannot be written"), "the dangling link is said", detail: bench.Log.ToString);
        Assert.That(bench.Log.ToString(), Does.Contain("a symbolic link to").And.Contain(there).And.Contain("which does not exist"));
        Assert.That(File.Exists(there), Is.False, "nothing is made where a link leads");

        File.WriteAllText(there, "");
        bench.WaitForDelivered(1);
        await bench.StopAsync();
        Assert.That(File.ReadAllText(there), Is.EqualTo("one\n"));
        Assert.That(bench.Log.Lines.Count(static l => l.Contains("cannot be written", StringComparison.Ordinal)), Is.EqualTo(1));
    }

    [Test]
    public async Task A_pipe_that_nobody_reads_is_said_once_and_gets_its_lines_when_somebody_does()
    {
        string path = Fifo.Make(_directory["pipe"]);
        using TargetBench bench = TargetBench.File(Options(path));
        bench.Send("one\n");
        Eventually.Holds(() => bench.Log.Has("cannot be written"), "the pipe is said", detail: bench.Log.ToString);
        Assert.That(bench.Log.ToString(), Does.Contain("the pipe has no reader"));

        using FileStream reader = Fifo.OpenForReading(path);
        bench.WaitForDelivered(1);
        byte[] read = new byte[4];
        reader.ReadExactly(read);
        Assert.That(read, Is.EqualTo("one\n"u8.ToArray()));
        await bench.StopAsync();
        Assert.That(bench.Log.Lines.Count(static l => l.Contains("cannot be written", StringComparison.Ordinal)), Is.EqualTo(1));
    }

    [Test]
    public async Task A_socket_in_the_files_place_is_said()
    {
        string path = _directory.Socket("socket");
        using System.Net.Sockets.Socket socket = new(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Dgram, System.Net.Sockets.ProtocolType.Unspecified);
        socket.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(path));
        using TargetBench bench = TargetBench.File(Options(path));
        bench.Send("one\n");
        Eventually.Holds(() => bench.Log.Has("it is a socket"), "the socket is said", detail: bench.Log.ToString);
        await bench.StopAsync(seconds: 0.2);
    }

    [Test]
    public async Task What_stands_against_a_file_is_told_with_what_would_mend_it_until_it_is_mended()
    {
        string path = System.IO.Path.Combine(System.IO.Directory.CreateDirectory(_directory["sealed"]).FullName, "log");
        using TargetBench bench = TargetBench.File(Options(path));
        using (new ReadOnlyMount(_directory["sealed"]))
        {
            bench.Send("waits\n");
            Eventually.Holds(() => bench.Ledger.Problem is not null, "it is told");
            Assert.That(
                bench.Ledger.Problem,
                Is.EqualTo($"{path} cannot be written: cannot create: Read-only file system (its file system is read-only, or ReadWritePaths= of the unit "
                    + $"does not name {_directory["sealed"]})"));
        }
        Eventually.Holds(() => bench.Ledger.Problem is null, "it is mended");
        await bench.StopAsync();
    }

    [TestCase(13, "the server runs as user ")]
    [TestCase(1, "the server runs as user ")]
    [TestCase(28, "free disk space: df -h /var/log/haproxy.log")]
    [TestCase(30, "ReadWritePaths= of the unit does not include /var/log")]
    [TestCase(122, "free disk space")]
    [TestCase(5, null)]
    public void Each_refusal_has_its_remedy(int error, string? remedy) =>
        Assert.That(WriteRefusal.Remedy(error, "/var/log/haproxy.log") ?? "none", Does.Contain(remedy ?? "none"));

    [Test]
    public async Task A_stop_with_a_disk_that_never_recovers_ends_in_time_and_counts_what_is_lost()
    {
        string path = _directory["log"];
        File.CreateSymbolicLink(path, "/dev/full");
        using TargetBench bench = TargetBench.File(Options(path));
        bench.Send("lost\n");
        Eventually.Holds(() => bench.Log.Has("cannot be written"), "the full disk is said");
        await bench.StopAsync(seconds: 0.2).WaitAsync(Deadline.Reaction);
        Assert.That(bench.Ledger.Dropped[(int)DropReason.Shutdown], Is.EqualTo(1));
        Assert.That(bench.Ledger.Balances);
    }

    [Test]
    public async Task Detaching_leaves_what_is_undelivered_in_the_spool()
    {
        string path = _directory["log"];
        File.CreateSymbolicLink(path, "/dev/full");
        using TargetBench bench = TargetBench.File(Options(path));
        bench.Send("kept\n");
        Eventually.Holds(() => bench.Log.Has("cannot be written"), "the full disk is said");
        await bench.DetachAsync();
        Assert.That(System.Text.Encoding.ASCII.GetString(bench.Spool.TryTake()!.Bytes.Span), Is.EqualTo("kept\n"));
    }

    private static FileOutputOptions Options(string path) => new() { Name = "file", Path = path };

    private static IEnumerable<string?> OpenFiles() => Directory.EnumerateFiles("/proc/self/fd").Select(static fd =>
    {
        try
        {
            return File.ResolveLinkTarget(fd, returnFinalTarget: false)?.FullName;
        }
        catch (FileNotFoundException)
        {
            // Closed between the two looks, by this test or another part of the process.
            return null;
        }
    });
}
