using System.Text.Json;
using System.Text.RegularExpressions;
using Concentrator.Tests.Equipment;
using Concentrator.Tools.Commands;
using NUnit.Framework;

namespace Concentrator.Tests.EndToEnd;

/// <summary><c>concentrator trace</c>: one message, followed through a running server.</summary>
internal sealed class TraceTests : ServerTests
{
    [Test]
    public void A_message_is_followed_to_the_file_and_to_the_intake_that_acknowledges_it()
    {
        using TlsIntake intake = NewIntake();
        ServerProcess server = Start(new { Listeners = Log(), Outputs = new { file = LogFile(Directory), sekoia = Relay(intake, Directory) } });
        (int exit, string output, string errors) = Trace();
        Assert.That((exit, errors), Is.EqualTo((ExitCodes.Success, "")), server.Describe);
        string mark = Regex.Match(output, "with mark ([0-9A-F]{16})").Groups[1].Value;
        string[] lines = [.. Lines(output)];
        Assert.That(lines[..6], Is.EqualTo(new[]
        {
            $"sent to listener log at unix-dgram:{Directory["log"]}, as program concentrator-trace, with mark {mark}",
            "received by listener log, ## bytes",
            "parsed as rfc3164 without host name: local0.info, program concentrator-trace",
            "routed Routes:0 to file; Routes:0 to sekoia",
            "queued file: in its queue",
            "queued sekoia: in its queue",
        }));
        Assert.That(lines[6..^1], Is.EquivalentTo(new[]
        {
            "stored sekoia: on disk, in its spool",
            $"acknowledged sekoia: by localhost:{intake.Port}, TLS 1.3, certificate CN=localhost, valid until 20##-##-##",
            $"written file: to {Directory["out.log"]}",
        }));
        Assert.That(Array.FindIndex(lines, static line => line.StartsWith("stored", StringComparison.Ordinal)),
            Is.LessThan(Array.FindIndex(lines, static line => line.StartsWith("acknowledged", StringComparison.Ordinal))));
        Assert.That(lines[^1], Does.Match("^every output that it is routed to has it: (file, sekoia|sekoia, file)$"));
        Assert.That(File.ReadAllText(Directory["out.log"]), Does.Contain($"concentrator trace: mark {mark}"));
        Assert.That(intake.WaitForFrames(1), Has.Count.EqualTo(1));
    }

    [TestCase("dgram")]
    [TestCase("stream")]
    [TestCase("udp")]
    [TestCase("tcp")]
    [TestCase("tls")]
    [TestCase("counted")]
    [TestCase("modern")]
    public void A_message_goes_through_a_listener_of_any_kind(string listener)
    {
        (string certificate, string key) = TestCertificates.Server.WritePem(Directory.Path, "server");
        Start(new
        {
            Listeners = new
            {
                dgram = new { Address = $"unix-dgram:{Directory["dgram"]}" },
                stream = new { Address = $"unix-stream:{Directory["stream"]}" },
                udp = new { Address = $"udp://0.0.0.0:{FreePort.Next()}" },
                tcp = new { Address = $"tcp://[::]:{FreePort.Next()}" },
                tls = new { Address = $"tls://127.0.0.1:{FreePort.Next()}", Tls = new { CertificateFile = certificate, KeyFile = key } },
                counted = new { Address = $"tcp://127.0.0.1:{FreePort.Next()}", Framing = "octet-counted" },
                modern = new { Address = $"unix-dgram:{Directory["modern"]}", Format = "rfc5424" },
            },
            Outputs = new { file = LogFile(Directory) },
        });
        (int exit, string output, string errors) = Trace($"--listener={listener}", "--program=haproxy");
        Assert.That((exit, errors), Is.EqualTo((ExitCodes.Success, "")), output);
        Assert.That(output, Does.Contain($"by listener {listener}").And.Contain($"parsed        as {(listener == "modern" ? "rfc5424" : "rfc3164 without host name")}: local0.info, program haproxy\n"));
        Assert.That(File.ReadAllText(Directory["out.log"]), Does.Match(@" haproxy\[\d+\]: concentrator trace: mark [0-9A-F]{16}\n$"));
    }

