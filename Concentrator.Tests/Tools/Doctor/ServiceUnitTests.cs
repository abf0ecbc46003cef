using Concentrator.Configuration;
using Concentrator.Native;
using Concentrator.Tests.Equipment;
using Concentrator.Tools.Doctor;
using NUnit.Framework;

namespace Concentrator.Tests.Tools.Doctor;

/// <summary>What is read of our service's unit, in the shape in which systemd 252 and 257 print it.</summary>
internal sealed class ServiceUnitTests
{
    [TestCase("/usr/bin/concentrator", null, null)]
    [TestCase("/usr/bin/concentrator run", null, null)]
    [TestCase("/usr/bin/concentrator run --config /etc/c.json --take-over", "/etc/c.json", null)]
    [TestCase("/usr/bin/concentrator --config=/etc/c.json", "/etc/c.json", null)]
    [TestCase("/usr/bin/concentrator run --intakes /etc/i.yaml", null, "/etc/i.yaml")]
    public void Its_arguments_say_which_configuration_it_runs_with(string command, string? config, string? intakes)
    {
        ServiceUnit unit = Unit(Command("ExecStart", command));
        Assert.That((unit.ConfigFile, unit.IntakesFile, unit.Overrides.Count), Is.EqualTo((config, intakes, 0)));
    }

    [Test]
    public void Keys_among_its_arguments_are_overrides() => Assert.That(
        Unit(Command("ExecStart", "/usr/bin/concentrator run --Spool:MaxSize=1GB --config /c.json --ShutdownTimeout 00:00:01")).Overrides,
        Is.EqualTo([new ConfigurationOverride("Spool:MaxSize", "1GB"), new ConfigurationOverride("ShutdownTimeout", "00:00:01")]));

    [Test]
    public void What_is_run_before_it_is_known_by_its_words() => Assert.That(
        Unit($"{Command("ExecStartPre", "/usr/bin/install -d -m 0700 /var/spool/concentrator")}\n{Command("ExecStartPre", "/bin/true")}").Prepares,
        Has.Member("/var/spool/concentrator").And.Member("/bin/true"));

    [Test]
    public void Its_environment_is_that_of_the_unit_and_then_of_its_files()
    {
        using TempDirectory temp = new();
        string file = temp.Write("env", "# KEY=no\n; KEY=no\n\nKEY=file\nQUOTED=\"a b\"\nSINGLE='c d'\n");
        ServiceUnit unit = Unit($"Environment=KEY=unit OTHER=x=y \"BLANK=a b\" [unprintable]\nEnvironmentFiles={file} (ignore_errors=no)\nEnvironmentFiles={temp["none"]} (ignore_errors=yes)");
        Assert.That(unit.Variables, Is.EquivalentTo(new Dictionary<string, string>
        {
            ["KEY"] = "file",
            ["OTHER"] = "x=y",
            ["BLANK"] = "a b",
            ["QUOTED"] = "a b",
            ["SINGLE"] = "c d",
        }));
    }

    [Test]
    public void Without_a_user_it_is_root_with_the_capabilities_that_it_is_left()
    {
        Assert.That(Rights("CapabilityBoundingSet=cap_chown cap_net_admin"), Is.EqualTo((0u, 0ul)));
        Assert.That(Rights("CapabilityBoundingSet=cap_chown cap_dac_override cap_dac_read_search"), Is.EqualTo((0u, FileRights.OverridesModes | FileRights.ReadsAll)));
        Assert.That(Rights("CapabilityBoundingSet=cap_dac_override\nPrivateUsers=yes"), Is.EqualTo((0u, 0ul)), "they count in its own user namespace alone");
        Assert.That(Unit("CapabilityBoundingSet=cap_chown").Rights!.Shown, Does.Contain("user root, but without CAP_DAC_OVERRIDE"));
    }

    [Test]
    public void Another_user_has_its_groups_and_the_ambient_capabilities()
    {
        Assert.That(Rights("User=nobody\nCapabilityBoundingSet=cap_dac_override cap_dac_read_search\nAmbientCapabilities=cap_dac_read_search"), Is.EqualTo((65534u, FileRights.ReadsAll)));
        Assert.That(Unit("User=nobody").Rights!.Rights.Groups, Is.EqualTo([65534u]));
        Assert.That(Unit("User=65534\nGroup=0\nSupplementaryGroups=adm 77").Rights!.Rights.Groups, Is.EqualTo([0u, 65534u, 4u, 77u]));
        Assert.That(Unit("User=nosuchuser").Rights, Is.Null);
        Assert.That(Unit("User=nosuchuser\nDynamicUser=yes").Rights!.Rights.User, Is.EqualTo(61184));
        Assert.That(Unit("User=nobody\nGroup=nosuchgroup").Rights, Is.Null);
    }

    private static (uint, ulong) Rights(string properties)
    {
        FileRights rights = Unit(properties).Rights!.Rights;
        return (rights.User, rights.Capabilities);
    }

    private static string Command(string property, string words) =>
        $"{property}={{ path={words.Split(' ')[0]} ; argv[]={words} ; ignore_errors=no ; start_time=[n/a] ; stop_time=[n/a] ; pid=0 ; code=(null) ; status=0/0 }}";

    private static ServiceUnit Unit(string properties) => new(UnitState.Parse(properties));
}
