using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Concentrator.Messages.FrameScanning;
using Concentrator.Tests.Equipment;
using Concentrator.Tools.Commands;
using NUnit.Framework;

namespace Concentrator.Tests.EndToEnd;

/// <summary><c>concentrator status</c> and <c>/status.json</c>, of the running program.</summary>
internal sealed class StatusTests : ServerTests
{
    private const int NotReady = 1;

    [Test]
    public void The_ledger_in_the_document_balances_and_is_that_of_the_metrics()
    {
        int tcp = FreePort.Next();
        using TlsIntake intake = NewIntake(keepFrames: false);
        ServerProcess server = Start(new
        {
            Listeners = new { log = new { Address = $"unix-dgram:{Directory.Socket("log")}" }, tcp = new { Address = $"tcp://127.0.0.1:{tcp}" } },
            Outputs = new { file = LogFile(Directory), sekoia = Relay(intake, Directory), dead = Relay($"localhost:{FreePort.Next()}", Directory) },
            Routes = new object[]
            {
                new { From = new[] { "log" }, To = new[] { "file", "sekoia" } },
                new { From = new[] { "tcp" }, Program = "haproxy*", To = new[] { "file", "dead" } },
            },
        });
        using DatagramSender datagrams = DatagramSender.Unix(Directory["log"]);
        datagrams.Send(NumberedMessage.LocalHttpLog, 0, 700);
        using StreamSender stream = StreamSender.Tcp(tcp, Framing.Lf);
        stream.Send(NumberedMessage.HttpLog, 700, 300);
        stream.Send("<13>Nov 22 05:38:11 edge sshd[7]: nobody routes this"u8);
        MetricsSnapshot metrics = server.WaitForMetrics(
            static m => m.Sum("concentrator_received_messages_total") == 1001 && m.Sum("concentrator_output_queued_messages") == 300
                && m.Sum("concentrator_output_delivered_messages_total") == 1700,
            "all is where it can be");
        using JsonDocument document = JsonDocument.Parse(server.StatusDocument());
        JsonElement status = document.RootElement;
        Assert.That(status.GetProperty("version").GetInt32(), Is.EqualTo(1));
        Assert.That(status.GetProperty("ready").GetBoolean(), Is.True);
        Assert.That(status.GetProperty("server").GetProperty("pid").GetInt32(), Is.EqualTo(server.Pid));
        foreach (JsonElement listener in status.GetProperty("listeners").EnumerateArray()) AssertEqual(listener, metrics);
        foreach (JsonElement output in status.GetProperty("outputs").EnumerateArray()) AssertEqual(output, metrics, intake);
        Assert.That(Names(status, "listeners"), Is.EqualTo(new[] { "log", "tcp" }));
        Assert.That(Names(status, "outputs"), Is.EqualTo(new[] { "dead", "file", "sekoia" }));
        Assert.That(status.GetProperty("listeners")[1].GetProperty("unrouted").GetInt64(), Is.EqualTo(1));
        Assert.That(status.GetProperty("listeners")[0].GetProperty("address").GetString(), Is.EqualTo($"unix-dgram:{Directory["log"]}"));
    }

    [Test]
    public void The_command_prints_the_same_document_or_a_text_of_80_columns()
    {
        ServerProcess server = Start(OneFile());
        using DatagramSender datagrams = DatagramSender.Unix(Directory["log"]);
        datagrams.Send(NumberedMessage.LocalHttpLog, 0, 5);
        server.WaitForMetrics(static m => m.Sum("concentrator_output_delivered_messages_total") == 5, "five are written");
        (int exit, string printed, string errors) = Ask(server, "--json");
        Assert.That((exit, errors), Is.EqualTo((ExitCodes.Success, "")));
        Assert.That(Lasting(printed), Is.EqualTo(Lasting(server.StatusDocument())));

        (exit, string text, errors) = Ask(server);
        Assert.That((exit, errors), Is.EqualTo((ExitCodes.Success, "")));
        string[] lines = text.Split('\n');
        Assert.That(lines, Is.All.Length.LessThanOrEqualTo(80));
        Assert.That(lines[0], Does.Match($"^concentrator [^ ]+( [(][0-9a-f]+[)])? is ready: process {server.Pid}, up "));
        Assert.That(text, Does.Match(@"(?m)^listener +received +routed +unrouted +balance\n^log +5 +5 +0 +ok\n^  unix-dgram:"));
        Assert.That(text, Does.Match(@"(?m)^output +accepted +delivered +queued +dropped +balance\n^file +5 +5 +0 +0 +ok\n^  file to "));
        Assert.That(text, Does.Not.Contain('\u001b'), "no terminal is needed");
    }