    [Test]
    public void Over_RELP_it_is_acknowledged_when_the_receiver_has_answered_it_and_not_before()
    {
        using RelpIntake intake = new();
        ServerProcess server = Start(new { Listeners = Log(), Outputs = new { relp = new { Type = "relp", Endpoint = $"127.0.0.1:{intake.Port}", IntakeKey } } });
        server.WaitForMetrics(static m => m.Sum("concentrator_relay_connected") == 1, "its session is open");
        intake.HoldAnswers();
        (int exit, _, string errors) = Trace("--for=1s");
        Assert.That((exit, errors), Is.EqualTo((1, "concentrator: not in 1 s: it is still in the queue of relp; concentrator status says why\n")));
        Assert.That(intake.WaitForMessages(1), Has.Count.EqualTo(1), "the receiver has it, and has not said so");
        intake.Answer();
        (exit, string output, _) = Trace();
        Assert.That(exit, Is.Zero);
        Assert.That(output, Does.Contain($"relp: by 127.0.0.1:{intake.Port}, RELP over plain TCP\n"));
    }

    [Test]
    public void Where_an_output_does_not_get_it_the_trace_says_which_and_the_others_have_it()
    {
        Start(new { Listeners = Log(), Outputs = new { file = LogFile(Directory), dead = Relay($"localhost:{FreePort.Next()}", Directory) } });
        (int exit, string output, string errors) = Trace("--for=2s");
        Assert.That((exit, errors), Is.EqualTo((1, "concentrator: not in 2 s: it is still in the queue of dead; concentrator status says why\n")));
        Assert.That(output, Does.Contain($"file: to {Directory["out.log"]}\n").And.Contain("dead: on disk, in its spool\n").And.Not.Contain("acknowledged"));
    }

    [Test]
    public void A_message_that_no_route_takes_is_told_and_another_program_can_be_tried()
    {
        Start(new
        {
            Listeners = Log(),
            Outputs = new { file = LogFile(Directory), other = LogFile(Directory, "other.log") },
            Routes = new object[] { new { Program = "haproxy", To = new[] { "file" } }, new { Program = "nobody", To = new[] { "other" } } },
        });
        (int exit, string output, string errors) = Trace();
        Assert.That((exit, errors), Is.EqualTo((1, "concentrator: no output gets it; routes select by listener, program, severity or text: --program haproxy sends it as HAProxy's\n")));
        Assert.That(output, Does.EndWith("routed        no route took it\n"));
        (exit, output, _) = Trace("--program=haproxy");
        Assert.That(exit, Is.Zero);
        Assert.That(output, Does.EndWith("every output that it is routed to has it: file; no route leads it to other\n"));
    }

    [Test]
    public void A_message_that_an_output_drops_is_told_with_the_reason()
    {
        // A queue of 1 MB in front of a file that cannot be written, full.
        File.CreateSymbolicLink(Directory["full.log"], "/dev/full");
        ServerProcess server = Start(new
        {
            Listeners = Log(),
            Outputs = new { full = LogFile(Directory, "full.log") },
            Spool = new { MaxMemory = "1MB", WhenFull = "drop-newest" },
        });
        using (DatagramSender sender = DatagramSender.Unix(Directory["log"]))
        {
            Eventually.Holds(
                () =>
                {
                    sender.Send(NumberedMessage.LocalHttpLog, 0, 1000);
                    return server.Metrics().Sum("concentrator_output_dropped_messages_total") > 0;
                }, "the queue is full", Deadline.Transfer);
        }
        (int exit, string output, string errors) = Trace();
        Assert.That((exit, errors), Is.EqualTo((1, "concentrator: full: dropped at once: queue_full_newest\n")), output);
    }

