using Concentrator.Doctor;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Doctor;

/// <summary>The log lines of haproxy.cfg: what is found, and that HAProxy itself accepts what is recommended.</summary>
internal sealed class LogLineTests
{
    private static readonly Version Debian12 = new(2, 6, 12);
    private static readonly Version Newer = new(3, 2, 0);

    [Test]
    public void The_sample_is_well()
    {
        using TempDirectory temp = new();
        string file = temp.Write("haproxy.cfg", Peers.Repository.ReadSample("haproxy.cfg"));
        new LogLineCheck(HaproxyConfig.Read([file]), Debian12).Look().IsWell();
        new LineFormatCheck(HaproxyConfig.Read([file])).Look().IsWell();
    }

    [Test]
    public void Debians_default_cuts_lacks_a_format_and_says_notices_twice()
    {
        const string Default = "/etc/haproxy/haproxy.cfg";
        Peer.RequireFile([Default], "haproxy");
        using TempDirectory temp = new();
        string file = temp.Write("haproxy.cfg", File.ReadAllText(Default));
        Diagnosis[] found = [.. new LogLineCheck(HaproxyConfig.Read([file]), Debian12).Look()];
        Assert.That(found, Has.Length.EqualTo(2));
        found[0].Says(Verdict.Warn, "cut at 1024 bytes, without a word; without a format", "log /dev/log len 8192 format rfc5424 local0");
        found[1].Says(Verdict.Warn, $"every message of severity notice or worse is sent twice: {file}:2", $"sed -i '3{{/log.*local1/d}}' {file}");

        // As it is printed, without the reload.
        (int exitCode, _, string errors) = PeerProcess.Run(new PeerStart { Path = "/bin/sh", Arguments = ["-c", found[1].Remedy!.Split(" && ")[0]] });
        Assert.That(exitCode, Is.Zero, errors);
        Assert.That(File.ReadAllText(file), Does.Contain("local0").And.Not.Contain("local1"));
        Assert.That(new LogLineCheck(HaproxyConfig.Read([file]), Debian12).Look().Select(static one => one.Finding), Has.None.Contains("twice"));
    }

    [Test]
    public void A_line_over_tcp_fails_from_3_1_on_and_is_warned_of_before()
    {
        const string Line = "log tcp@192.0.2.1:514 format rfc5424 len 8192 local0";
        Look(Newer, Line).Says(Verdict.Fail, "HAProxy 3.2.0 sends 16 KB a second over it", "log-proto octet-count");
        Look(new Version(3, 1), Line).Says(Verdict.Fail, "loses the rest", "format rfc5424");
        Look(Debian12, Line).Says(Verdict.Warn, "after an update from 2.6.12 to 3.1", "server c1 192.0.2.1:514 log-proto octet-count");
        Look(null, Line).Says(Verdict.Warn, "which runs here is unknown", "ring concentrator");
    }

    [Test]
    public void HAProxy_accepts_the_ring_that_is_recommended_and_the_doctor_too()
    {
        string remedy = Look(Newer, "log tcp@192.0.2.1:514 local3").Single().Remedy!;
        Assert.That(remedy, Does.Contain("local3"));
        string[] lines = [.. remedy.Split('\n').Select(static line => line.Split("    (")[0])];
        string config = $"global\n    {lines[0]}\n{string.Join('\n', lines[1..])}\n{Proxy}";
        using TempDirectory temp = new();
        string file = temp.Write("haproxy.cfg", config);
        (int exitCode, string output, string errors) = PeerProcess.Run(new PeerStart
        {
            Path = Peer.Require("haproxy", "haproxy"),
            Arguments = ["-c", "-f", file],
        });
        Assert.That(exitCode, Is.Zero, output + errors);
        new LogLineCheck(HaproxyConfig.Read([file]), Newer).Look().IsWell();
    }

    [TestCase("log /dev/log local0", "log /dev/log len 8192 format rfc5424 local0")]
    [TestCase("log  127.0.0.1:514\tlen 1024 format rfc3164 local0 info", "log 127.0.0.1:514 len 8192 format rfc3164 local0 info")]
    [TestCase("log unix@/dev/log len 4096 local0 notice # words", "log unix@/dev/log len 4096 format rfc5424 local0 notice")]
    [TestCase("log /dev/log sample 1:2 local0", "log /dev/log len 8192 format rfc5424 sample 1:2 local0")]
    public void A_line_that_cuts_or_lacks_a_format_is_written_as_it_should_be(string line, string right)
    {
        Look(Debian12, line).Says(Verdict.Warn, "haproxy.cfg:2: log ", right);
        Look(Debian12, right).IsWell();
    }

