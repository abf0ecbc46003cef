using System.Text;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.EndToEnd;

/// <summary>The server on a configuration that <c>concentrator import</c> wrote.</summary>
internal sealed class ImportedServerTests : ServerTests
{
    [Test]
    public void Debians_snippet_imported_writes_haproxys_lines_and_no_others()
    {
        string socket = Directory.Socket("log");
        string snippet = RsyslogSamples.Debian
            .Replace("/var/lib/haproxy/dev/log", socket, StringComparison.Ordinal)
            .Replace("/var/log/haproxy.log", Directory["haproxy.log"], StringComparison.Ordinal);
        string file = Directory.Write("49-haproxy.conf", snippet);
        (int code, string report, string errors) = ServerProcess.Run(Directory, "import", file, "--output", Directory["imported.json"]);
        Assert.That(code, Is.Zero, report + errors);

        ServerProcess server = Start(File.ReadAllText(Directory["imported.json"]));
        using DatagramSender sender = DatagramSender.Unix(socket);
        sender.Send(Encoding.UTF8.GetBytes("<134>Nov 22 05:38:11 haproxy[1234]: one"));
        sender.Send(Encoding.UTF8.GetBytes("<134>Nov 22 05:38:11 nginx[7]: not this"));
        sender.Send(Encoding.UTF8.GetBytes("<134>Nov 22 05:38:11 haproxy-edge[1234]: two"));
        IReadOnlyList<string> lines = WaitForLines(Directory["haproxy.log"], 2);
        server.WaitForMetrics(static m => m.Sum("concentrator_received_messages_total") == 3, "all are received");
        Assert.That(server.Stop(), Is.Zero);
        Assert.That(File.ReadAllLines(Directory["haproxy.log"]), Is.EqualTo(lines));
        Assert.That(lines.Select(static line => line[(line.IndexOf(' ', line.IndexOf(' ', StringComparison.Ordinal) + 1) + 1)..]),
            Is.EqualTo(new[] { "haproxy[1234]: one", "haproxy-edge[1234]: two" }));
    }
}
