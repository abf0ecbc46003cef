using Concentrator.Tests.Equipment;
using Concentrator.Tools.Doctor;
using NUnit.Framework;

namespace Concentrator.Tests.Tools.Doctor;

/// <summary><c>--fix</c>: one file, the sample's, and nothing that somebody has set larger made smaller.</summary>
internal sealed class SysctlFileTests
{
    private PlantedHost _host = null!;

    private string File => _host.Host.SysctlFile;

    [SetUp]
    public void Plant() => _host = new PlantedHost();

    [TearDown]
    public void Remove() => _host.Dispose();

    [Test]
    public void The_sample_is_written_byte_for_byte_and_a_second_time_nothing()
    {
        _host.Set("net.core.wmem_max", 212_992);
        Diagnosis written = new SysctlFile(_host.Host).Write();
        Assert.That(written.Finding, Does.Contain($"{File} has been written").And.Contain("sysctl --system"));
        Assert.That(System.IO.File.ReadAllText(File), Is.EqualTo(Repository.ReadSample("sysctl.d/60-concentrator.conf")));
        DateTime time = System.IO.File.GetLastWriteTimeUtc(File);
        Assert.That(new SysctlFile(_host.Host).Write().Finding, Does.Contain("already exists"));
        Assert.That(System.IO.File.GetLastWriteTimeUtc(File), Is.EqualTo(time));
    }

    [Test]
    public void What_the_host_has_larger_is_not_made_smaller()
    {
        _host.Set("net.core.rmem_max", 33_554_432);
        new SysctlFile(_host.Host).Write().IsWell();
        Assert.That(System.IO.File.ReadAllText(File), Does.Contain("net.core.rmem_max = 33554432\n").And.Contain("net.core.wmem_max = 8388608\n"));
    }

    [Test]
    public void A_file_with_other_content_is_left_as_it_is()
    {
        System.IO.File.WriteAllText(File, "net.unix.max_dgram_qlen = 99\n");
        new SysctlFile(_host.Host).Write().Says(Verdict.Warn, "was not changed", $"mv {File} {File}.old");
        Assert.That(System.IO.File.ReadAllText(File), Is.EqualTo("net.unix.max_dgram_qlen = 99\n"));
    }

    [Test]
    public void A_directory_that_is_not_there_is_made()
    {
        Directory.Delete(_host.Temp["sysctl.d"]);
        new SysctlFile(_host.Host).Write().IsWell();
        Assert.That(File, Does.Exist);
    }

    [Test]
    public void A_directory_that_cannot_be_made_fails()
    {
        Directory.Delete(_host.Temp["sysctl.d"]);
        _host.Temp.Write("sysctl.d", "a file");
        new SysctlFile(_host.Host).Write().Says(Verdict.Fail, $"cannot write {File}", $"findmnt -T {_host.Temp["sysctl.d"]}");
    }

    [Test]
    public void A_read_only_file_system_fails()
    {
        using ReadOnlyMount mount = new(_host.Temp["sysctl.d"]);
        new SysctlFile(_host.Host).Write().Says(Verdict.Fail, "Read-only file system", $"findmnt -T {_host.Temp["sysctl.d"]}");
    }
}