    [Test]
    public void Json_has_a_line_for_each_station_and_one_for_the_result()
    {
        Start(new { Listeners = Log(), Outputs = new { file = LogFile(Directory) } });
        (int exit, string output, string errors) = Trace("--json");
        Assert.That((exit, errors), Is.EqualTo((ExitCodes.Success, "")));
        JsonElement[] lines = [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonDocument.Parse(line).RootElement)];
        Assert.That(lines[..^1].Select(static l => l.GetProperty("station").GetString()), Is.EqualTo(new[] { "sent", "received", "parsed", "routed", "queued", "written" }));
        Assert.That(lines[..^1].Select(static l => l.GetProperty("time").GetDateTime()), Has.All.GreaterThan(DateTime.UtcNow.AddMinutes(-1)));
        Assert.That(lines[^1].GetProperty("complete").GetBoolean());
    }

    [TestCase(null, 0, "every output that it is routed to has it: file\n")]
    [TestCase("\"%ci %ST\"", 1, "arrived in 2 s; HAProxy logged no line with it")]
    public void Through_HAProxy_the_line_of_a_request_is_followed(string? format, int expected, string result)
    {
        using HAProxy haproxy = new(new HAProxySetup { LogFormat = format });
        Start(new { Listeners = new { log = new { Address = $"unix-dgram:{haproxy.LogSocket}" } }, Outputs = new { file = LogFile(Directory) } });
        (int exit, string output, string errors) = Trace("--through=haproxy", $"--request=http://127.0.0.1:{haproxy.Port}/health?a=b", "--for=2s");
        Assert.That(exit, Is.EqualTo(expected), output + errors);
        Assert.That(output + errors, Does.Contain(result).And.Match(@"requested     http://127\.0\.0\.1:\d+/health\?a=b&concentrator-trace=[0-9A-F]{16}, answered 200\n"));
    }

    [Test]
    public void What_cannot_be_traced_is_said_in_one_line()
    {
        Says(2, $"no server listens at {Directory["spool/.control"]}");
        Start(new { Listeners = Log(), Outputs = new { file = LogFile(Directory) } });
        Says(2, "the running server has no listener \"other\"; it has log", "--listener=other");
        Says(2, "--through haproxy: name a URL of one of its frontends with --request", "--through=haproxy");
        Says(2, "--through: \"rsyslog\" is no sender that can be asked; write haproxy", "--through=rsyslog");
        Says(2, "--request: \"nonsense\" is no URL", "--through=haproxy", "--request=nonsense");
        Says(2, "cannot request http://127.0.0.1:1/", "--through=haproxy", "--request=http://127.0.0.1:1/");
        Says(2, "--program: write a name", "--program=a b");

        void Says(int expected, string reason, params string[] options)
        {
            (int exit, string output, string errors) = Trace(options);
            Assert.That((exit, output), Is.EqualTo((expected, "")));
            Assert.That(errors, Does.StartWith($"concentrator: {reason}").And.Match("^[^\n]+\n$"));
        }
    }

    private object Log() => new { log = new { Address = $"unix-dgram:{Directory["log"]}" } };

    private (int Exit, string Output, string Errors) Trace(params string[] more) =>
        ServerProcess.Run(Directory, ["trace", $"--Spool:Directory={Directory["spool"]}", .. more]);

    /// <summary>The lines without their times, digits of lengths and dates as <c>#</c>.</summary>
    private static IEnumerable<string> Lines(string output) => output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(static line => Regex.Replace(line, @"^ *[\d.]+ ms  (\w+) +", "$1 "))
        .Select(static line => Regex.Replace(line, @"\d+ bytes", "## bytes"))
        .Select(static line => Regex.Replace(line, @"20\d\d-\d\d-\d\d", "20##-##-##"));
}
