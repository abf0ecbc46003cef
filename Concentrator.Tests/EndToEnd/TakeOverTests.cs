using System.Net.Sockets;
using System.Text;
using Concentrator.Messages.FrameScanning;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.EndToEnd;

/// <summary><c>run --take-over</c>: from one server to the next without a service manager.</summary>
internal sealed class TakeOverTests : ServerTests
{
    private int _udp;
    private int _tcp;

    [SetUp]
    public void ChoosePorts() => (_udp, _tcp) = (FreePort.Next(), FreePort.Next());

    [Test]
    public void The_successor_has_every_socket_and_the_paths_go_with_the_last_server()
    {
        ServerProcess first = Start(Configuration());
        string inodes = Inodes();
        using StreamSender stream = StreamSender.Tcp(_tcp, Framing.Lf);
        stream.Send(Lines.Message("over a connection of the first"));
        WaitForLines(Directory["out.log"], 1);

        ServerProcess second = TakeOver();
        Assert.That(first.WaitForExit(), Is.Zero, first.Describe());
        second.WaitUntilReady();
        Assert.That(Inodes(), Is.EqualTo(inodes));
        SendToAll("to the second");
        WaitForLines(Directory["out.log"], 5);

        ServerProcess third = TakeOver();
        Assert.That(second.WaitForExit(), Is.Zero, second.Describe());
        third.WaitUntilReady();
        Assert.That(Inodes(), Is.EqualTo(inodes));
        SendToAll("to the third");
        WaitForLines(Directory["out.log"], 9);
        Assert.That(third.Stop(), Is.Zero);
        Assert.That(new[] { "dgram", "stream", "spool/.control" }.Where(name => File.Exists(Directory[name])), Is.Empty);
    }

    [Test]
    public void A_relay_of_any_name_leaves_the_way_open_to_a_successor()
    {
        using TlsIntake intake = NewIntake();
        object configuration = new
        {
            Listeners = new { dgram = new { Address = $"unix-dgram:{Directory["dgram"]}" } },
            Outputs = new { control = Relay(intake, Directory) },
        };
        ServerProcess first = Start(configuration);
        ServerProcess second = TakeOver(configuration);
        Assert.That(first.WaitForExit(), Is.Zero, first.Describe());
        second.WaitUntilReady();
        using DatagramSender sender = DatagramSender.Unix(Directory["dgram"]);
        sender.Send(Lines.Message("to the second"));
        intake.WaitForFrames(1);
    }

    [Test]
    public void What_the_first_has_read_and_not_delivered_is_the_seconds_to_deliver()
    {
        using TlsIntake intake = NewIntake(keepFrames: false);
        intake.Refuse();
        object configuration = Configuration(Relay(intake, Directory));
        ServerProcess first = Start(configuration);
        using (StreamSender stream = StreamSender.Tcp(_tcp, Framing.Lf)) stream.Send(NumberedMessage.HttpLog, 0, 5000);
        first.WaitForMetrics(static m => m.Sum("concentrator_received_messages_total") == 5000, "all are received");
        ServerProcess second = TakeOver(configuration);
        Assert.That(first.WaitForExit(TimeSpan.FromSeconds(8)), Is.Zero, "it does not wait for the intake");
        second.WaitUntilReady();
        intake.Listen();
        intake.Sequence.AssertComplete(5000);
    }

    [Test]
    public void Connections_of_the_first_are_read_to_what_has_arrived_and_then_reset()
    {
        ServerProcess first = Start(Configuration());
        using Socket client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        client.Connect(System.Net.IPAddress.Loopback, _tcp);
        client.Send([.. Lines.Message("one"), (byte)'\n']);
        WaitForLines(Directory["out.log"], 1);
        first.Send(Signal.Stop);
        client.Send([.. Lines.Message("two"), (byte)'\n']);
        ServerProcess second = TakeOver();
        first.Send(Signal.Cont);
        second.WaitUntilReady();
        SocketAssert.IsReset(client);
        WaitForLines(Directory["out.log"], 2);
    }

    [Test]
    public void A_listener_that_the_successor_does_not_have_is_closed_and_its_path_removed()
    {
        Start(Configuration());
        ServerProcess second = TakeOver(new
        {
            Listeners = new { dgram = new { Address = $"unix-dgram:{Directory["dgram"]}" } },
            Outputs = new { file = LogFile(Directory) },
        });
        second.WaitUntilReady();
        Assert.That(File.Exists(Directory["dgram"]));
        Assert.That(System.IO.Directory.GetFiles(Directory.Path, "*stream*"), Is.Empty, "nor its second name");
        Assert.That(FreePort.IsListening(_tcp), Is.False);
    }

