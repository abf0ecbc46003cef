using System.Globalization;
using Concentrator.Accounting;

namespace Concentrator.Tools.Demo;

/// <summary>Compares the parties' counts. Each sentence names a number that differs.</summary>
internal static class DemoVerdict
{
    /// <summary>The differences; empty = every message is accounted for.</summary>
    public static IReadOnlyList<string> Problems(DemoResult result) =>
    [
        .. result.Senders.SelectMany(sender => OfSender(sender, result.Listeners)),
        .. result.Listeners.SelectMany(static l => Unless(l.Balances, $"listener {l.Name}: received does not equal routed + unrouted")),
        .. result.Outputs.SelectMany(output => OfOutput(output, result.Sent)),
        .. OfArrival("the file", "lines", result.File, result.Sent),
        .. Unless(result.File.Duplicates == 0, $"the file contains {N(result.File.Duplicates)} lines twice"),
        .. OfArrival("the intake", "frames", result.Intake.Frames, result.Sent),
        .. Unless(result.Intake.WithoutKey == 0, $"the intake received {N(result.Intake.WithoutKey)} frames without its key"),
        .. Unless(result.Intake.BrokenStreams == 0, $"the intake found invalid framing on {N(result.Intake.BrokenStreams)} connections"),
    ];

    private static IEnumerable<string> OfSender(SenderResult sender, IReadOnlyList<ListenerSnapshot> listeners)
    {
        string name = sender.Plan.Listener;
        ListenerSnapshot listener = listeners.FirstOrDefault(l => l.Name == name);
        string kernel = listener.KernelDropped == 0 ? "" : $" (the kernel dropped {N(listener.KernelDropped)})";
        return
        [
            .. Unless(sender.Failure is null, $"the sender to {name} gave up: {sender.Failure}"),
            .. Unless(
                listener.Received == sender.Sent,
                $"listener {name} received {N(listener.Received)} of {N(sender.Sent)} sent{kernel}"),
            .. Unless(
                listener.Malformed == sender.Malformed,
                $"listener {name} counted {N(listener.Malformed)} malformed of {N(sender.Malformed)} sent"),
            .. Unless(listener.Unrouted == 0, $"listener {name} had no route for {N(listener.Unrouted)}"),
        ];
    }

    private static IEnumerable<string> OfOutput(OutputSnapshot output, long sent) =>
    [
        .. Unless(output.Balances, $"output {output.Name}: accepted does not equal delivered + queued + dropped"),
        .. Unless(output.Accepted == sent, $"output {output.Name} accepted {N(output.Accepted)} of {N(sent)} sent"),
        .. Unless(
            output.Delivered == output.Accepted,
            $"output {output.Name} delivered {N(output.Delivered)} of {N(output.Accepted)} "
            + $"(queued {N(output.Queued)}, dropped {N(output.DroppedTotal)})"),
    ];

    private static IEnumerable<string> OfArrival(string place, string things, Arrival arrival, long sent) =>
    [
        .. Unless(arrival.Missing == 0, $"{N(arrival.Missing)} of {N(sent)} sent are missing at {place}"),
        .. Unless(arrival.Strangers == 0, $"{place} contains {N(arrival.Strangers)} {things} that were not sent"),
        .. Unless(arrival.Distinct == sent, $"{place} contains {N(arrival.Distinct)} distinct {things} of {N(sent)} sent"),
    ];

    private static IEnumerable<string> Unless(bool right, string problem) => right ? [] : [problem];

    private static string N(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
