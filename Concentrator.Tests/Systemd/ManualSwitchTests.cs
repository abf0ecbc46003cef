using Concentrator.Tests.Equipment;
using Concentrator.Tests.Peers;
using NUnit.Framework;
using static Concentrator.Tests.Systemd.LoggingHost;

namespace Concentrator.Tests.Systemd;

/// <summary>The way by hand in samples/README.md, there and back, its own commands, under requests that never stop.</summary>
[TestFixture("bookworm")]
[TestFixture("trixie")]
internal sealed class ManualSwitchTests(string suite)
{
    private const string OurLine = "log /dev/conc len 8192 format rfc5424 local0";

    [Test]
    public void The_manual_way_of_the_samples_and_its_way_back_lose_no_line()
    {
        using LoggingHost host = new(suite);
        SystemdRoot root = host.Root;
        host.RaiseSendBuffer();
        Unpack(root);
        string before = root.Read(HAProxyConfiguration);
        using RequestLoad load = host.StartRequests(host.BusyRate);
        load.WaitForMore(host.BusyRate);

        string[] first = Commands("1. The executable");
        Assert.That(first, Has.Length.EqualTo(3));
        root.Run($"cd /root; {first[0]}; {first[1]}; echo 0123456789abcdef | {first[2]}; concentrator check");
        // A container may not set all of them.
        root.Run($"cd /root; {Commands("2. The kernel's settings").Single()} || test -e /etc/sysctl.d/60-concentrator.conf");
        root.Run($"sed -i 's,/var/lib/haproxy/dev/log,/var/lib/haproxy/dev/conc,' {ConfigurationFile} /root/samples/concentrator.socket");
        root.Run($"cd /root; {string.Join("; ", Commands("4. The units"))}");
        root.WaitFor(Service, "ActiveState", "active");
        root.Run($"sed -i '/log \\/dev\\/log.*local1/d; s,log /dev/log.*local0,{OurLine},' {HAProxyConfiguration}; haproxy -c -f {HAProxyConfiguration}; systemctl reload haproxy");
        Assert.That(root.Read(HAProxyConfiguration), Does.Contain(OurLine));
        load.WaitForMore(host.BusyRate);
        Assert.That(root.Try("concentrator", "doctor").Output, Does.Contain("ok    socket /var/lib/haproxy/dev/conc"));

        root.Write(HAProxyConfiguration, before);
        root.Run("systemctl reload haproxy; until [ \"$(pgrep -c haproxy)\" = 2 ]; do sleep 0.1; done; systemctl disable --now concentrator.socket concentrator");
        load.WaitForMore(host.BusyRate);
        host.AssertLogged(load.End());
    }

    /// <summary>What somebody has who has published the server: the binary and the samples.</summary>
    private static void Unpack(SystemdRoot root)
    {
        foreach (string sample in Directory.EnumerateFiles(Repository.PathOf("samples"), "*", SearchOption.AllDirectories))
            root.Write($"/root/samples/{Path.GetRelativePath(Repository.PathOf("samples"), sample)}", File.ReadAllText(sample));
        Directory.CreateDirectory(root["/root/published"]);
        File.Copy(Package.Binary(), root["/root/published/concentrator"]);
    }

    private static string[] Commands(string step) => Step(step, "samples/README.md");
}
