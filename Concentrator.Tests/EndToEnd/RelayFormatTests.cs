using System.Text;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.EndToEnd;

/// <summary>What a relay's keys make of control characters and structured data.</summary>
internal sealed class RelayFormatTests : ServerTests
{
    private const string Data = "[junos@2636 a=\"b\"]";

    [Test]
    public void Each_relay_sends_what_its_own_keys_say()
    {
        using TlsIntake byDefault = NewIntake(), kept = NewIntake(), always = NewIntake(), rfc5424 = NewIntake();
        string ca = TestCertificates.Authority.WritePem(Directory.Path, "ca.crt");
        ServerProcess server = Start(new
        {
            Listeners = new { local = new { Address = $"unix-dgram:{Directory.Socket("log")}" } },
            Outputs = new Dictionary<string, object>
            {
                ["default"] = Relay(byDefault, Directory),
                ["kept"] = Output(kept, ca, new() { ["ControlCharacters"] = "keep", ["StructuredData"] = "drop" }),
                ["always"] = Output(always, ca, new() { ["StructuredData"] = "message" }),
                ["rfc5424"] = Output(rfc5424, ca, new() { ["Format"] = "rfc5424", ["ControlCharacters"] = "escape" }),
            },
        });
        using DatagramSender sender = DatagramSender.Unix(Directory["log"]);
        sender.Send(Encoding.Latin1.GetBytes($"<14>1 2026-11-22T06:13:25Z fw app - ID {Data}"));
        sender.Send(Encoding.Latin1.GetBytes($"<14>1 2026-11-22T06:13:25Z fw app - ID {Data} a\tb"));

        Assert.That(Ends(byDefault), Is.EqualTo(new[] { $"] ID {Data}", "] a#011b" }));
        Assert.That(Ends(kept), Is.EqualTo(new[] { "] ", "] a\tb" }));
        Assert.That(Ends(always), Is.EqualTo(new[] { $"] ID {Data}", $"] ID {Data} a#011b" }));
        Assert.That(Ends(rfc5424), Is.EqualTo(new[] { $"- ID {Data} ", $"- ID {Data} a#011b" }));
        Eventually.Holds(
            () => server.Metrics().Sum("concentrator_output_delivered_messages_total", ("output", "always")) == 2, "both are delivered");
    }

    private static Dictionary<string, object> Output(TlsIntake intake, string ca, Dictionary<string, object> keys)
    {
        keys["Type"] = "syslog-tls";
        keys["Endpoint"] = $"localhost:{intake.Port}";
        if (!keys.ContainsKey("Format")) keys["IntakeKey"] = IntakeKey;
        keys["Tls"] = new { CaFile = ca };
        return keys;
    }

    /// <summary>Each frame from the end of the key on, or from its PROCID.</summary>
    private static string[] Ends(TlsIntake intake) =>
        [.. intake.WaitForFrames(2).Select(static frame =>
        {
            string text = Encoding.Latin1.GetString(frame.Bytes);
            int start = text.IndexOf($"intake_key=\"{IntakeKey}\"", StringComparison.Ordinal);
            return start < 0 ? text[text.IndexOf(" app - ", StringComparison.Ordinal)..][5..] : text[(start + $"intake_key=\"{IntakeKey}\"".Length)..];
        })];
}
