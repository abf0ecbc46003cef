using System.Collections.Concurrent;
using System.Text;
using Concentrator.Tests.Equipment;
using Concentrator.Tests.Faults.EverySender;
using NUnit.Framework;

namespace Concentrator.Tests.Faults;

/// <summary>What each receiver must have in the end, and what each counter must say.</summary>
internal sealed partial class EverySenderSoakTests
{
    private const int StreamLimit = 256 * 1024;
    private const int DatagramLimit = 64 * 1024;
    private const int SekoiaLimit = 250 * 1024;

    /// <summary>How often something happened, by name, for the print.</summary>
    private readonly ConcurrentDictionary<string, double> _noted = new();

    private static double Queued(MetricsSnapshot metrics, string output) => metrics.Sum("concentrator_output_queued_messages", ("output", output));

    private static double Refused(MetricsSnapshot metrics) => metrics.Sum("concentrator_output_dropped_messages_total", ("reason", "refused"));

    private string[] RefusedFiles()
    {
        string refused = Path.Combine(Directory["spool"], "narrow", "refused");
        return System.IO.Directory.Exists(refused) ? System.IO.Directory.GetFiles(refused) : [];
    }

    /// <summary>Where the listener cuts.</summary>
    private static int ListenerLimit(Series series) => series.Life == Lives.All ? DatagramLimit : StreamLimit;

    private void JudgeFile(Judge judge, MetricsSnapshot metrics)
    {
        Arrivals file = Arrivals.OfFile(Directory["out.log"]);
        TestContext.Out.WriteLine($"file: {file}");
        Assert.That(judge.Faults(file, ListenerLimit, static _ => true, DroppedByUdp(metrics)), Is.Empty, "the file");
    }

    private static void JudgeIntake(Judge judge, MetricsSnapshot metrics, Arrivals intake)
    {
        // Acknowledged is not yet read.
        IReadOnlyList<string> Faults() => judge.Faults(intake, static s => Math.Min(SekoiaLimit, ListenerLimit(s)), static _ => true, DroppedByUdp(metrics));
        Eventually.TryHold(() => Faults().Count == 0, Deadline.Reaction);
        TestContext.Out.WriteLine($"intake: {intake}");
        Assert.That(Faults(), Is.Empty, "the intake");
    }

    private void JudgeNarrow(Judge judge, Series series, SyslogNg narrow)
    {
        Arrivals refused = new();
        foreach (string file in RefusedFiles()) refused.Record(File.ReadAllBytes(file));
        Arrivals arrived = Arrivals.OfFile(narrow.LogFile);
        IReadOnlyList<string> Faults() => judge.Faults(arrived = Arrivals.OfFile(narrow.LogFile), static _ => NarrowLimit, s => s == series, (_, mark) => refused.Has(mark));
        Eventually.TryHold(() => Faults().Count == 0, Deadline.Reaction);
        Mark[] all = [.. Enumerable.Range(0, series.Sent).Select(number => new Mark(series.Id, number))];
        TestContext.Out.WriteLine($"narrow: {series.Sent} sent, {arrived}; refused {refused}");
        Assert.That(Faults(), Is.Empty, "the narrow receiver");
        Assert.That(all.Where(refused.Has).Where(arrived.Has), Is.Empty, "what is refused does not arrive");
        Assert.That(all.Where(refused.Has).Where(mark => series.Length(mark.Number) <= NarrowLimit), Is.Empty, "nothing below its limit is refused");
        Assert.That(refused.Distinct(series.Id), Is.EqualTo(series.CountAbove(NarrowLimit)), "everything above its limit is refused");
    }

    private void JudgeSlow(Judge judge, MetricsSnapshot metrics, SlowReceiver slow, params Series[] series)
    {
        Arrivals queued = Export("slow");
        IReadOnlyList<string> Faults() => judge.Faults(slow.Arrivals, static _ => int.MaxValue, series.Contains, (_, mark) => queued.Has(mark));
        Eventually.TryHold(() => Faults().Count == 0, Deadline.Transfer);
        TestContext.Out.WriteLine($"slow: {series.Sum(static s => s.Sent)} sent, {slow.Arrivals} over {slow.Connections} connections; queued {queued}");
        Assert.That(Faults(), Is.Empty, "the slow receiver");
        Assert.That(slow.Violations, Is.Zero);
        Assert.That(queued.Received, Is.LessThanOrEqualTo(Queued(metrics, "slow")), "what lies there was counted as queued");
    }

    /// <summary>Of connections nothing outlives a kill, so in the last life each counter of theirs is exact.</summary>
    private static void JudgeLastLife(Judge judge, MetricsSnapshot metrics)
    {
        Series[] tcp = [.. judge.LastLife.Where(static series => series.Kind.EndsWith(" TCP", StringComparison.Ordinal))];
        int unfinished = tcp.Count(static series => series.Unfinished >= 0);
        (string, string) listener = ("listener", "tcp");
        Assert.That(metrics.Sum("concentrator_received_messages_total", listener), Is.EqualTo(tcp.Sum(static series => series.Sent) + unfinished), "received");
        Assert.That(
            metrics.Sum("concentrator_truncated_messages_total", listener), Is.EqualTo(unfinished + tcp.Sum(static series => series.CountAbove(StreamLimit))), "truncated");
    }

    /// <summary>Its kernel counts them, and not which.</summary>
    private static Func<Series, Mark, bool> DroppedByUdp(MetricsSnapshot metrics)
    {
        double left = metrics.Sum("concentrator_kernel_dropped_datagrams_total", ("listener", "udp"));
        return (series, _) => series.Kind == "UDP" && left-- > 0;
    }

    /// <summary>What a stopped server's spool holds for an output, still to be delivered.</summary>
    private Arrivals Export(string output)
    {
        (int exitCode, string lines, string errors) = ServerProcess.Run(Directory, "spool", "export", "--directory", Directory["spool"], "--output", output);
        Assert.That((exitCode, errors), Is.EqualTo((0, "")));
        Arrivals exported = new();
        exported.RecordLines(new MemoryStream(Encoding.UTF8.GetBytes(lines)));
        return exported;
    }

    private void Note(string what) => _noted.AddOrUpdate(what, 1, static (_, count) => count + 1);

    /// <summary>What a life has counted, when it is about to end.</summary>
    private void Note(MetricsSnapshot metrics)
    {
        foreach (string name in new[] { "received_messages", "malformed_messages", "truncated_messages", "kernel_dropped_datagrams", "output_dropped_messages", "relay_reconnects" })
            _noted.AddOrUpdate(name, metrics.Sum($"concentrator_{name}_total"), (_, sum) => sum + metrics.Sum($"concentrator_{name}_total"));
    }

    private void Print(SeriesBook book, Judge judge, MetricsSnapshot metrics)
    {
        Note(metrics);
        TestContext.Out.WriteLine($"{_lives.Current} kills; {string.Join(", ", _noted.OrderBy(static n => n.Key).Select(static n => $"{n.Value} {n.Key}"))}");
        foreach (IGrouping<string, Series> kind in book.All().Where(static s => s.Attempted > 0).GroupBy(static s => s.Kind))
        {
            Series[] kept = [.. kind.Where(judge.IsPromised)];
            TestContext.Out.WriteLine(
                $"  {kind.Key}: {kind.Sum(static s => s.Sent)} sent in {kind.Count()} series; promised {kept.Sum(static s => s.Sent)} in {kept.Length}");
        }
    }
}
