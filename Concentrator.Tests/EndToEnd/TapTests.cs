using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Concentrator.Taps;
using Concentrator.Tests.Equipment;
using Concentrator.Tools.Commands;
using Concentrator.Tools.Taps;
using NUnit.Framework;

namespace Concentrator.Tests.EndToEnd;

/// <summary><c>concentrator tap</c> of a running server.</summary>
internal sealed class TapTests : ServerTests
{
    /// <summary>What fits into a tap's ring at least, of the messages of these tests.</summary>
    private const int LeastShown = 500;

    [Test]
    public async Task A_message_is_shown_as_received_parsed_and_as_it_is_sent()
    {
        using TlsIntake intake = NewIntake();
        ServerProcess server = Start(Configuration(intake));
        Task<(int Exit, string Output, string Errors)>[] taps =
        [
            Tap("--limit=1"), Tap("--limit=1", "--as=parsed", "--program=haproxy"), Tap("--limit=1", "--as=frame", "--output=SEKOIA"),
            Tap("--limit=1", "--json", "--severity=info", "--listener=log"),
        ];
        Eventually.Holds(
            () =>
            {
                Send("with a\ttab");
                return Array.TrueForAll(taps, static tap => tap.IsCompleted);
            }, "each tap has one", Deadline.Process);
        (int Exit, string Output, string Errors)[] ended = await Task.WhenAll(taps);
        using IDisposable scope = Assert.EnterMultipleScope();
        Assert.That(ended.Select(static e => (e.Exit, e.Errors)), Is.All.EqualTo((ExitCodes.Success, "concentrator: 1 shown, 0 passed over\n")));
        Assert.That(ended[0].Output, Does.Match(@"^2\d{3}-\S+ log <134>1 \S+ edge haproxy \d+ - - with a#011tab\n$"));
        Assert.That(ended[1].Output, Does.Match(@"^2\d{3}-\S+ log: \d+ bytes, rfc5424\n"));
        Assert.That(ended[1].Output, Does.Contain("    PRI              134 local0.info\n").And.Contain("    APP-NAME         haproxy\n")
            .And.Contain("    MSGID            -\n").And.Contain("    MSG              with a#011tab\n").And.EndWith("    routes           Routes:0 to file; Routes:0 to sekoia\n"));
        Assert.That(ended[2].Output, Does.Match(@"^2\d{3}-\S+ log \d+ <134>1 \S+ edge haproxy \d+ LOG \[SEKOIA@53288 intake_key=""zQ7i…""\] with a#011tab\n$"));
        using JsonDocument json = JsonDocument.Parse(ended[3].Output);
        Assert.That(json.RootElement.GetProperty("frame").GetString(), Does.EndWith("with a#011tab"));
        Assert.That(string.Concat(ended.Select(static e => e.Output)) + server.Log, Does.Not.Contain(IntakeKey[..5]));
    }

    [Test]
    public async Task A_client_that_reads_nothing_delays_nobody_and_every_message_that_matched_was_shown_or_passed_over()
    {
        const int Count = 20_000;
        ServerProcess server = Start(Configuration());
        using TapClient tap = await TapClient.OpenAsync(Directory["spool"], new TapRequest { Text = "GET" });
        using (DatagramSender sender = DatagramSender.Unix(Directory["log"])) sender.Send(NumberedMessage.LocalHttpLog, 0, Count);
        server.WaitForMetrics(static m => m.Sum("concentrator_output_delivered_messages_total") == Count, "all are in the file while nobody reads the tap", Deadline.Transfer);
        tap.End();
        (long shown, JsonElement end) = await ReadAsync(tap);
        Assert.That(end.GetProperty("matched").GetInt64(), Is.EqualTo(Count));
        Assert.That(end.GetProperty("shown").GetInt64(), Is.EqualTo(shown));
        Assert.That(shown + end.GetProperty("passed_over_rate").GetInt64() + end.GetProperty("passed_over_slow").GetInt64(), Is.EqualTo(Count));
        Assert.That(end.GetProperty("passed_over_rate").GetInt64(), Is.Positive);
        Assert.That(shown, Is.InRange(LeastShown, Count - 1));
    }

    [Test]
    public async Task A_fifth_tap_is_refused_and_one_that_goes_away_makes_room()
    {
        ServerProcess server = Start(Configuration());
        List<TapClient> taps = [];
        for (int i = 0; i < TapPoint.Most; i++) taps.Add(await TapClient.OpenAsync(Directory["spool"], new TapRequest()));
        (int exit, _, string errors) = await Tap("--limit=1");
        Assert.That((exit, errors), Is.EqualTo((ExitCodes.Unusable, $"concentrator: process {server.Pid} refused: 4 taps are open, which is the most; end one of them\n")));
        taps[0].Dispose();
        server.WaitForLine("a watch of messages ended");
        using TapClient next = await TapClient.OpenAsync(Directory["spool"], new TapRequest { Limit = 1 });
        Send("to the next");
        Assert.That((await ReadAsync(next)).Shown, Is.EqualTo(1));
        foreach (TapClient tap in taps) tap.Dispose();
    }

