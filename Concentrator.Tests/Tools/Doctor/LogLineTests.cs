using Concentrator.Hosting.Senders.HaproxyConfiguration;
using Concentrator.Tests.Equipment;
using Concentrator.Tools.Doctor;
using NUnit.Framework;

namespace Concentrator.Tests.Tools.Doctor;

/// <summary>The log lines of haproxy.cfg: what is found, and that HAProxy itself accepts what is recommended.</summary>
internal sealed class LogLineTests
{
    private static readonly Version Debian12 = new(2, 6, 12);
    private static readonly Version Newer = new(3, 2, 0);
    private static readonly Version Mended = new(3, 2, 26);
    private static readonly Version Debian13 = new(3, 0, 11);

    [Test]
    public void The_sample_is_well()
    {
        using TempDirectory temp = new();
        string file = temp.Write("haproxy.cfg", Repository.ReadSample("haproxy.cfg"));
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
        found[0].Says(Verdict.Warn, "truncated at 1024 bytes; without a format", "log /dev/log len 8192 format rfc5424 local0");
        found[1].Says(Verdict.Warn, $"every message of severity notice or worse is sent twice: {file}:2", $"sed -i '3{{/log.*local1/d}}' {file}");

        // As it is printed, without the reload.
        (int exitCode, _, string errors) = PeerProcess.Run(new PeerStart { Path = "/bin/sh", Arguments = ["-c", found[1].Remedy!.Split(" && ")[0]] });
        Assert.That(exitCode, Is.Zero, errors);
        Assert.That(File.ReadAllText(file), Does.Contain("local0").And.Not.Contain("local1"));
        Assert.That(new LogLineCheck(HaproxyConfig.Read([file]), Debian12).Look().Select(static one => one.Finding), Has.None.Contains("twice"));
    }

    [TestCase("log tcp@192.0.2.1:514 format rfc5424 len 8192 local0")]
    [TestCase("log stream+ipv4@192.0.2.1:514 format rfc5424 len 8192 local0")]
    public void A_line_over_tcp_fails_from_3_1_to_3_2_0_and_is_warned_of_elsewhere(string line)
    {
        Look(Newer, line).Says(Verdict.Fail, "HAProxy 3.2.0 sends 16 KB/s over it", "update HAProxy to 3.2.26 or later; or:\nlog ring@concentrator");
        Look(new Version(3, 1), line).Says(Verdict.Fail, "loses the rest", "format rfc5424");
        Look(Debian12, line).Says(Verdict.Warn, "after an update from 2.6.12 to 3.1", "server c1 192.0.2.1:514 log-proto octet-count");
        Look(Mended, line).Says(Verdict.Warn, "an implicit ring of 16 KB, delimited by line feeds: a client can forge lines", "log-proto octet-count");
        Assert.That(Look(Mended, line).Single().Finding, Does.Not.Contain("lost").And.Not.Contain("update"));
        foreach (Version unknown in new[] { new Version(3, 2, 7), new Version(3, 3, 1), new Version(3, 5) })
            Look(unknown, line).Says(Verdict.Warn, $"{unknown} is untested", "update HAProxy to 3.2.26 or a later 3.2");
        Look(null, line).Says(Verdict.Warn, "the version running here is unknown", "ring concentrator");
    }

    [Test]
    public void A_remedy_with_octet_counts_does_not_lead_HAProxy_3_0_into_a_ring_that_stays_silent()
    {
        const string First = "log to a unix socket, or update HAProxy 3.0.11 to 3.2 first (its octet-counted rings do not reconnect after the receiver closes); then:\n";
        Look(Debian13, "log tcp@192.0.2.1:514 format rfc5424 len 8192 local0").Says(Verdict.Warn, "a client can forge lines", $"{First}log ring@concentrator");
        Look(Debian13, "log ring@r len 8192 local0", "ring r\n    format rfc5424\n    server one 192.0.2.1:514\n")
            .Says(Verdict.Warn, "forge a line", $"{First}server one 192.0.2.1:514 log-proto octet-count");
        Look(Mended, "log ring@r len 8192 local0", "ring r\n    format rfc5424\n    server one 192.0.2.1:514\n")
            .Says(Verdict.Warn, "forge a line", "server one 192.0.2.1:514 log-proto octet-count");
    }

