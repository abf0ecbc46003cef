using System.Text.RegularExpressions;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Peers;

/// <summary>The samples that no other test runs with.</summary>
internal sealed partial class SampleTests
{
    [Test]
    public void The_configuration_of_a_HAProxy_host_lacks_nothing_but_the_key_file()
    {
        using TempDirectory directory = new();
        const string KeyFile = "/etc/concentrator/intake.key";
        string sample = Repository.ReadSample("haproxy-host.json");
        Assert.That(sample, Does.Contain(KeyFile));
        string adapted = sample.Replace(KeyFile, directory["intake.key"], StringComparison.Ordinal);
        string file = directory.Write("concentrator.json", adapted);

        (int exitCode, string output, string errors) = ServerProcess.Run(directory, "check", "--config", file);
        string[] said = (output + errors).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(said, Has.Length.EqualTo(1).And.All.Contains("Outputs:sekoia:IntakeKeyFile").And.All.Contains("does not exist"));

        directory.Write("intake.key", ServerSetup.IntakeKey + "\n");
        (exitCode, output, errors) = ServerProcess.Run(directory, "check", "--config", file);
        Assert.That(exitCode, Is.Zero, output + errors);
        Assert.That(errors, Is.Empty);
    }

    [Test]
    public void The_kernel_knows_every_setting_and_the_HAProxy_sample_names_the_same_values()
    {
        string haproxy = Repository.ReadSample("haproxy.cfg");
        (string Name, long Value)[] settings = [.. KernelSample.Settings()];
        Assert.That(settings, Is.Not.Empty);
        foreach ((string name, long value) in settings)
        {
            Assert.That("/proc/sys/" + name.Replace('.', '/'), Does.Exist);
            if (haproxy.Contains(name, StringComparison.Ordinal)) Assert.That(haproxy, Does.Contain($"{name} = {value}"));
        }
    }

    [Test]
    public void Every_file_that_the_readme_lists_exists()
    {
        string[] named = [.. Row().Matches(Repository.ReadSample("README.md")).Select(static row => row.Groups[1].Value)];
        Assert.That(named, Has.Length.GreaterThanOrEqualTo(6));
        foreach (string name in named) Assert.That(Repository.Sample(name), Does.Exist);
    }

    [GeneratedRegex(@"^\| `([^`]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
