using Concentrator.Tests.EndToEnd;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Peers;

/// <summary>Metrics that are pushed over OTLP, to a real VictoriaMetrics.</summary>
internal sealed class OtlpTests : ServerTests
{
    private string Socket => Directory.Socket("log");

    [Test]
    public void What_is_pushed_is_what_is_scraped_and_balances()
    {
        int port = FreePort.Next();
        using VictoriaMetrics receiver = new(Directory, port);
        using TlsIntake intake = NewIntake(keepFrames: false);
        ServerProcess server = Start(Configuration(VictoriaMetrics.OtlpEndpoint(port), intake));
        using (DatagramSender sender = DatagramSender.Unix(Socket)) sender.Send(NumberedMessage.LocalHttpLog, 0, 500);
        server.WaitForMetrics(static metrics => metrics.Sum("concentrator_output_delivered_messages_total") == 1000, "all is delivered");
        foreach ((string query, double expected) in new[]
        {
            ("concentrator_received_messages_total{listener=\"in\"}", 500.0),
            ("concentrator_output_delivered_messages_total{output=\"sekoia\"}", 500),
            ("concentrator_output_accepted_messages_total{output=\"file\"}", 500),
            ("concentrator_relay_connected", 1),
            ("sum(concentrator_output_accepted_messages_total) - sum(concentrator_output_delivered_messages_total) - sum(concentrator_output_queued_messages)", 0),
        })
        {
            Eventually.Holds(
                () => receiver.Query(query) is [{ } value] && value == expected, query, Deadline.Reaction,
                () => $"{string.Join(", ", receiver.Query(query))}\n{receiver.Describe()}\n{server.Log}");
        }
    }

    [Test]
    public void A_receiver_that_is_away_is_said_once_and_so_is_its_return()
    {
        int port = FreePort.Next();
        string endpoint = VictoriaMetrics.OtlpEndpoint(port);
        ServerProcess server = Start(Configuration(endpoint));
        string line = server.WaitForLine("metrics are not pushed").Single();
        Assert.That(line, Does.Contain($"WARN metrics are not pushed to {endpoint}: ").And.Contain("Connection refused").And.EndsWith("trying again every 1 s, everything else continues"));
        using VictoriaMetrics receiver = new(Directory, port);
        server.WaitForLine($"metrics are pushed to {endpoint} again");
        Assert.That(server.LogLines.Count(static said => said.Contains("metrics are", StringComparison.Ordinal)), Is.EqualTo(2), server.Log);
        using (DatagramSender sender = DatagramSender.Unix(Socket)) sender.Send(NumberedMessage.LocalHttpLog, 0, 10);
        Eventually.Holds(() => receiver.Query("concentrator_received_messages_total") is [10], "it gets the metrics");
    }

    [Test]
    public void One_that_answers_with_an_error_is_said_with_its_answer_and_the_authorization_never()
    {
        int port = FreePort.Next();
        using VictoriaMetrics receiver = new(Directory, port);
        ServerProcess server = Start(Configuration($"http://127.0.0.1:{port}/no/such/page", authorization: "Basic bm9ib2R5Om5vdGhpbmc="));
        Assert.That(server.WaitForLine("metrics are not pushed").Single(), Does.Contain("it answers 400 Bad Request"));
        Assert.That(server.Log, Does.Not.Contain("bm9ib2R5"));
    }

    private Dictionary<string, object> Configuration(string endpoint, TlsIntake? intake = null, string? authorization = null)
    {
        Dictionary<string, object> outputs = new() { ["file"] = LogFile(Directory) };
        if (intake is not null) outputs.Add("sekoia", Relay(intake, Directory));
        Dictionary<string, string> otlp = new() { ["Endpoint"] = endpoint, ["Interval"] = "00:00:01" };
        if (authorization is not null) otlp.Add("Authorization", authorization);
        return new Dictionary<string, object>
        {
            ["Listeners"] = new { @in = new { Address = $"unix-dgram:{Socket}" } },
            ["Outputs"] = outputs,
            ["Telemetry"] = new { Otlp = otlp },
        };
    }
}