    [Test]
    public void HAProxy_accepts_the_ring_that_is_recommended_and_the_doctor_too()
    {
        string remedy = Look(Mended, "log tcp@192.0.2.1:514 local3").Single().Remedy!;
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
        new LogLineCheck(HaproxyConfig.Read([file]), Mended).Look().IsWell();
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

    [TestCase("raw", "the message has no header")]
    [TestCase("short", "no time, no program and no facility")]
    [TestCase("timed", "no program and no facility")]
    [TestCase("priority", "no time and no program")]
    [TestCase("iso", "no program, no facility and no severity")]
    public void A_format_whose_header_lacks_the_program_is_warned_of(string format, string lack) =>
        Look(Mended, $"log /dev/log len 8192 format {format} local0").Says(Verdict.Warn, lack, "log /dev/log len 8192 format rfc5424 local0");

    [TestCase("local")]
    [TestCase("rfc3164")]
    [TestCase("rfc5424")]
    public void A_format_with_program_and_severity_is_let_be(string format) => Look(Mended, $"log /dev/log len 8192 format {format} local0").IsWell();

    [Test]
    public void In_log_forward_the_header_stays_as_it_came_and_no_format_is_better()
    {
        const string Forward = "log-forward relayed\n    bind 127.0.0.1:1514\n    log 192.0.2.1:514 ";
        Look(Mended, "maxconn 10", $"{Forward}len 8192 local0\n").IsWell();
        Look(Mended, "maxconn 10", $"{Forward}local0\n").Says(Verdict.Warn, "truncated at 1024 bytes", "log 192.0.2.1:514 len 8192 local0");
        Look(Mended, "maxconn 10", $"{Forward}len 8192 format raw local0\n").Says(Verdict.Warn, "has no header", "log 192.0.2.1:514 len 8192 local0");
    }

    [Test]
    public void Lines_that_no_log_takes_back_are_let_be()
    {
        const string Silenced = "defaults quiet\n    log /dev/log local7\n    log /dev/log local6\n    option tcplog\nfrontend silent from quiet\n    no log\n    option tcplog\n";
        Look(Debian12, "log /dev/log len 8192 format rfc5424 local0", Silenced).IsWell();
        using TempDirectory temp = new();
        string file = temp.Write("haproxy.cfg", Silenced);
        Assert.That(new LineFormatCheck(HaproxyConfig.Read([file])).Look(), Is.Empty);
        file = temp.Write("haproxy.cfg", Silenced.Replace("    no log\n", "", StringComparison.Ordinal));
        Assert.That(new LineFormatCheck(HaproxyConfig.Read([file])).Look(), Has.Exactly(2).Items);
        Assert.That(new LogLineCheck(HaproxyConfig.Read([file]), Debian12).Look(), Has.Exactly(2).Items);
    }

    [TestCase("log stdout format raw local0")]
    [TestCase("log fd@3 local0")]
    public void A_line_that_goes_to_no_syslog_receiver_is_let_be(string line) => Look(Debian12, line).IsWell();

    [Test]
    public void A_ring_that_ends_frames_by_line_feeds_is_warned_of()
    {
        string ring = "ring r\n    format rfc5424\n    size 16777216\n    server one 192.0.2.1:514 log-proto legacy ssl verify none\n";
        Look(Debian12, "log ring@r len 8192 local0", ring)
            .Says(Verdict.Warn, "a line feed in a request can forge a line", "server one 192.0.2.1:514 ssl verify none log-proto octet-count");
        Look(Debian12, "log ring@r len 8192 local0", ring.Replace("legacy", "octet-count", StringComparison.Ordinal)).IsWell();
    }

    [TestCase("log ring@r len 8192 local0")]
    [TestCase("log ring@r len 8192 format rfc5424 local0")]
    public void A_ring_without_a_format_has_no_header_at_all_whatever_the_log_line_says(string line) =>
        Look(Debian12, line, "ring r\n    size 16777216\n    server one 192.0.2.1:514 log-proto octet-count\n")
            .Says(Verdict.Warn, "the message has no header", "format rfc5424    (in the section ring r)");

    [TestCase(1024, 8192, "maxlen 8192    (in the section ring r)")]
    [TestCase(8192, 65535, "maxlen 65535    (in the section ring r)")]
    public void A_rings_maxlen_that_cuts_is_warned_of(int maxLength, int length, string remedy) =>
        Look(Debian12, $"log ring@r len {length} local0", $"ring r\n    format rfc5424\n    size 16777216\n    maxlen {maxLength}\n    server one 192.0.2.1:514 log-proto octet-count\n")
            .Says(Verdict.Warn, $"maxlen {maxLength}: longer lines are silently truncated", remedy);

    [TestCase("")]
    [TestCase("    maxlen 8192\n")]
    [TestCase("    maxlen 16384\n")]
    public void A_ring_without_a_shorter_maxlen_is_well(string maxLength) =>
        Look(Debian12, "log ring@r len 8192 local0", $"ring r\n    format rfc5424\n    size 16777216\n{maxLength}    server one 192.0.2.1:514 log-proto octet-count\n").IsWell();

    [TestCase("", 16_384)]
    [TestCase("    size 65536\n", 65_536)]
    public void A_small_ring_of_HAProxy_2_6_which_may_stop_for_good_is_warned_of(string size, int bytes)
    {
        string ring = $"ring r\n    format rfc5424\n{size}    server one 192.0.2.1:514 log-proto octet-count\n";
        Look(Debian12, "log ring@r len 8192 local0", ring).Says(Verdict.Warn, $"a ring of {bytes} bytes is full at each burst", "size 16777216    (in the section ring r)");
        Look(Mended, "log ring@r len 8192 local0", ring).IsWell();
    }

    [Test]
    public void A_backend_in_mode_log_without_octet_counts_is_warned_of_as_a_ring()
    {
        const string Line = "log backend@b len 8192 format rfc5424 local0";
        const string Backend = "backend b\n    mode log\n    server one 192.0.2.1:514\n    server two udp@192.0.2.2:514\n";
        Look(Mended, Line, Backend).Says(Verdict.Warn, "backend b delimits frames by line feeds", "server one 192.0.2.1:514 log-proto octet-count");
        Look(Mended, Line, Backend.Replace("1:514", "1:514 log-proto octet-count", StringComparison.Ordinal)).IsWell();
        Look(Mended, Line, Backend.Replace("    server one", "    default-server log-proto octet-count\n    server one", StringComparison.Ordinal)).IsWell();
        Look(Mended, Line, Backend.Replace("mode log", "mode tcp", StringComparison.Ordinal)).IsWell();
    }

    [Test]
    public void A_file_that_cannot_be_read_is_said()
    {
        using TempDirectory temp = new();
        new LogLineCheck(HaproxyConfig.Read([temp["none.cfg"]]), null).Look().Says(Verdict.Warn, "cannot be read", "haproxy -f /FULL/PATH");
        new LogLineCheck(HaproxyConfig.Read([temp["none.cfg"]]), null).Look().Says(Verdict.Warn, "cannot be read", RefusedInspectionTests.Expected);
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
            Assert.That(config.StatsSockets.Select(static socket => socket.EndPoint?.ToString()), Is.EqualTo(["/run/a", "127.0.0.1:1"]));
            Assert.That(config.Threads, Is.EqualTo(3));
            Assert.That(config.SendBuffer, Is.EqualTo(8 << 20));
            Assert.That(config.Logs, Is.Empty);
            Assert.That(config.LineFormats.Single().Section.Title, Is.EqualTo("frontend web"));
        });
    }

    [Test]
    public void Users_and_groups_of_other_sections_are_not_HAProxys_own()
    {
        using TempDirectory temp = new();
        const string Lists = "userlist admins\n group staff\n user bob insecure-password x\nprogram api\n user nobody\n group nogroup\n";
        HaproxyConfig config = HaproxyConfig.Read([temp.Write("haproxy.cfg", $"global\n user haproxy\n group haproxy\n{Lists}")]);
        Assert.That((config.User, config.Group), Is.EqualTo(("haproxy", "haproxy")));
    }

    [TestCase("option tcplog", "option httplog    (with mode http")]
    [TestCase("option httplog clf", "option httplog")]
    [TestCase("log-format \"%ci:%cp %ST\"", "option httplog")]
    [TestCase("log-format \"{\\\"code\\\":%ST}\"", "option httplog")]
    public void A_line_format_that_Sekoias_parser_does_not_read_is_warned_of(string line, string remedy) =>
        LookAtFormats(line).Says(Verdict.Warn, "cannot parse these lines of frontend web", remedy);

    [TestCase("option httplog")]
    [TestCase("option httpslog")]
    [TestCase("log-format \"${HAPROXY_HTTP_LOG_FMT}\"")]
    [TestCase("log-format \"${HAPROXY_HTTP_LOG_FMT} %sslv lc=%lc\"")]
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
