using Concentrator.Messages.FrameScanning;
using Concentrator.Tests.EndToEnd;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Faults;

/// <summary>
/// Tests that do something bad to a running server under load. The oracle is the intake's ledger of sequence numbers; each
/// test prints what was sent and what became of it.
/// </summary>
internal abstract class FaultTests : ServerTests
{
    /// <summary>Messages a second: what a busy edge proxy logs.</summary>
    protected const int Rate = 20_000;

    /// <summary>Why the full size of a long test is explicit.</summary>
    protected const string FullSize = "full size: dotnet test --filter Category=Soak";

    protected const string Soak = "Soak";

    protected int Port { get; private set; }

    [SetUp]
    public void ChoosePort() => Port = FreePort.Next();

    /// <summary>A server with one TCP listener and one relay.</summary>
    protected ServerProcess StartRelay(object relay) => Start(new
    {
        Listeners = new { tcp = new { Address = $"tcp://127.0.0.1:{Port}" } },
        Outputs = new { sekoia = relay },
        ShutdownTimeout = "00:00:05",
    });

    /// <summary>Numbered messages to that listener, until stopped.</summary>
    protected SteadyLoad StartLoad(NumberedMessage? message = null, int perSecond = Rate, int first = 0) =>
        Own(new SteadyLoad(StreamSender.Tcp(Port, Framing.OctetCounted), message ?? NumberedMessage.HttpLog, perSecond, first));

    /// <summary>All is delivered, as the server sees it; the load has been stopped.</summary>
    protected static void WaitForDelivered(ServerProcess server, int sent) => server.WaitForMetrics(
        m => m.Sum("concentrator_output_delivered_messages_total", ("output", "sekoia")) == sent, $"{sent} delivered", Deadline.Transfer);

    protected static void PrintLedger(int sent, SequenceLedger received, string of = "") => TestContext.Out.WriteLine(
        $"{of}sent {sent}, received at the intake {received.Received}, missing {received.Missing(sent).Count}, "
        + $"duplicates {received.Duplicates}, out of order {received.OutOfOrder}");

    /// <summary>How each connection ended, in the server's words.</summary>
    protected static void PrintEnds(ServerProcess server)
    {
        foreach (string line in server.LogLines.Where(static l => l.Contains(" lost: ", StringComparison.Ordinal)))
            TestContext.Out.WriteLine(line);
    }
}
