using Concentrator.Messages.FrameScanning;
using Concentrator.Tests.EndToEnd;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Faults;

/// <summary>kill -9 while messages of every size wait for a file that cannot be written: up to MaxMemory, all of them are kept.</summary>
internal sealed class LargeMessageKillTests : FaultTests
{
    [TestCase("40 KB", 1500, false)]
    [TestCase("40 KB", 1500, true)]
    [TestCase("all sizes", 300, false)]
    [TestCase("small ones between large ones", 600, false)]
    [TestCase("tabs", 100, false)]
    public void Kill_9_keeps_messages_of_every_size_that_wait_for_their_file(string sizes, int count, bool onTmpfs)
    {
        Random random = new(20261128);
        string[] texts = [.. Enumerable.Range(0, count).Select(number => $"{number} {Body(sizes, number, random)} end")];
        System.IO.Directory.CreateDirectory(Directory["out.log"]);
        Dictionary<string, string?> environment = [];
        if (onTmpfs) environment["RUNTIME_DIRECTORY"] = Own(new TmpFs(Directory["run"], "600m")).Path;
        object configuration = new
        {
            Listeners = new { tcp = new { Address = $"tcp://127.0.0.1:{Port}", MaxMessageSize = "1MB" } },
            Outputs = new { file = LogFile(Directory) },
        };
        ServerProcess first = Start(configuration, environment: environment);
        using (StreamSender sender = StreamSender.Tcp(Port, Framing.OctetCounted))
        {
            foreach (string text in texts) sender.Send(Lines.Message(text));
            first.WaitForMetrics(m => m.Sum("concentrator_received_messages_total") == count, "all are received", Deadline.Transfer);
            Assert.That(first.Metrics().Sum("concentrator_output_queued_messages"), Is.EqualTo(count));
            first.Kill();
        }
        System.IO.Directory.Delete(Directory["out.log"]);
        ServerProcess next = Start(configuration, environment: environment);
        next.WaitForMetrics(static m => m.Sum("concentrator_output_queued_messages") == 0, "all are written", Deadline.Transfer);
        string[] lines = File.ReadAllLines(Directory["out.log"]);
        int[] missing = [.. Enumerable.Range(0, count).Where(i => i >= lines.Length || !lines[i].EndsWith(Escaped(texts[i]), StringComparison.Ordinal))];
        TestContext.Out.WriteLine($"{sizes}: {count} sent, {lines.Length} lines, {missing.Length} missing or out of place");
        Assert.That(lines, Has.Length.EqualTo(count));
        Assert.That(missing, Is.Empty);
        Assert.That(next.Stop(), Is.Zero);
    }

    [TestCase("all sizes", 10, 120)]
    [TestCase("small ones between large ones", 10, 60)]
    public void Kills_one_after_another_keep_what_waits_for_its_file(string sizes, int kills, int perKill)
    {
        Random random = new(20261129);
        string[] texts = [.. Enumerable.Range(0, kills * perKill).Select(number => $"{number} {Body(sizes, number, random)} end")];
        System.IO.Directory.CreateDirectory(Directory["out.log"]);
        object configuration = new
        {
            Listeners = new { tcp = new { Address = $"tcp://127.0.0.1:{Port}", MaxMessageSize = "1MB" } },
            Outputs = new { file = LogFile(Directory) },
        };
        for (int kill = 0; kill < kills; kill++)
        {
            // With a file that cannot be written it is not ready.
            ServerProcess server = Launch(configuration);
            server.WaitForLine("listening on");
            using StreamSender sender = StreamSender.Tcp(Port, Framing.OctetCounted);
            foreach (string text in texts[(kill * perKill)..((kill + 1) * perKill)]) sender.Send(Lines.Message(text));
            int due = (kill + 1) * perKill;
            server.WaitForMetrics(m => m.Sum("concentrator_output_queued_messages") == due, $"{due} are queued", Deadline.Transfer);
            server.Kill();
        }
        System.IO.Directory.Delete(Directory["out.log"]);
        ServerProcess last = Start(configuration);
        last.WaitForMetrics(static m => m.Sum("concentrator_output_queued_messages") == 0, "all are written", Deadline.Transfer);
        string[] lines = File.ReadAllLines(Directory["out.log"]);
        Assert.That(lines, Has.Length.EqualTo(texts.Length));
        for (int i = 0; i < lines.Length; i++) Assert.That(lines[i].EndsWith(Escaped(texts[i]), StringComparison.Ordinal), $"line {i} is message {i}");
        Assert.That(last.Stop(), Is.Zero);
    }

    private static string Body(string sizes, int number, Random random) => sizes switch
    {
        "40 KB" => new string('x', 40_000),
        "all sizes" => new string('x', (int)Math.Pow(2, random.NextDouble() * 18)),
        "tabs" => new string('\t', 25_000),
        _ => number % 2 == 0 ? "small" : new string('x', 72_000),
    };

    private static string Escaped(string text) => text.Replace("\t", "#011", StringComparison.Ordinal);
}
