using System.Text;
using Concentrator.Messages.HAProxyLines;
using NUnit.Framework;

namespace Concentrator.Tests.Insight;

/// <summary>An example shows a line's form and no person.</summary>
internal sealed class MaskedLineTests
{
    [TestCase(
        "192.0.2.77:48907 [22/Nov/2026:06:04:19.212] www be/s 0/0/0/0/0 200 98 SESSION=abc0 - --II 1/1/0/0/0 0/0 {www.example.test|curl} \"GET /p|q?token=7 HTTP/1.1\"",
        LineKind.OddUri,
        "192.0.2.x:48907 [22/Nov/2026:06:04:19.212] www be/s 0/0/0/0/0 200 98 SESSION=… - --II 1/1/0/0/0 0/0 {…} \"GET /p|q?… HTTP/1.1\"")]
    [TestCase(
        "2001:db8::99:51000 [22/Nov/2026:06:04:30.831] tcpin be/t1 1/0/0 6 -- 1/1/0/0/0 0/0", LineKind.TcpSession,
        "2001:db8::x:51000 [22/Nov/2026:06:04:30.831] tcpin be/t1 1/0/0 6 -- 1/1/0/0/0 0/0")]
    [TestCase(
        "127.0.0.1 - alice [22/Nov/2026:06:04:30 +0000] \"GET /clf HTTP/1.1\" 200 98 \"\" \"\" 42934 811 \"clf\"", LineKind.Clf,
        "127.0.0.x - … [22/Nov/2026:06:04:30 +0000] \"GET /clf HTTP/1.1\" 200 98 \"\" \"\" 42934 811 \"…\"")]
    [TestCase(
        "{\"client\":\"192.0.2.77\",\"port\":54286,\"ua\":\"curl\"}", LineKind.Json, "{\"client\":\"…\",\"port\":54286,\"ua\":\"…\"}")]
    [TestCase("192.0.2.77 path=/plain ua=\"curl/7.88.1\" st=200", LineKind.Custom, "192.0.2.x path=… ua=\"…\" st=…")]
    [TestCase("https://bob:pw@example.test/x?y=1", LineKind.Custom, "https://…@example.test/x?…")]
    [TestCase("bob@example.test", LineKind.Custom, "…@example.test")]
    [TestCase("Server be/s is DOWN, reason: Layer7 wrong status, info: \"X\"", LineKind.StateNotice, "Server be/s is DOWN, reason: Layer7 wrong status, info: \"…\"")]
    [TestCase("353 events dropped\0", LineKind.DroppedNotice, "353 events dropped#000")]
    [TestCase("a\nb\u00e9", LineKind.Custom, "a#012b#351")]
    [TestCase("192.0.2.7:1 [22/Nov/2026:06:04:19.212] www be/s 0/0/0/0/0 200 98 - - ---- 1/1/0/0/0 0/0 \"GET /long/pa", LineKind.Truncated,
        "192.0.2.x:1 [22/Nov/2026:06:04:19.212] www be/s 0/0/0/0/0 200 98 - - ---- 1/1/0/0/0 0/0 \"GET /long/pa")]
    public void A_line_is_masked(string line, LineKind kind, string shown) =>
        Assert.That(MaskedLine.Of(Encoding.Latin1.GetBytes(line), kind), Is.EqualTo(shown));

    [Test]
    public void A_long_line_ends_early()
    {
        string shown = MaskedLine.Of(Encoding.Latin1.GetBytes("x" + new string('y', 10_000)), LineKind.Custom);
        Assert.That(shown, Has.Length.EqualTo(MaskedLine.MostLength + 1).And.EndsWith("y…"));
    }

    [Test]
    public void Whatever_the_bytes_an_example_is_short_and_printable()
    {
        Random random = new(3);
        byte[] bytes = new byte[300];
        foreach (LineKind kind in Enum.GetValues<LineKind>())
        {
            for (int n = 0; n < 2000; n++)
            {
                random.NextBytes(bytes);
                string shown = MaskedLine.Of(bytes.AsSpan(0, random.Next(bytes.Length)), kind);
                Assert.That(shown.Length <= MaskedLine.MostLength + 1 && shown.All(static c => c is >= ' ' and < '\u007f' or '…'), shown);
            }
        }
    }
}