    [Test]
    public void An_error_of_the_log_is_among_the_last_and_a_server_that_is_not_ready_ends_it_with_1()
    {
        File.CreateSymbolicLink(Directory["out.log"], Directory["nowhere/out.log"]);
        ServerProcess server = Start(OneFile());
        using DatagramSender datagrams = DatagramSender.Unix(Directory["log"]);
        datagrams.Send(NumberedMessage.LocalHttpLog, 0, 1);
        server.WaitForLine("ERROR file file: ");
        Eventually.Holds(() => server.Status("/readyz") == 503, "which is said before it counts", detail: server.Describe);
        (int exit, string printed, _) = Ask(server, "--json");
        Assert.That(exit, Is.EqualTo(NotReady), printed);
        using (JsonDocument document = JsonDocument.Parse(printed))
        {
            JsonElement recent = document.RootElement.GetProperty("log").GetProperty("recent");
            JsonElement last = recent.EnumerateArray().Single(static item => item.GetProperty("level").GetString() == "ERROR");
            Assert.That(last.GetProperty("message").GetString(), Does.StartWith("file file: ").And.Contain("cannot be written: "));
            Assert.That(last.GetProperty("count").GetInt64(), Is.EqualTo(1));
            Assert.That(document.RootElement.GetProperty("ready").GetBoolean(), Is.False);
            Assert.That(document.RootElement.GetProperty("problems")[0].GetString(), Does.StartWith("file file: "));
        }
        (exit, string text, _) = Ask(server);
        Assert.That(exit, Is.EqualTo(NotReady));
        Assert.That(text, Does.Contain(" is NOT READY: ").And.Contain("! file file: ").And.Match(@"(?m)^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d ERROR file file: "));
        Assert.That(text.Split('\n'), Is.All.Length.LessThanOrEqualTo(80));

        System.IO.Directory.CreateDirectory(Directory["nowhere"]);
        File.WriteAllText(Directory["nowhere/out.log"], "");
        WaitForLines(Directory["out.log"], 1);
        Eventually.Holds(() => Ask(server).Exit == ExitCodes.Success, "ready again");
    }

    [Test]
    public void A_key_that_a_receiver_repeats_in_its_refusal_is_shown_nowhere()
    {
        using RelpIntake intake = new();
        intake.Judge = static text => $"500 I do not want {text[text.IndexOf('[', StringComparison.Ordinal)..]}";
        ServerProcess server = Start(new
        {
            Listeners = new { log = new { Address = $"unix-dgram:{Directory.Socket("log")}" } },
            Outputs = new { relp = new { Type = "relp", Endpoint = $"127.0.0.1:{intake.Port}", IntakeKey } },
        });
        using DatagramSender datagrams = DatagramSender.Unix(Directory["log"]);
        datagrams.Send(NumberedMessage.LocalHttpLog, 0, 1);
        server.WaitForLine("I do not want [SEKOIA@53288 intake_key=\"zQ7i…\"]");
        (_, string printed, _) = Ask(server, "--json");
        Assert.That(printed, Does.Contain("I do not want [SEKOIA@53288 intake_key="));
        (_, string text, _) = Ask(server);
        Assert.That(printed + text + server.Log, Does.Not.Contain(IntakeKey[..5]));
    }

    [Test]
    public void Of_a_server_that_does_not_run_there_is_one_line_and_1()
    {
        ServerProcess server = Start(OneFile());
        Assert.That(server.Stop(), Is.Zero);
        (int exit, string output, string errors) = Ask(server);
        Assert.That((exit, output), Is.EqualTo((NotReady, "")));
        Assert.That(errors, Does.StartWith("concentrator: no server answers at http://127.0.0.1:").And.Contain("systemctl status concentrator")
            .And.Not.Contain("is invalid"));
        Assert.That(errors.Split('\n'), Has.Length.EqualTo(2));
        Assert.That(Ask(server, "--json"), Is.EqualTo((exit, output, errors)));
    }

