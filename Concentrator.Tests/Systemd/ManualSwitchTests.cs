using Concentrator.Tests.Equipment;
using NUnit.Framework;
using static Concentrator.Tests.Systemd.LoggingHost;

namespace Concentrator.Tests.Systemd;

/// <summary>The way by hand in samples/README.md, there and back, its own commands, under requests that never stop.</summary>
[Parallelizable]
internal sealed class ManualSwitchTests(string suite) : HostTests(suite)
{
    private const string OurLine = "log /dev/conc len 8192 format rfc5424 local0";

    [Test]
    public void The_manual_way_of_the_samples_and_its_way_back_lose_no_line()
    {
        Host.RaiseSendBuffer();
        Unpack();
        string before = Root.Read(HAProxyConfiguration);
        using RequestLoad load = UnderLoad();

        string[] first = Commands("1. The executable");
        Assert.That(first, Has.Length.EqualTo(3));
        Root.Run($"cd /root; {first[0]}; {first[1]}; echo 0123456789abcdef | {first[2]}; concentrator check");
        // A container may not set all of them.
        Root.Run($"cd /root; {Commands("2. The kernel's settings").Single()} || test -e /etc/sysctl.d/60-concentrator.conf");
        Root.Run($"sed -i 's,/var/lib/haproxy/dev/log,/var/lib/haproxy/dev/conc,' {ConfigurationFile} /root/samples/concentrator.socket");
        Root.Run($"cd /root; {string.Join("; ", Commands("4. The units"))}");
        Root.WaitFor(Service, "ActiveState", "active");
        Root.Run($"sed -i '/log \\/dev\\/log.*local1/d; s,log /dev/log.*local0,{OurLine},' {HAProxyConfiguration}; haproxy -c -f {HAProxyConfiguration}; systemctl reload haproxy");
        Assert.That(Root.Read(HAProxyConfiguration), Does.Contain(OurLine));
        load.GoesOn();
        Assert.That(Host.Doctor(), Does.Contain("ok    socket /var/lib/haproxy/dev/conc"));

        Root.Write(HAProxyConfiguration, before);
        Root.Run(string.Join("; ", [.. Commands("2. Reload HAProxy"), .. Commands("3. Stop the server")]));
        load.GoesOn();
        Host.AssertLogged(load.End());
    }

    /// <summary>What somebody has who has published the server: the binary and the samples.</summary>
    private void Unpack()
    {
        foreach (string sample in Directory.EnumerateFiles(Repository.PathOf("samples"), "*", SearchOption.AllDirectories))
            Root.Write($"/root/samples/{Path.GetRelativePath(Repository.PathOf("samples"), sample)}", File.ReadAllText(sample));
        Directory.CreateDirectory(Root["/root/published"]);
        File.Copy(Package.Binary(), Root["/root/published/concentrator"]);
    }

    private static string[] Commands(string step) => Step(step, "samples/README.md");
}