    [Test]
    public async Task A_take_over_waits_for_no_tap_and_ends_it_with_its_counts()
    {
        ServerProcess first = Start(Configuration());
        using TapClient reading = await TapClient.OpenAsync(Directory["spool"], new TapRequest());
        using TapClient silent = await TapClient.OpenAsync(Directory["spool"], new TapRequest());
        Send("before");
        WaitForLines(Directory["out.log"], 1);
        ServerProcess second = Launch(Configuration(), binary: Wrapped.Script(Directory, "exec SERVER --take-over"));
        Assert.That(first.WaitForExit(), Is.Zero, first.Describe());
        second.WaitUntilReady();
        (long shown, JsonElement end) = await ReadAsync(reading);
        Assert.That((shown, end.GetProperty("matched").GetInt64()), Is.EqualTo((1L, 1L)));
        using TapClient after = await TapClient.OpenAsync(Directory["spool"], new TapRequest { Limit = 1 });
        Send("after");
        Assert.That((await ReadAsync(after)).Shown, Is.EqualTo(1));
        Assert.That(first.Log, Does.Not.Contain("off by"));
    }

    [Test]
    public async Task A_tap_goes_on_over_a_reload_and_sees_listeners_that_are_new()
    {
        ServerProcess server = Start(Configuration());
        using TapClient tap = await TapClient.OpenAsync(Directory["spool"], new TapRequest { Limit = 2 });
        Send("before");
        Directory.Write("concentrator.json", Json(new
        {
            Listeners = new { log = new { Address = $"unix-dgram:{Directory["log"]}" }, added = new { Address = $"unix-dgram:{Directory["added"]}" } },
            Outputs = new { file = LogFile(Directory), other = LogFile(Directory, "other.log") },
        }));
        server.Send(Signal.Hup);
        server.WaitForLine("configuration reloaded: 2 listeners");
        SendOne("unix-dgram", Directory["added"], "after");
        List<string> routes = [];
        while (await tap.ReadAsync() is { } line)
        {
            using (line)
            {
                if (TapClient.TypeOf(line) == "message") routes.Add($"{line.RootElement.GetProperty("listener")}: {TapText.Routes(line.RootElement)}");
            }
        }
        Assert.That(routes, Is.EqualTo(new[] { "log: Routes:0 to file", "added: Routes:0 to file; Routes:0 to other" }));
    }

    [Test]
    public void Another_user_may_not_tap()
    {
        if (!Environment.IsPrivilegedProcess) Assert.Ignore("needs root to become another user");
        string setpriv = Peer.Require("setpriv", "util-linux");
        File.SetUnixFileMode(Directory.Path, (UnixFileMode)0b111_111_111);
        Start(Configuration());
        File.SetUnixFileMode(Directory["spool"], (UnixFileMode)0b111_101_101);
        Assert.That(Ask(), Does.Contain("permission denied; only root and the server's own user may see messages"));
        File.SetUnixFileMode(Directory["spool/.control"], (UnixFileMode)0b110_110_110);
        Assert.That(Ask(), Does.Contain("runs as user 4243: only root and this server's own user may take over or see messages"));

        string Ask()
        {
            (int exit, string output, string errors) = PeerProcess.Run(new PeerStart
            {
                Path = setpriv,
                Arguments = ["--reuid=4243", "--regid=4243", "--clear-groups", "sh", "-c", $"exec {ServerProcess.Quoted} tap --limit=1 --Spool:Directory={Directory["spool"]}"],
                Environment = new Dictionary<string, string?> { ["HOME"] = "/tmp" },
            });
            Assert.That((exit, output), Is.EqualTo((ExitCodes.Unusable, "")), errors);
            return errors;
        }
    }

    [Test]
    public void Root_may_tap_and_trace_a_server_of_another_user()
    {
        if (!Environment.IsPrivilegedProcess) Assert.Ignore("needs root to become another user");
        Peer.Require("setpriv", "util-linux");
        File.SetUnixFileMode(Directory.Path, (UnixFileMode)0b111_111_111);
        Start(Configuration(), binary: Wrapped.Script(Directory, "exec setpriv --reuid=4242 --regid=4242 --clear-groups env HOME=/tmp SERVER"));
        Assert.That(FileStatus.Of("%u", Directory["spool"]), Does.StartWith("4242"));
        (int exit, string output, string errors) = ServerProcess.Run(Directory, ["trace", $"--Spool:Directory={Directory["spool"]}"]);
        Assert.That((exit, errors), Is.EqualTo((ExitCodes.Success, "")), output);
    }