    [Test]
    public void Where_no_server_runs_it_starts_as_usual_and_a_stale_control_socket_is_no_obstacle()
    {
        ServerProcess killed = Start(Configuration());
        killed.Kill();
        Assert.That(File.Exists(Directory["spool/.control"]));
        ServerProcess next = TakeOver();
        next.WaitUntilReady();
        next.WaitForLine("no server to take over from");
        ServerProcess last = TakeOver();
        Assert.That(next.WaitForExit(), Is.Zero, next.Describe());
        last.WaitUntilReady();
    }

    [Test]
    public void A_second_server_without_the_option_ends_and_says_how_to_take_over()
    {
        object configuration = Configuration(Relay("localhost:1", Directory));
        ServerProcess first = Start(configuration);
        ServerProcess second = Launch(configuration);
        Assert.That(second.WaitForExit(), Is.EqualTo(2));
        string refusal = second.LogLines.Single(static line => line.StartsWith("Spool:Directory: ", StringComparison.Ordinal));
        Assert.That(refusal, Does.Contain($"in use by process {first.Pid}").And.EndsWith("stop it, or start with --take-over"));
    }

    [Test]
    public void Without_the_control_socket_a_server_that_holds_the_spool_is_not_taken_over_from()
    {
        object configuration = Configuration(Relay("localhost:1", Directory));
        Start(configuration);
        Assert.That(File.Exists(Directory["spool/.control"]), "who is ready can be taken over from");
        File.Delete(Directory["spool/.control"]);
        ServerProcess second = TakeOver(configuration);
        Assert.That(second.WaitForExit(), Is.EqualTo(2));
        Assert.That(second.LogLines, Has.Exactly(1).Contains("it has no control socket; stop it first"));
    }

    [TestCase(0, false, "Permission denied")]
    [TestCase(0, true, "runs as user 4243: only root and this server's own user may take over")]
    [TestCase(4242, true, "runs as user 4242, which is neither root nor the user of this process")]
    public void Another_user_is_refused(int user, bool mayConnect, string reason)
    {
        if (!Environment.IsPrivilegedProcess) Assert.Ignore("needs root to become another user");
        Peer.Require("setpriv", "util-linux");

        // The server runs as one user, and one who may see its files, and perhaps even connect, asks.
        File.SetUnixFileMode(Directory.Path, (UnixFileMode)0b111_111_111);
        ServerProcess first = Start(Configuration(), binary: As(user, "", Directory));
        File.SetUnixFileMode(Directory["spool"], (UnixFileMode)0b111_101_101);
        if (mayConnect) File.SetUnixFileMode(Directory["spool/.control"], (UnixFileMode)0b110_110_110);
        using TempDirectory elsewhere = new();
        File.SetUnixFileMode(elsewhere.Path, (UnixFileMode)0b111_101_101);
        ServerProcess second = Launch(
            Configuration(), elsewhere, new Dictionary<string, string?> { ["CONCENTRATOR__Spool__Directory"] = Directory["spool"] },
            As(4243, "--take-over", elsewhere));
        Assert.That(second.WaitForExit(), Is.EqualTo(2), second.Describe());
        Assert.That(second.LogLines, Has.Exactly(1).StartsWith("cannot take over: "), second.Describe());
        Assert.That(second.Log, Does.Contain(reason));
        Assert.That(first.HasExited, Is.False);

        static string As(int user, string more, TempDirectory directory) =>
            Wrapped.Script(directory, $"exec setpriv --reuid={user} --regid={user} --clear-groups env HOME=/tmp SERVER {more}");
    }