    [TestCase("log stdout format raw local0")]
    [TestCase("log fd@3 local0")]
    public void A_line_that_goes_to_no_syslog_receiver_is_let_be(string line) => Look(Debian12, line).IsWell();

    [Test]
    public void A_ring_that_ends_frames_by_line_feeds_is_warned_of()
    {
        string ring = "ring r\n    format rfc5424\n    server one 192.0.2.1:514 log-proto legacy ssl verify none\n";
        Look(Debian12, "log ring@r len 8192 local0", ring)
            .Says(Verdict.Warn, "a line feed in a request forges a line", "server one 192.0.2.1:514 ssl verify none log-proto octet-count");
        Look(Debian12, "log ring@r len 8192 local0", ring.Replace("legacy", "octet-count", StringComparison.Ordinal)).IsWell();
    }

    [Test]
    public void A_ring_without_a_format_has_no_header_at_all() =>
        Look(Debian12, "log ring@r len 8192 local0", "ring r\n    server one 192.0.2.1:514 log-proto octet-count\n")
            .Says(Verdict.Warn, "there is no header at all", "log ring@r len 8192 format rfc5424 local0");

    [Test]
    public void A_file_that_cannot_be_read_is_said()
    {
        using TempDirectory temp = new();
        new LogLineCheck(HaproxyConfig.Read([temp["none.cfg"]]), null).Look().Says(Verdict.Warn, "cannot be read", "sudo");
    }

    [Test]
    public void A_directory_stands_for_its_cfg_files()
    {
        using TempDirectory temp = new();
        temp.Write("conf.d/2.cfg", "frontend web\n log global\n option tcplog\n");
        temp.Write("conf.d/1.cfg", "global\n chroot \"/var/lib/ha proxy\"\n stats socket unix@/run/a mode 600\n stats socket ipv4@127.0.0.1:1\n nbthread 3\n tune.sndbuf.backend 8m\n");
        temp.Write("conf.d/3.txt", "global\n chroot /nowhere\n");
        HaproxyConfig config = HaproxyConfig.Read([temp["conf.d"]]);
        Assert.Multiple(() =>
        {
            Assert.That(config.Files, Is.EqualTo([temp["conf.d/1.cfg"], temp["conf.d/2.cfg"]]));
            Assert.That(config.Chroot, Is.EqualTo("/var/lib/ha proxy"));
            Assert.That(config.StatsSockets, Is.EqualTo(["/run/a"]));
            Assert.That(config.Threads, Is.EqualTo(3));
            Assert.That(config.SendBuffer, Is.EqualTo(8 << 20));
            Assert.That(config.Logs, Is.Empty);
            Assert.That(config.LineFormats.Single().Section, Is.EqualTo("frontend web"));
        });
    }

    [TestCase("option tcplog", "option httplog    (with mode http")]
    [TestCase("option httplog clf", "option httplog")]
    [TestCase("log-format \"%ci:%cp %ST\"", "option httplog")]
    [TestCase("log-format \"{\\\"code\\\":%ST}\"", "option httplog")]
    public void A_line_format_that_Sekoias_parser_does_not_read_is_warned_of(string line, string remedy) =>
        LookAtFormats(line).Says(Verdict.Warn, "does not take these lines of frontend web apart", remedy);

    [TestCase("option httplog")]
    [TestCase("option httpslog")]
    [TestCase("log-format \"${HAPROXY_HTTP_LOG_FMT}\"")]
    [TestCase("log-format \"%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %hr %hs %{+Q}r\"")]
    [TestCase("log-format \"[WEB] 1 {\\\"code\\\":%ST}\"")]
    public void A_line_format_that_it_reads_is_well(string line) => LookAtFormats(line).IsWell();

    private const string Proxy = "defaults\n    mode http\n    log global\n    timeout connect 1s\n    timeout client 1s\n    timeout server 1s\nfrontend web\n    bind 127.0.0.1:1\n";

    private static IEnumerable<Diagnosis> Look(Version? version, string line, string sections = "")
    {
        using TempDirectory temp = new();
        string file = temp.Write("haproxy.cfg", $"global\n    {line}\n{sections}{Proxy}");
        return [.. new LogLineCheck(HaproxyConfig.Read([file]), version).Look()];
    }

    private static IEnumerable<Diagnosis> LookAtFormats(string line)
    {
        using TempDirectory temp = new();
        string file = temp.Write("haproxy.cfg", $"{Proxy}    {line}\n");
        return [.. new LineFormatCheck(HaproxyConfig.Read([file])).Look()];
    }
}