    [Test]
    public void Of_a_server_that_does_not_answer_in_time_there_is_one_line_and_1()
    {
        ServerProcess server = Start(OneFile());
        server.Send(Signal.Stop);
        try
        {
            (int exit, string output, string errors) = Ask(server, "--json");
            Assert.That((exit, output), Is.EqualTo((NotReady, "")));
            Assert.That(errors, Is.EqualTo($"concentrator: the server at http://127.0.0.1:{server.MonitoringPort}/status.json did not answer within 5 s\n"));
        }
        finally
        {
            server.Send(Signal.Cont);
        }
    }

    [Test]
    public void Where_the_configuration_cannot_be_used_the_address_in_it_is_asked_all_the_same()
    {
        ServerProcess server = Start(OneFile());
        string edited = Directory.Write("edited.json", $$"""{ "Lisseners": {}, "Monitoring": { "Address": "127.0.0.1:{{server.MonitoringPort}}" } }""");
        (int exit, string output, string errors) = ServerProcess.Run(Directory, "status", "--config", edited);
        Assert.That((exit, errors), Is.EqualTo((ExitCodes.Success, "")));
        Assert.That(output, Does.Contain($"process {server.Pid}"));
        server.Stop();
        (exit, output, errors) = ServerProcess.Run(Directory, "status", "--config", edited);
        Assert.That((exit, output), Is.EqualTo((NotReady, "")));
        Assert.That(errors, Does.Contain($":{server.MonitoringPort}/").And.Contain($"the server may use another address: {edited}:1: Lisseners: "));
        Assert.That(errors.Split('\n'), Has.Length.EqualTo(2));
    }

    [Test]
    public void Where_the_configuration_may_not_be_read_an_address_given_beside_it_is_asked_and_else_the_default_and_why_is_said()
    {
        ServerProcess server = Start(OneFile());
        string hidden = Directory.Write("hidden.json", "{}");
        File.SetUnixFileMode(hidden, UnixFileMode.None);
        Assert.That(AskAsNobody("status", "--config", hidden, $"--Monitoring:Address=127.0.0.1:{server.MonitoringPort}"),
            Is.EqualTo((ExitCodes.Success, "")));
        server.Stop();
        (int exit, string errors) = AskAsNobody("status", "--config", hidden, $"--Monitoring:Address=127.0.0.1:{server.MonitoringPort}");
        Assert.That(exit, Is.EqualTo(NotReady), errors);
        Assert.That(errors, Does.Contain($":{server.MonitoringPort}/").And.Contain("the configuration is invalid").And.Contain(hidden).And.Contain("cannot be read by user"));
        Assert.That(errors.Split('\n'), Has.Length.EqualTo(2));
    }

    [Test]
    public void A_directory_that_only_a_restart_will_use_is_not_said_to_be_the_spools()
    {
        ServerProcess server = Start(OneFile());
        string before = SpoolOf(server);
        Directory.Write("concentrator.json", Json(new
        {
            Listeners = new { log = new { Address = $"unix-dgram:{Directory.Socket("log")}" } },
            Outputs = new { other = LogFile(Directory, "other.log") },
            Spool = new { MaxSize = "123MB" },
        }));
        server.Send(Signal.Hup);
        server.WaitForLine("reloaded");
        Assert.That(SpoolOf(server), Is.EqualTo(before));
        (_, string text, _) = Ask(server);
        Assert.That(text, Does.Match(@"(?m)^other +0 +0 +0 +0 +ok\n^  file to ").And.Match(@"(?m)^file .*\n^  not in the running configuration"));

        static string SpoolOf(ServerProcess server)
        {
            using JsonDocument document = JsonDocument.Parse(server.StatusDocument());
            JsonElement spool = document.RootElement.GetProperty("spool");
            return $"{spool.GetProperty("directory")} {spool.GetProperty("bound_bytes")}";
        }
    }

