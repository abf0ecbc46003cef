using Concentrator.Configuration.Options;
using Concentrator.Configuration.Values;
using Concentrator.Queues.Files;
using Concentrator.Tests.Equipment;
using Concentrator.Tools.Doctor;
using NUnit.Framework;

namespace Concentrator.Tests.Tools.Doctor;

/// <summary>The spool's directory: mode, lock, room and speed, each with its fault.</summary>
internal sealed class SpoolCheckTests
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private PlantedHost _host = null!;
    private string _directory = null!;

    [SetUp]
    public void MakeDirectory()
    {
        _host = new PlantedHost();
        _directory = _host.Temp["spool"];
        Directory.CreateDirectory(_directory, OwnerOnly);
    }

    [TearDown]
    public void RemoveDirectory() => _host.Dispose();

    [Test]
    public void A_directory_of_its_own_with_room_is_well_and_left_as_it_was()
    {
        Diagnosis[] found = Look();
        Assert.That(found.Select(static one => one.Verdict), Is.All.EqualTo(Verdict.Ok), string.Join('\n', found.Select(static one => one.ToString())));
        foreach (string finding in new[] { "mode 0700", "not in use by a server", "written and flushed" })
            Assert.That(found.Select(static one => one.Finding), Has.Some.Contains(finding));
        Assert.That(Directory.EnumerateFileSystemEntries(_directory), Is.Empty);
    }

    [Test]
    public void A_directory_that_is_not_there_yet_is_well_and_not_made()
    {
        Directory.Delete(_directory);
        Assert.That(Look().Select(static one => one.Verdict), Is.All.EqualTo(Verdict.Ok));
        Assert.That(Directory.Exists(_directory), Is.False);
    }

    [Test]
    public void A_directory_that_others_may_read_is_warned_of()
    {
        File.SetUnixFileMode(_directory, OwnerOnly | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        Look().Where(static one => one.Verdict != Verdict.Ok).Says(Verdict.Warn, "mode 0705", $"chmod 0700 {_directory}");
    }

    [Test]
    public void The_server_that_works_in_it_is_named()
    {
        using TlsIntake intake = new(TestCertificates.Server);
        using ServerProcess server = new ServerSetup(_host.Temp).Listen("log", $"unix-dgram:{_host.Temp["log"]}").Relay(intake.Port).Start();
        _host.Show(server.Pid);
        Diagnosis[] found = Look();
        Assert.That(found.Select(static one => one.Finding), Has.Some.Contains($"in use by the server with pid {server.Pid}"));
        Assert.That(found.Select(static one => one.Verdict), Is.All.EqualTo(Verdict.Ok));
    }

    [Test]
    public void Another_process_that_holds_the_lock_fails()
    {
        using SpoolDirectory locked = new(Path.Combine(_directory, "sekoia"));
        _host.Show(Environment.ProcessId);
        Look().Where(static one => one.Verdict != Verdict.Ok)
            .Says(Verdict.Fail, $"(pid {Environment.ProcessId}) holds its lock", $"ps -p {Environment.ProcessId}");
    }

    [Test]
    public void A_disk_smaller_than_MaxSize_is_warned_of_with_the_size_that_fits()
    {
        using TmpFs small = new(_host.Temp["small"], "64m");
        File.SetUnixFileMode(small.Path, OwnerOnly);
        SpoolOptions options = new() { Directory = small.Path };
        Diagnosis found = Look(options).Single(static one => one.Verdict != Verdict.Ok);
        found.Says(Verdict.Warn, "the disk fills up before the spool does", "\"Spool\": { \"MaxSize\": \"");
        string fitting = found.Remedy!.Split('"')[5];
        Assert.That(Look(options with { MaxSize = ByteSize.Parse(fitting).TryGet(out long size, out _) ? size : 0 }).Select(static one => one.Verdict), Is.All.EqualTo(Verdict.Ok));
    }

    [Test]
    public void A_disk_that_is_full_fails()
    {
        using TmpFs full = new(_host.Temp["full"], "64k");
        File.SetUnixFileMode(full.Path, OwnerOnly);
        Look(new SpoolOptions { Directory = full.Path }).Where(static one => one.Verdict == Verdict.Fail).Says(Verdict.Fail, "cannot be written to", $"df {full.Path}");
        Assert.That(Directory.EnumerateFileSystemEntries(full.Path), Is.Empty);
    }

    [Test]
    public void A_read_only_file_system_fails()
    {
        using ReadOnlyMount mount = new(_directory);
        Look().Where(static one => one.Verdict != Verdict.Ok).Says(Verdict.Fail, "Read-only file system", $"findmnt -T {_directory}");
    }

    private Diagnosis[] Look(SpoolOptions? options = null) =>
        [.. new SpoolCheck(_host.Proc, options ?? new SpoolOptions { Directory = _directory, MaxSize = 1 << 20 }, Traffic.Unknown("assumed")).Look()];
}
