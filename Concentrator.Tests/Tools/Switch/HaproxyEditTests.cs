using Concentrator.Hosting.Senders.HaproxyConfiguration;
using Concentrator.Tests.Equipment;
using Concentrator.Tools.Switch;
using NUnit.Framework;

namespace Concentrator.Tests.Tools.Switch;

/// <summary>Which lines of haproxy.cfg change, and how.</summary>
internal sealed class HaproxyEditTests
{
    private const string Debians = "global\n\tlog /dev/log\tlocal0\n\tlog /dev/log\tlocal1 notice\n\tchroot /var/lib/haproxy\n\ndefaults\n\tlog\tglobal\n";

    private static readonly SwitchPlace Contract = new("/var/lib/haproxy", "/dev/log", IsOwnName: false);

    private TempDirectory _temp = null!;

    [SetUp]
    public void Make() => _temp = new TempDirectory();

    [TearDown]
    public void Remove() => _temp.Dispose();

    [Test]
    public void Debians_two_lines_become_one_with_length_and_format() => Assert.That(
        ForUs(Debians, Contract),
        Is.EqualTo("global\n\tlog /dev/log len 8192 format rfc5424 local0\n\t#log /dev/log local1 notice\n\tchroot /var/lib/haproxy\n\ndefaults\n\tlog\tglobal\n"));

    [Test]
    public void With_a_name_of_our_own_they_lead_there() => Assert.That(
        ForUs(Debians, new SwitchPlace("/var/lib/haproxy", "/dev/conc", IsOwnName: true)),
        Does.Contain("\tlog /dev/conc len 8192 format rfc5424 local0\n\t#log /dev/log local1 notice\n"));

    [Test]
    public void With_an_abstract_name_too() => Assert.That(
        ForUs("global\n\tlog /dev/log local0\n\tlog /run/log local1\n", new SwitchPlace("/var/lib/haproxy", "abns@conc", IsOwnName: true)),
        Is.EqualTo("global\n\tlog abns@conc len 8192 format rfc5424 local0\n\t#log /run/log local1\n"));

    [Test]
    public void Lines_to_other_places_and_lines_that_are_well_stay()
    {
        string text = "global\n  log 192.0.2.1:514 local0\n  log stdout local0\n  log /dev/log  len 9000 format rfc5424 local0 # ours\n";
        Assert.That(ForUs(text, Contract), Is.EqualTo(text));
    }

    [Test]
    public void A_comment_behind_a_line_stays() => Assert.That(
        ForUs("global\n  log /dev/log local0   # all\n", Contract), Is.EqualTo("global\n  log /dev/log len 8192 format rfc5424 local0 # all\n"));

    [Test]
    public void A_second_line_that_takes_what_the_first_leaves_stays_a_line() => Assert.That(
        ForUs("global\n  log /dev/log local0 err\n  log /dev/log local1 info\n", Contract),
        Is.EqualTo("global\n  log /dev/log len 8192 format rfc5424 local0 err\n  log /dev/log len 8192 format rfc5424 local1 info\n"));

    [Test]
    public void For_rsyslog_the_format_and_the_host_name_go()
    {
        string file = _temp.Write("haproxy.cfg", "global\n  log /dev/log len 8192 format rfc5424 local0\n  log-send-hostname\n  log 192.0.2.1:514 format rfc5424 local0\n");
        IReadOnlyList<LineChange> changes = HaproxyEdit.ForRsyslog(HaproxyConfig.Read([file]), Contract);
        Assert.That(HaproxyEdit.Apply(changes)[file], Is.EqualTo("global\n  log /dev/log len 8192 local0\n  #log-send-hostname\n  log 192.0.2.1:514 format rfc5424 local0\n"));
        file = _temp.Write("plain.cfg", Debians);
        Assert.That(HaproxyEdit.ForRsyslog(HaproxyConfig.Read([file]), Contract), Is.Empty);
    }

    [Test]
    public void A_file_that_was_changed_meanwhile_is_not_overwritten()
    {
        string file = _temp.Write("haproxy.cfg", Debians);
        IReadOnlyList<LineChange> changes = HaproxyEdit.ForUs(HaproxyConfig.Read([file]), Contract);
        File.WriteAllText(file, "# new\n" + Debians);
        Assert.That(() => HaproxyEdit.Apply(changes), Throws.TypeOf<SwitchFailure>().With.Message.Contains("changed in the meantime"));
    }

    private string ForUs(string text, SwitchPlace place)
    {
        string file = _temp.Write("haproxy.cfg", text);
        return HaproxyEdit.Apply(HaproxyEdit.ForUs(HaproxyConfig.Read([file]), place)).GetValueOrDefault(file, text);
    }
}