    [Test]
    public void Without_status_pages_there_is_one_line_and_2()
    {
        (int exit, string output, string errors) = ServerProcess.Run(Directory, "status", "--Monitoring:Address=off");
        Assert.That((exit, output), Is.EqualTo((ExitCodes.Unusable, "")));
        Assert.That(errors, Is.EqualTo("concentrator: Monitoring:Address is off, so the server cannot be queried; set it to an address\n"));
    }

    [TestCase("SSH-2.0-OpenSSH_9.2\r\n")]
    [TestCase("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello")]
    [TestCase("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: application/json\r\n\r\n{\"version\":1}")]
    [TestCase("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")]
    [TestCase("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"version\":1,\"listeners\":[],\"ready\":true}")]
    [TestCase("HTTP/1.1 200 OK\r\nContent-Length: 17000000\r\n\r\n{")]
    public void Where_another_program_has_the_address_there_is_one_line_with_what_to_do_and_2(string answer)
    {
        (int port, string errors) = AskOneThatAnswers(answer);
        Assert.That(errors, Does.StartWith($"concentrator: another program answers at http://127.0.0.1:{port}/status.json").And.Contain($"'sport = :{port}'"));
        Assert.That(errors.Split('\n'), Has.Length.EqualTo(2));
    }

    [Test]
    public void Of_a_server_that_knows_no_such_page_yet_there_is_one_line_with_what_to_do_and_2()
    {
        (int port, string errors) = AskOneThatAnswers("HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\nno such page; see /\n");
        Assert.That(errors, Is.EqualTo($"concentrator: the server at http://127.0.0.1:{port}/status.json runs an older version without /status.json; restart it\n"));
    }

    [Test]
    public void Of_a_server_whose_document_is_of_another_version_there_is_one_line_with_what_to_do_and_2()
    {
        (int port, string errors) = AskOneThatAnswers("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"version\":200,\"listeners\":[],\"ready\":true}");
        Assert.That(errors, Does.StartWith($"concentrator: the server at http://127.0.0.1:{port}/status.json reports status version 200, but this command supports version 1"));
        Assert.That(errors.Split('\n'), Has.Length.EqualTo(2));
    }

    /// <summary>Something that is no server of this version, with and without <c>--json</c>; the exit code is 2, and nothing is printed.</summary>
    private (int Port, string Errors) AskOneThatAnswers(string answer)
    {
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        Task answering = Task.Run(() =>
        {
            for (int i = 0; i < 2; i++)
            {
                using Socket client = listener.Accept();
                client.Receive(new byte[4096]);
                client.Send(Encoding.ASCII.GetBytes(answer));
                client.Shutdown(SocketShutdown.Send);
                client.Poll(Deadline.Reaction, SelectMode.SelectRead);
            }
        });
        int port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        (int exit, string output, string errors) = ServerProcess.Run(Directory, "status", $"--Monitoring:Address=127.0.0.1:{port}");
        Assert.That((exit, output), Is.EqualTo((ExitCodes.Unusable, "")), errors);
        Assert.That(ServerProcess.Run(Directory, "status", "--json", $"--Monitoring:Address=127.0.0.1:{port}"), Is.EqualTo((exit, output, errors)));
        Assert.That(answering.Wait(Deadline.Reaction));
        return (port, errors);
    }

    /// <summary>As a user who may read what all may; the tests' own where that is not root.</summary>
    private (int Exit, string Errors) AskAsNobody(params string[] arguments)
    {
        File.SetUnixFileMode(Directory.Path, (UnixFileMode)0b111_101_101);
        string user = Environment.IsPrivilegedProcess ? $"{Peer.Require("setpriv", "util-linux")} --reuid=65534 --regid=65534 --clear-groups env HOME=/tmp " : "";
        (int exit, _, string errors) = PeerProcess.Run(
            new PeerStart { Path = "sh", Arguments = ["-c", $"exec {user}{ServerProcess.Quoted} \"$@\"", "sh", .. arguments] });
        return (exit, errors);
    }

    private object OneFile() => new
    {
        Listeners = new { log = new { Address = $"unix-dgram:{Directory.Socket("log")}" } },
        Outputs = new { file = LogFile(Directory) },
    };