    [Test]
    public void Clients_that_misbehave_at_the_control_socket_cost_nothing()
    {
        ServerProcess server = Start(Configuration());
        foreach (byte[] nonsense in new[] { [], "\0"u8.ToArray(), "\u007f\u007f"u8.ToArray(), [0, 3, 1], Text("hello"), Text(""), Text("take-over 2"), new byte[100_000] })
        {
            using Socket client = Connect();
            client.Send(nonsense);
            if (nonsense.Length == 7) Assert.That(ReadAll(client), Does.Contain("refused"));
        }
        using (Socket silent = Connect()) Assert.That(ReadAll(silent), Is.Empty, "it is cut in the end");

        // Asks, is offered the sockets, and goes away, or does not answer: the server goes on.
        using (Socket vanishing = Connect()) vanishing.Send(Text("take-over 1"));
        using (Socket silent = Connect())
        {
            silent.Send(Text("take-over 1"));
            Assert.That(ReadAll(silent), Does.Contain("offer 10000").And.Contain("end"));
        }
        SendToAll("still served");
        WaitForLines(Directory["out.log"], 4);
        Assert.That(server.HasExited, Is.False);
        ServerProcess next = TakeOver();
        Assert.That(server.WaitForExit(), Is.Zero, server.Describe());
        next.WaitUntilReady();
    }

    [TestCase("refused you are too young", "refused: you are too young")]
    [TestCase("what?", "is not a server that can hand over to this version")]
    [TestCase("offer 99999999999", "is not a server that can hand over to this version")]
    public void A_predecessor_that_refuses_or_is_too_old_is_named_with_the_reason(string answer, string reason)
    {
        using Socket predecessor = TakeOverClient();
        ServerProcess server = TakeOver();
        using Socket client = predecessor.Accept();
        client.Send(Text(answer));
        Assert.That(server.WaitForExit(), Is.EqualTo(2));
        Assert.That(server.LogLines, Has.Exactly(1).StartsWith($"cannot take over: process {Environment.ProcessId} {reason}"));
    }

    [Test]
    public void A_predecessor_that_does_not_go_away_is_said_in_time()
    {
        using Socket predecessor = TakeOverClient();
        ServerProcess server = TakeOver();
        using Socket client = predecessor.Accept();
        client.Send(Text("offer 100"));
        client.Send(Text("end"));
        Assert.That(server.WaitForExit(), Is.EqualTo(2));
        Assert.That(server.LogLines, Has.Exactly(1).Contains($"process {Environment.ProcessId} handed over its sockets but did not end within 5 s"));
    }

    private object Configuration(object? relay = null)
    {
        Dictionary<string, object> outputs = new() { ["file"] = LogFile(Directory) };
        if (relay is not null) outputs["sekoia"] = relay;
        return new
        {
            Listeners = new
            {
                dgram = new { Address = $"unix-dgram:{Directory["dgram"]}" },
                stream = new { Address = $"unix-stream:{Directory["stream"]}" },
                udp = new { Address = $"udp://127.0.0.1:{_udp}" },
                tcp = new { Address = $"tcp://127.0.0.1:{_tcp}" },
            },
            Outputs = outputs,
        };
    }

    private ServerProcess TakeOver(object? configuration = null) =>
        Launch(configuration ?? Configuration(), binary: Wrapped.Script(Directory, "exec SERVER --take-over"));

    private void SendToAll(string text)
    {
        byte[] message = Lines.Message(text);
        using DatagramSender datagrams = DatagramSender.Unix(Directory["dgram"]);
        datagrams.Send(message);
        using DatagramSender udp = DatagramSender.Udp(_udp);
        udp.Send(message);
        using StreamSender unix = StreamSender.Unix(Directory["stream"], Framing.Lf);
        unix.Send(message);
        using StreamSender tcp = StreamSender.Tcp(_tcp, Framing.Lf);
        tcp.Send(message);
        unix.FinishSending();
        tcp.FinishSending();
    }

    private string Inodes() => FileStatus.Of("%i %a", Directory["dgram"], Directory["stream"]);

    private Socket Connect()
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(Directory["spool/.control"]));
        return socket;
    }

    /// <summary>The test in a predecessor's place.</summary>
    private Socket TakeOverClient()
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(Directory.Socket("spool/.control")));
        socket.Listen();
        return socket;
    }

    /// <summary>What the server says until it closes the conversation.</summary>
    private static string ReadAll(Socket socket)
    {
        StringBuilder all = new();
        byte[] buffer = new byte[4096];
        socket.ReceiveTimeout = (int)Deadline.Reaction.TotalMilliseconds;
        for (int read; (read = socket.Receive(buffer)) > 0;) all.Append(Encoding.UTF8.GetString(buffer, 0, read));
        return all.ToString();
    }

    private static byte[] Text(string text) => [0, (byte)text.Length, .. Encoding.UTF8.GetBytes(text)];
}
