using Concentrator.Tests.Equipment;

namespace Concentrator.Tests.JetStream;

/// <summary>Edges, and the command that adds a cluster up.</summary>
internal abstract class ClusterLedgerBase : NatsListenerBase
{
    protected ServerProcess StartEdgeIn(
        TempDirectory directory, IEnumerable<string> servers, object? spool = null, Dictionary<string, object>? more = null,
        IReadOnlyDictionary<string, string?>? environment = null, string? binary = null, string transport = "unix-stream")
    {
        Dictionary<string, object> output = new() { ["Type"] = "nats", ["Servers"] = servers.ToArray(), ["Stream"] = "LOGS", ["CreateStream"] = new { Replicas = 1 } };
        foreach ((string key, object value) in more ?? []) output[key] = value;
        return Start(
            new
            {
                Listeners = new { @in = new { Address = $"{transport}:{directory.Socket("log")}" } },
                Outputs = new Dictionary<string, object> { ["edge"] = output },
                Spool = spool ?? new { },
            },
            directory, environment, binary);
    }

    protected static void SendTo(TempDirectory directory, int first, int count)
    {
        using StreamSender sender = StreamSender.Unix(directory.Socket("log"), Messages.FrameScanning.Framing.OctetCounted);
        sender.Send(NumberedMessage.HttpLog, first, count);
        sender.FinishSending();
    }

    protected static string Words(string text) => string.Join(' ', text.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries));

    /// <summary>Asks with the configuration of the server in that directory, which need not run.</summary>
    protected static (int Exit, string Text) AskOf(TempDirectory directory, params string[] more)
    {
        (int exit, string output, string errors) = ServerProcess.Run(directory, ["status", "--cluster", "--config", directory["concentrator.json"], .. more]);
        return (exit, output + errors);
    }
}
