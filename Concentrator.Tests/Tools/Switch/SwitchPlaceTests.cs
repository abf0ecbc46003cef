using Concentrator.Configuration.Options;
using Concentrator.Hosting.Senders.HaproxyConfiguration;
using Concentrator.Tests.Equipment;
using Concentrator.Tools.Switch;
using NUnit.Framework;

namespace Concentrator.Tests.Tools.Switch;

/// <summary>Which of our listeners HAProxy's lines are to come to.</summary>
internal sealed class SwitchPlaceTests
{
    private const string Chroot = "chroot /var/lib/haproxy";

    [Test]
    public void A_listener_that_a_log_line_leads_to_comes_first() =>
        Assert.That(Places($"{Chroot}\n log /dev/log local0", "/var/lib/haproxy/dev/conc", "abns@conc", "/var/lib/haproxy/dev/log"), Is.EqualTo(["/dev/log", "own /dev/conc", "own abns@conc"]));

    [Test]
    public void An_abstract_name_that_a_log_line_leads_to_too() =>
        Assert.That(Places($"{Chroot}\n log abns@conc local0", "/var/lib/haproxy/dev/log", "abns@conc"), Is.EqualTo(["abns@conc", "own /dev/log"]));

    [Test]
    public void The_padded_name_is_not_the_short_one() =>
        Assert.That(Places($"{Chroot}\n log abnsz@conc local0", "abns@conc"), Is.EqualTo(["own abns@conc"]));

    [Test]
    public void A_path_outside_the_chroot_is_none_and_without_a_chroot_abstract_names_alone_are() =>
        Assert.Multiple(() =>
        {
            Assert.That(Places($"{Chroot}\n log /dev/log local0", "/dev/log", "/var/lib/haproxy2/dev/log"), Is.Empty);
            Assert.That(Places("log /dev/log local0", "/dev/log", "abns@conc"), Is.EqualTo(["own abns@conc"]));
        });

    private static IEnumerable<string> Places(string global, params string[] listeners)
    {
        using TempDirectory temp = new();
        HaproxyConfig config = HaproxyConfig.Read([temp.Write("haproxy.cfg", $"global\n {global}\n")]);
        ServerOptions options = new() { Listeners = [.. listeners.Select(Listener)], Outputs = [], Routes = [] };
        return [.. SwitchPlace.All(config, options).Select(static place => $"{(place.IsOwnName ? "own " : "")}{place.Address}")];
    }

    private static ListenerOptions Listener(string name) => new()
    {
        Name = name,
        Address = AbstractName.TryParse(name) is { } found
            ? new ListenAddress(Transport.UnixDatagram, null, null) { Abstract = found } : new ListenAddress(Transport.UnixDatagram, name, null),
    };
}
