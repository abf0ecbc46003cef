using System.Globalization;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Peers;

/// <summary>Each header that HAProxy can write, over its log socket, to a listener that is told what to expect.</summary>
[TestFixtureSource(typeof(HAProxy), nameof(HAProxy.Versions))]
internal sealed class HAProxyFormatTests(string version)
{
    // Facility local3, severity info; formats that send no facility decode as kern (docs/reference/haproxy.md, Headers).
    private const int Local3Info = (19 << 3) + 6;
    private const int KernInfo = 6;
    private const int Default = 13;

    [TestCase("local", "local", Local3Info, false, true)]
    [TestCase("rfc3164", "rfc3164", Local3Info, true, true)]
    [TestCase("rfc5424", "rfc5424", Local3Info, true, true)]
    [TestCase("priority", "auto", Local3Info, false, false)]
    [TestCase("short", "auto", KernInfo, false, false)]
    [TestCase("timed", "timed", KernInfo, false, false)]
    [TestCase("iso", "iso", Default, false, false)]
    [TestCase("raw", "raw", Default, false, false)]
    public void A_header_arrives_as_the_fields_that_it_has(string header, string hint, int pri, bool hasHost, bool hasTag)
    {
        using TempDirectory directory = new();
        using TlsIntake intake = new(TestCertificates.Server);
        using HAProxy haproxy = new(new HAProxySetup
        {
            Log = [$"/dev/log len 4096 format {header} local3"],
            Global = ["log-send-hostname edge.example.test"],
            SendHostname = false,
            LogFormat = "\"%ST %HM %HU\"",
        }, HAProxy.OfVersion(version));
        using ServerProcess server = new ServerSetup(directory)
            .Listen("haproxy", $"unix-dgram:{haproxy.LogSocket}", $"\"Format\": \"{hint}\"")
            .Relay(intake.Port)
            .Start();

        haproxy.Request(3, connections: 1);

        RelayedFrame[] frames = [.. intake.WaitForFrames(3).Select(static frame => RelayedFrame.Read(frame.Bytes))];
        string host = hasHost ? "edge.example.test" : File.ReadAllText("/proc/sys/kernel/hostname").Trim();
        string pid = haproxy.Pid.ToString(CultureInfo.InvariantCulture);
        for (int n = 0; n < 3; n++)
        {
            RelayedFrame expected = new(
                pri, frames[n].Timestamp, host, hasTag ? "haproxy" : "-", hasTag ? pid : "-", ServerSetup.IntakeKey, $"200 GET /?seq={n}");
            Assert.That(frames[n], Is.EqualTo(expected));
        }
        LedgerAssert.AllWellFormed(server, 3);
    }
}
