using Concentrator.Native;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Configuration;

/// <summary>The memory limit from which defaults are taken.</summary>
internal sealed class ControlGroupTests
{
    [TestCase("max", "max", null)]
    [TestCase("max", "314572800", 314572800L)]
    [TestCase("104857600", "314572800", 104857600L)]
    [TestCase(null, null, null)]
    [TestCase("no number", "max", null)]
    public void The_least_limit_on_the_way_to_the_root_counts(string? slice, string? service, long? expected)
    {
        using TempDirectory root = new();
        string own = root.Write("cgroup", "1:name=systemd:/\n0::/system.slice/concentrator.service\n");
        Directory.CreateDirectory(root["system.slice/concentrator.service"]);
        if (slice is not null) File.WriteAllText(root["system.slice/memory.max"], slice + "\n");
        if (service is not null) File.WriteAllText(root["system.slice/concentrator.service/memory.max"], service + "\n");
        Assert.That(ControlGroup.MemoryLimit(root.Path, own), Is.EqualTo(expected));
    }

    [Test]
    public void Without_control_groups_there_is_no_limit() => Assert.That(ControlGroup.MemoryLimit("/nonexistent", "/nonexistent"), Is.Null);
}
