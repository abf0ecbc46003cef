using System.Globalization;
using System.Text;
using Concentrator.Accounting;

namespace Concentrator.Tools.Demo;

/// <summary>The demo's final report: every count, by every party, and whether they agree.</summary>
internal static class DemoSummary
{
    /// <summary>The number of an intake key's characters that may be shown.</summary>
    private const int KeyShown = 4;

    /// <summary>Returns true when every message is accounted for.</summary>
    public static bool Write(DemoResult result, TextWriter output)
    {
        IReadOnlyList<string> problems = DemoVerdict.Problems(result);
        output.WriteLine();
        output.WriteLine($"{(result.Interrupted ? "Interrupted" : "Done")} after {Seconds(result.Elapsed)}.");
        WriteSenders(result, output);
        WriteSection(output, "The server's own ledger:", LedgerTable.Lines(result.Listeners, result.Outputs));
        WriteArrivals(result, output);
        if (result.Outage is { } outage) WriteSection(output, "While the intake was down:", Outage(outage));
        if (Example(result.Example) is { Count: > 0 } example) WriteSection(output, "One message in its three forms:", example);
        output.WriteLine();
        output.WriteLine(problems.Count == 0
            ? $"BALANCED: {N(result.Sent)} messages sent, {N(result.File.Distinct)} in the file, "
                + $"{N(result.Intake.Frames.Distinct)} at the intake; every message is accounted for."
            : $"NOT BALANCED: {string.Join("; ", problems)}.");
        output.WriteLine();
        output.WriteLine("Next: docs/guide/haproxy-host.md (five minutes to your own HAProxy), samples/ (configurations to start from),");
        output.WriteLine("      concentrator check --config FILE (validate it), concentrator run --config FILE.");
        output.Flush();
        return problems.Count == 0;
    }

    private static void WriteSenders(DemoResult result, TextWriter output)
    {
        List<string> lines = [$"{"sent by",-26}{"sent",9}{"received",10}{"difference",12}"];
        foreach (SenderResult sender in result.Senders)
        {
            long received = result.Listeners.FirstOrDefault(l => l.Name == sender.Plan.Listener).Received;
            lines.Add($"{sender.Plan.Description,-26}{N(sender.Sent),9}{N(received),10}{N(sender.Sent - received),12}"
                + $"   -> listener {sender.Plan.Listener}");
        }
        long all = result.Listeners.Sum(static listener => listener.Received);
        lines.Add($"{"together",-26}{N(result.Sent),9}{N(all),10}{N(result.Sent - all),12}");
        WriteSection(output, "What the senders sent and the listeners received:", lines);
    }

    private static void WriteArrivals(DemoResult result, TextWriter output)
    {
        Arrival file = result.File, intake = result.Intake.Frames;
        WriteSection(output, "What arrived, by the number in each message:",
        [
            $"{"place",-26}{"counted",9}{"distinct",10}{"missing",9}{"duplicates",12}",
            $"{"lines in the file",-26}{N(file.Messages),9}{N(file.Distinct),10}{N(file.Missing),9}{N(file.Duplicates),12}",
            $"{"frames at the intake",-26}{N(intake.Messages),9}{N(intake.Distinct),10}{N(intake.Missing),9}{N(intake.Duplicates),12}"
                + $"   over {N(result.Intake.Connections)} TLS connections",
        ]);
    }

    private static List<string> Outage(OutageResult outage) =>
    [
        $"the intake was down for {Seconds(outage.IntakeAway)}, the relay without a connection for {Seconds(outage.RelayAway)}",
        $"the file received {N(outage.FileLines)} lines in that time and was never more than {N(outage.WorstFileQueue)} messages behind",
        $"the queue for the intake grew to {N(outage.PeakQueue)} messages"
            + (outage.CatchingUp is { } time ? $" and was drained {Quick(time)} after the relay reconnected" : ""),
    ];

    private static List<string> Example(Example example)
    {
        List<string> lines = [];
        if (example.Sent is { } sent) lines.Add($"as HAProxy sent it   {Printable(sent)}");
        if (example.Line is { } line) lines.Add($"in the file          {Printable(line)}");
        if (example.Frame is { } frame) lines.Add($"at the intake        {frame.Length} {MaskKey(Printable(frame))}");
        return lines;
    }

    /// <summary>Masks the intake key. Keys are never shown, not even one that lives for twenty seconds.</summary>
    private static string MaskKey(string frame)
    {
        const string Before = "intake_key=\"";
        int from = frame.IndexOf(Before, StringComparison.Ordinal) + Before.Length;
        int until = from < Before.Length ? -1 : frame.IndexOf('"', from);
        return until < 0 ? frame : string.Concat(frame.AsSpan(0, Math.Min(from + KeyShown, until)), "…", frame.AsSpan(until));
    }

    /// <summary>The bytes as text that is safe for a terminal.</summary>
    private static string Printable(byte[] bytes)
    {
        StringBuilder text = new();
        foreach (Rune rune in Encoding.UTF8.GetString(bytes).EnumerateRunes())
        {
            if (Rune.IsControl(rune)) text.Append(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}");
            else text.Append(rune);
        }
        return text.ToString();
    }

    private static void WriteSection(TextWriter output, string head, IEnumerable<string> lines)
    {
        output.WriteLine();
        output.WriteLine(head);
        foreach (string line in lines) output.WriteLine($"  {line}");
    }

    private static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s");

    /// <summary>A duration. The ledger is only read at intervals, so no shorter time is claimed.</summary>
    private static string Quick(TimeSpan time) => time <= DemoRun.LookEvery
        ? $"within {DemoRun.LookEvery.TotalMilliseconds:0} ms"
        : string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:N0} ms");

    private static string N(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