    private (int Exit, string Output, string Errors) Ask(ServerProcess server, params string[] more) => ServerProcess.Run(
        Directory, ["status", string.Create(CultureInfo.InvariantCulture, $"--Monitoring:Address=127.0.0.1:{server.MonitoringPort}"), .. more]);

    private static void AssertEqual(JsonElement listener, MetricsSnapshot metrics)
    {
        (string, string) label = ("listener", listener.GetProperty("name").GetString()!);
        using IDisposable scope = Assert.EnterMultipleScope();
        Assert.That(Number(listener, "received"), Is.EqualTo(metrics.Sum("concentrator_received_messages_total", label)));
        Assert.That(Number(listener, "routed"), Is.EqualTo(metrics.Sum("concentrator_routed_messages_total", label)));
        Assert.That(Number(listener, "received_bytes"), Is.EqualTo(metrics.Sum("concentrator_received_bytes_total", label)));
        Assert.That(Number(listener, "malformed"), Is.EqualTo(metrics.Sum("concentrator_malformed_messages_total", label)));
        Assert.That(Number(listener, "received"), Is.EqualTo(Number(listener, "routed") + Number(listener, "unrouted")));
        Assert.That(listener.GetProperty("balances").GetBoolean(), Is.True);
    }

    private static void AssertEqual(JsonElement output, MetricsSnapshot metrics, TlsIntake intake)
    {
        string name = output.GetProperty("name").GetString()!;
        (string, string) label = ("output", name);
        using IDisposable scope = Assert.EnterMultipleScope();
        long dropped = 0;
        foreach (JsonProperty reason in output.GetProperty("dropped").EnumerateObject())
        {
            Assert.That(reason.Value.GetInt64(), Is.EqualTo(metrics.Sum("concentrator_output_dropped_messages_total", label, ("reason", reason.Name))), reason.Name);
            dropped += reason.Value.GetInt64();
        }
        Assert.That(Number(output, "accepted"), Is.EqualTo(metrics.Sum("concentrator_output_accepted_messages_total", label)));
        Assert.That(Number(output, "delivered"), Is.EqualTo(metrics.Sum("concentrator_output_delivered_messages_total", label)));
        Assert.That(Number(output, "queued"), Is.EqualTo(metrics.Sum("concentrator_output_queued_messages", label)));
        Assert.That(Number(output, "queued_bytes"), Is.EqualTo(metrics.Sum("concentrator_output_queued_bytes", label)));
        Assert.That(Number(output, "capacity_bytes"), Is.GreaterThan(Number(output, "queued_bytes")));
        Assert.That(Number(output, "accepted"), Is.EqualTo(Number(output, "delivered") + Number(output, "queued") + dropped));
        Assert.That(output.GetProperty("balances").GetBoolean(), Is.True);
        JsonElement relay = output.GetProperty("relay");
        Assert.That(relay.ValueKind == JsonValueKind.Null, Is.EqualTo(name == "file"), name);
        if (name == "file") return;
        Assert.That(relay.GetProperty("connected").GetBoolean(), Is.EqualTo(name == "sekoia"), name);
        Assert.That(relay.GetProperty("endpoint").GetString(), Is.EqualTo(name == "sekoia" ? $"localhost:{intake.Port}" : null));
    }

    private static long Number(JsonElement row, string name) => row.GetProperty(name).GetInt64();

    private static IEnumerable<string?> Names(JsonElement status, string list) =>
        status.GetProperty(list).EnumerateArray().Select(static row => row.GetProperty("name").GetString());

    /// <summary>What two looks a moment apart have in common.</summary>
    private static string Lasting(string document)
    {
        JsonObject status = JsonNode.Parse(document)!.AsObject();
        status.Remove("time");
        status["server"]!.AsObject().Remove("uptime_seconds");
        status["spool"]!.AsObject().Remove("free_bytes");
        foreach (JsonNode? output in status["outputs"]!.AsArray())
        {
            output!.AsObject().Remove("drain_seconds");
            output.AsObject().Remove("autonomy_seconds");
        }
        return status.ToJsonString();
    }
}