    [Test]
    public async Task What_cannot_be_shown_is_said_in_one_line()
    {
        (int exit, _, string errors) = await Tap("--limit=1");
        Assert.That((exit, errors), Is.EqualTo((ExitCodes.Unusable,
            $"concentrator: no server listens at {Directory["spool/.control"]}; check that it is running, and that Spool:Directory is the one of its configuration\n")));
        ServerProcess server = Start(Configuration());
        await Says("--listener=other", $"process {server.Pid} refused: the running server has no listener \"other\"; it has log");
        await Says("--output=other", $"process {server.Pid} refused: the running server has no output \"other\"; it has file");
        await Says("--as=frame", "--as frame: name the output whose frame to show with --output");
        await Says("--as=colors", "--as: write received, parsed or frame");
        await Says("--limit=0", "--limit: write how many messages to show, 1 or more");
        await Says("--for=soon", "--for: \"soon\" is not a time; write 10s, 5m, 1h or hh:mm:ss");
        await Says("--severity=bad", "--severity: \"bad\" is not a severity");
        Assert.That((await Tap("--for=0.1s")), Is.EqualTo((ExitCodes.Success, "", "concentrator: 0 shown, 0 passed over\n")));

        async Task Says(string option, string reason)
        {
            (int exit, string output, string errors) = await Tap(option);
            Assert.That((exit, output), Is.EqualTo((ExitCodes.Unusable, "")));
            Assert.That(errors, Does.StartWith($"concentrator: {reason}").And.EndsWith("\n"));
        }
    }

    [Test]
    public void A_server_that_does_not_know_taps_is_told_from_one_that_refuses()
    {
        using Socket older = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        older.Bind(new UnixDomainSocketEndPoint(Directory.Socket("spool/.control")));
        older.Listen();
        Task<(int Exit, string Output, string Errors)> asking = Tap("--limit=1");
        using (Socket client = older.Accept())
        {
            byte[] answer = Encoding.UTF8.GetBytes("refused process 1 sent a request that version 0.0.9 does not know");
            client.Send([0, (byte)answer.Length, .. answer]);
            client.Receive(new byte[4096]);
        }
        Assert.That(asking.Result, Is.EqualTo((ExitCodes.Unusable, "",
            $"concentrator: process {Environment.ProcessId} runs an older version without taps (process 1 sent a request that version 0.0.9 does not know); restart it\n")));
    }

    [Test]
    public void A_reader_that_ends_first_as_head_does_ends_the_tap()
    {
        ServerProcess server = Start(Configuration());
        using PeerProcess shell = PeerProcess.Start(new PeerStart
        {
            Path = "/bin/sh",
            Arguments = ["-c", $"{ServerProcess.Quoted} tap --Spool:Directory={Directory["spool"]} | head -n 1"],
        });
        server.WaitForLine("watches messages");
        Send("first");
        Eventually.Holds(
            () =>
            {
                Send("more");
                return server.Log.Contains("a watch of messages ended", StringComparison.Ordinal);
            }, "the tap ends", detail: server.Describe);
        Assert.That(shell.WaitForExit(), Is.Zero);
        Assert.That(shell.Output.Text(), Does.EndWith("first\n"));
    }

    [Test]
    public void Ctrl_C_ends_a_tap_in_order_and_its_counts_are_said()
    {
        ServerProcess server = Start(Configuration());
        using PeerProcess tap = PeerProcess.Start(new PeerStart
        {
            Path = "/bin/sh",
            Arguments = ["-c", $"exec {ServerProcess.Quoted} tap --Spool:Directory={Directory["spool"]}"],
        });
        server.WaitForLine("watches messages");
        Send("seen");
        Eventually.Holds(() => tap.Output.Text().EndsWith("seen\n", StringComparison.Ordinal), "it is shown", detail: tap.Describe);
        tap.Send(Signal.Int);
        Assert.That(tap.WaitForExit(), Is.Zero);
        Assert.That(tap.Errors.Text(), Is.EqualTo("concentrator: 1 shown, 0 passed over\n"));
    }

    private object Configuration(TlsIntake? intake = null)
    {
        Dictionary<string, object> outputs = new() { ["file"] = LogFile(Directory) };
        if (intake is not null) outputs["sekoia"] = Relay(intake, Directory);
        return new { Listeners = new { log = new { Address = $"unix-dgram:{Directory["log"]}" } }, Outputs = outputs };
    }

    private void Send(string text) => SendOne("unix-dgram", Directory["log"], text);

    private Task<(int Exit, string Output, string Errors)> Tap(params string[] more)
    {
        string[] words = ["tap", $"--Spool:Directory={Directory["spool"]}", .. more];
        return Task.Run<(int Exit, string Output, string Errors)>(() => ServerProcess.Run(Directory, words));
    }

    private static async Task<(long Shown, JsonElement End)> ReadAsync(TapClient tap)
    {
        long shown = 0;
        JsonElement end = default;
        while (await tap.ReadAsync() is { } line)
        {
            using (line)
            {
                if (TapClient.TypeOf(line) == "message") shown++;
                if (TapClient.TypeOf(line) == "end") end = line.RootElement.Clone();
            }
        }
        Assert.That(tap.HasEnded, "the server says how much it was");
        return (shown, end);
    }
}
