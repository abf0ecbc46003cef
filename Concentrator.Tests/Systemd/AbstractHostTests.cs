using NUnit.Framework;
using static Concentrator.Tests.Systemd.LoggingHost;

namespace Concentrator.Tests.Systemd;

/// <summary>HAProxy's lines over an abstract socket, on a host where rsyslog and HAProxy's unit stay as they are.</summary>
[Parallelizable]
internal sealed class AbstractHostTests(string suite) : HostTests(suite)
{
    [Test]
    public void Restarts_and_kills_lose_no_line()
    {
        Host.Install("1.0.0");
        Host.Edit(ConfigurationFile, "\"unix-dgram:/var/lib/haproxy/dev/log\", \"Mode\": \"0666\"", "\"unix-dgram:abns@conc\"");
        Root.Run("""
            sed -i '/log \/dev\/log.*local1/d; s/log \/dev\/log.*local0/log abns@conc len 8192 format rfc5424 local0/' /etc/haproxy/haproxy.cfg
            systemctl mask concentrator.socket
            systemctl enable --now concentrator
            systemctl reload haproxy
            """);
        Root.WaitFor(Service, "ActiveState", "active");
        using RequestLoad load = Host.StartRequests();
        load.WaitForMore(5);
        for (int restart = 0; restart < 5; restart++)
        {
            Root.Run("systemctl restart concentrator");
            load.WaitForMore(2);
        }
        for (int kill = 0; kill < 3; kill++)
        {
            Host.KillServer();
            load.WaitForMore(2);
        }
        Host.AssertLogged(load.End());

        Root.Run("systemctl stop concentrator");
        Assert.That(Root.Run("grep -c @conc /proc/net/unix || true").Trim(), Is.EqualTo("0"), "a stop gives the name back");
    }
}
