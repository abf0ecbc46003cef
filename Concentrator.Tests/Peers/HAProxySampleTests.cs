using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Peers;

/// <summary>The whole job with the configuration that is shipped: HAProxy at full speed, the file, a real TLS receiver.</summary>
[TestFixtureSource(typeof(HAProxy), nameof(HAProxy.Versions))]
internal sealed partial class HAProxySampleTests(string version)
{
    private const int Requests = 10_000;

    [TestCase(RsyslogDriver.Gtls)]
    [TestCase(RsyslogDriver.Ossl)]
    public void Every_one_of_ten_thousand_requests_is_in_the_file_and_byte_for_byte_at_the_intake(RsyslogDriver driver)
    {
        using KernelSample kernel = new();
        using TempDirectory directory = new();
        using Rsyslog intake = new(driver);
        using HAProxy application = new(new HAProxySetup { Log = [] }, HAProxy.OfVersion(version));
        using HAProxy haproxy = new(at => Adapt(at, application.Port), HAProxy.OfVersion(version));
        using ServerProcess server = new ServerSetup(directory)
            .Listen("haproxy", $"unix-dgram:{haproxy.LogSocket}")
            .File("haproxy.log")
            .File("received", "raw")
            .Relay(intake.Port)
            .Start();

        haproxy.Request(Requests);
        Assert.That(haproxy.DroppedLogs(), Is.Zero, server.Describe());

        string[] received = LineFile.WaitForLines(directory["received"], Requests, Deadline.Transfer);
        string[] lines = LineFile.WaitForLines(directory["haproxy.log"], Requests, Deadline.Transfer);
        IReadOnlyList<byte[]> frames = intake.WaitForFrames(Requests, Deadline.Transfer);
        Assert.Multiple(() =>
        {
            Assert.That(received, Has.Length.EqualTo(Requests));
            Assert.That(lines, Has.Length.EqualTo(Requests));
            Assert.That(frames, Has.Count.EqualTo(Requests));
        });
        SequenceLedger sequence = new();
        for (int n = 0; n < Requests; n++)
        {
            Match sent = Sent().Match(received[n]);
            Assert.That(sent.Success, received[n]);
            sequence.Record(Encoding.Latin1.GetBytes(received[n]));
            Assert.That(sent.Groups["pid"].Value, Is.EqualTo(haproxy.Pid.ToString(CultureInfo.InvariantCulture)));
            Assert.That(sent.Groups["host"].Value, Is.EqualTo(HostName));

            string tail = $"{HostName} haproxy[{haproxy.Pid}]: {sent.Groups["msg"].Value}";
            Assert.That(BsdDate().Replace(lines[n], "", 1), Is.EqualTo(tail));

            string frame = Encoding.Latin1.GetString(frames[n]);
            Match time = RelayTime().Match(frame);
            Assert.That(time.Success, frame);
            string expected = $"<134>1 {time.Groups["time"].Value} {HostName} haproxy {haproxy.Pid} LOG "
                + $"[SEKOIA@53288 intake_key=\"{ServerSetup.IntakeKey}\"] {sent.Groups["msg"].Value}";
            Assert.That(frame, Is.EqualTo(expected));
        }
        sequence.AssertComplete(Requests);
        LedgerAssert.Balances(server.Metrics());
    }

    private static string HostName { get; } = File.ReadAllText("/proc/sys/kernel/hostname").Trim();

    /// <summary>The sample with paths and ports of this test, and nothing else changed.</summary>
    private static string Adapt(HAProxy.Place at, int applicationPort)
    {
        string text = Repository.ReadSample("haproxy.cfg");
        Replace("chroot /var/lib/haproxy", Environment.IsPrivilegedProcess ? $"chroot {at.Root}" : "");
        Replace("/run/haproxy/admin.sock", at.StatsSocket);
        Replace("bind :80", $"bind 127.0.0.1:{at.Port}");
        Replace("127.0.0.1:8080", $"127.0.0.1:{applicationPort}");
        if (!Environment.IsPrivilegedProcess)
        {
            // Only root may change root or user.
            Replace("user haproxy", "");
            Replace("group haproxy", "");
            Replace("log /dev/log", $"log {at.Root}/dev/log");
        }
        return text;

        void Replace(string from, string to)
        {
            int found = text.IndexOf($"    {from}", StringComparison.Ordinal) + 4;
            if (found < 4) found = text.IndexOf(from, StringComparison.Ordinal);
            Assert.That(found, Is.GreaterThanOrEqualTo(0), $"the sample has: {from}");
            text = string.Concat(text.AsSpan(0, found), to, text.AsSpan(found + from.Length));
        }
    }

    [GeneratedRegex(
        @"^<134>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}[+-]\d\d:\d\d (?<host>[^ ]+) haproxy (?<pid>\d+) - - (?<msg>127\.0\.0\.1:\d+ "
        + @"\[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d\.\d{3}\] web app/app1 \d+/\d+/\d+/\d+/\d+ 200 \d+ - - ---- "
        + @"\d+/\d+/\d+/\d+/\d+ \d+/\d+ ""GET /\?seq=\d+ HTTP/1\.1"")\z")]
    private static partial Regex Sent();

    [GeneratedRegex(@"^[A-Z][a-z]{2} [ 123]\d \d\d:\d\d:\d\d ")]
    private static partial Regex BsdDate();

    [GeneratedRegex(@"^<134>1 (?<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}[+-]\d\d:\d\d) ")]
    private static partial Regex RelayTime();
}
