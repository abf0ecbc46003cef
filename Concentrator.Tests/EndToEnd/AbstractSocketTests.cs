using System.Net;
using System.Net.Sockets;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.EndToEnd;

/// <summary>Listeners in the abstract namespace: whose name it is, when, and that no change of hands costs a message.</summary>
internal sealed class AbstractSocketTests : ServerTests
{
    private const int Datagram = 2;

    private string _name = null!;

    [SetUp]
    public void ChooseName() => _name = AbstractNames.Next();

    [TestCase("abns@", "abnsz@")]
    [TestCase("abnsz@", "abns@")]
    public void The_socket_has_exactly_its_name_which_is_free_after_the_stop(string kind, string otherKind)
    {
        string whole = AbstractNames.Whole(kind, _name), other = AbstractNames.Whole(otherKind, _name);
        ServerProcess server = Start(Listening($"unix-dgram:{kind}{_name}"));
        Assert.That(server.WaitForLine("listener log: listening on"), Has.Count.EqualTo(1).And.All.EndsWith($" unix-dgram:{kind}{_name}"));
        SendOne("unix-dgram", whole, "to its name");
        Assert.That(WaitForLines(Directory["out.log"], 1)[0], Does.EndWith("to its name"));
        using DatagramSender elsewhere = DatagramSender.LikeHAProxy(other);
        Assert.That(elsewhere.TrySend(Lines.Message("to the other name")), Is.False);
        Assert.That(AbstractNames.Count(whole, Datagram), Is.EqualTo(1));
        Assert.That(server.Stop(), Is.Zero);
        Assert.That(AbstractNames.Count(whole, Datagram), Is.Zero);
        Assert.That(File.Exists(Directory[_name]), Is.False);
    }

    [Test]
    public void Datagrams_streams_and_both_kinds_of_name_are_four_sockets()
    {
        string[] addresses = [.. from transport in new[] { "unix-dgram", "unix-stream" } from kind in new[] { "abns@", "abnsz@" } select $"{transport}:{kind}{_name}"];
        Start(new
        {
            Listeners = addresses.Select(static (address, i) => (address, i)).ToDictionary(static l => $"in{l.i}", static l => new { Address = l.address }),
            Outputs = new { file = LogFile(Directory) },
        });
        foreach (string transport in new[] { "unix-dgram", "unix-stream" })
            foreach (string kind in new[] { "abns@", "abnsz@" })
                SendOne(transport, AbstractNames.Whole(kind, _name), $"{transport} {kind}");
        Assert.That(WaitForLines(Directory["out.log"], 4), Has.Exactly(1).EndsWith("unix-stream abnsz@"));
    }

    [TestCase("unix-dgram")]
    [TestCase("unix-stream")]
    public void A_name_that_another_process_has_is_refused_and_that_process_named(string transport)
    {
        object configuration = Listening($"{transport}:abns@{_name}");
        ServerProcess first = Start(configuration);
        using TempDirectory elsewhere = new();
        ServerProcess second = Launch(configuration, elsewhere);
        Assert.That(second.WaitForExit(), Is.EqualTo(2));
        string refusal = second.LogLines.Single(static line => line.Contains("cannot listen", StringComparison.Ordinal));
        Assert.That(
            refusal,
            Does.Contain($"Listeners:log: cannot listen on {transport}:abns@{_name}: ").And.Contain($"(pid {first.Pid}) holds the name").And.Contain("--take-over"));
        SendOne(transport, AbstractNames.Whole("abns@", _name), "the first still reads");
        WaitForLines(Directory["out.log"], 1);

        Assert.That(first.Stop(), Is.Zero);
        Start(configuration, elsewhere);
    }

    [Test]
    public void Reloads_and_hand_overs_under_a_sender_that_never_waits_lose_nothing()
    {
        using TlsIntake intake = NewIntake(keepFrames: false);
        using NotifySocket notify = new(Directory);
        object Configuration(int size) => new
        {
            Listeners = new { log = new { Address = $"unix-dgram:abns@{_name}", MaxMessageSize = size } },
            Outputs = new { sekoia = Relay(intake, Directory) },
        };
        ServerProcess server = Start(Configuration(4096), environment: notify.Environment);
        notify.WaitForReady();

        using DatagramSender sender = DatagramSender.LikeHAProxy(AbstractNames.Whole("abns@", _name), sendBuffer: 4 << 20);
        using CancellationTokenSource enough = new();
        Task sending = Task.Run(() =>
        {
            NumberedMessage message = NumberedMessage.LocalHttpLog;
            for (int number = 0; !enough.IsCancellationRequested; number += 100) sender.TrySend(message, number, 100, perSecond: 10_000);
        });
        for (int change = 0; change < 8; change++) notify.Reload(server, Directory, Json(Configuration(4097 + change)));
        for (int successor = 0; successor < 2; successor++)
        {
            ServerProcess next = TakeOver(Configuration(4104));
            Assert.That(server.WaitForExit(), Is.Zero, server.Describe());
            next.WaitUntilReady();
            server = next;
        }
        enough.Cancel();
        Assert.That(sending.Wait(Deadline.Reaction));

        Assert.That(sender.Failed, Is.Zero, "no message met a name without a socket");
        Assert.That(sender.Dropped, Is.Zero, "no message met a full socket");
        // A hand-over does not wait for acknowledgements, so the successor may send some of the messages again.
        intake.Sequence.AssertNothingMissing((int)sender.Sent);
        Assert.That(AbstractNames.Count(AbstractNames.Whole("abns@", _name), Datagram), Is.EqualTo(1));
    }

    [TestCase("unix-dgram")]
    [TestCase("unix-stream")]
    public void A_reload_leaves_a_changed_listener_its_socket_and_gives_a_removed_ones_name_back(string transport)
    {
        using NotifySocket notify = new(Directory);
        string whole = AbstractNames.Whole("abnsz@", _name);
        int type = transport == "unix-dgram" ? Datagram : 1;
        object Configuration(int size, bool removed = false) => new
        {
            Listeners = removed
                ? new Dictionary<string, object> { ["other"] = new { Address = $"unix-dgram:{Directory["other"]}" } }
                : new Dictionary<string, object> { ["log"] = new { Address = $"{transport}:abnsz@{_name}", MaxMessageSize = size } },
            Outputs = new { file = LogFile(Directory) },
        };
        ServerProcess server = Start(Configuration(4096), environment: notify.Environment);
        for (int change = 1; change <= 4; change++)
        {
            notify.Reload(server, Directory, Json(Configuration(4096 + change)));
            SendOne(transport, whole, $"after change {change}");
            WaitForLines(Directory["out.log"], change);
        }
        notify.Reload(server, Directory, Json(Configuration(0, removed: true)));
        Eventually.Holds(() => AbstractNames.Count(whole, type) == 0, "the name is free", detail: server.Describe);
        notify.Reload(server, Directory, Json(Configuration(4096)));
        SendOne(transport, whole, "it is back");
        WaitForLines(Directory["out.log"], 5);
        Assert.That(server.Log, Does.Not.Contain(" ERROR "));
    }

    [Test]
    public void A_reload_that_is_refused_leaves_the_socket_with_the_listener_that_has_it()
    {
        using NotifySocket notify = new(Directory);
        using Socket taken = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        taken.Listen();
        ServerProcess server = Start(Listening($"unix-dgram:abns@{_name}"), environment: notify.Environment);
        notify.Reload(server, Directory, Json(new
        {
            Listeners = new
            {
                log = new { Address = $"unix-dgram:abns@{_name}", MaxMessageSize = 4096 },
                tcp = new { Address = $"tcp://{taken.LocalEndPoint}" },
            },
            Outputs = new { file = LogFile(Directory) },
        }));
        Eventually.Holds(() => server.Log.Contains("Listeners:tcp: cannot listen", StringComparison.Ordinal), "the refusal is said", detail: server.Describe);
        SendOne("unix-dgram", AbstractNames.Whole("abns@", _name), "still heard");
        WaitForLines(Directory["out.log"], 1);
        notify.Reload(server, Directory, Json(Listening($"unix-dgram:abns@{_name}")));
        Assert.That(server.Stop(), Is.Zero);
        Assert.That(AbstractNames.Count(AbstractNames.Whole("abns@", _name), Datagram), Is.Zero);
    }

    [TestCase("abns@", "log")]
    [TestCase("abns@", "concentrator.socket")]
    [TestCase("abnsz@", "log")]
    [TestCase("abnsz@", "concentrator.socket")]
    public void What_is_sent_between_two_servers_waits_in_a_socket_that_the_service_manager_holds(string kind, string descriptorName)
    {
        using SocketHolder holder = new();
        string whole = AbstractNames.Whole(kind, _name);
        holder.UnixDatagrams(descriptorName, whole);
        ServerProcess first = StartActivated(holder, $"unix-dgram:{kind}{_name}");
        SendOne("unix-dgram", whole, "to the first");
        WaitForLines(Directory["out.log"], 1);
        Assert.That(first.Stop(), Is.Zero);
        Assert.That(first.Log, Does.Contain($"listener log: using inherited socket '{descriptorName}'").And.Not.Contain("instead of its Address"));
        SendOne("unix-dgram", whole, "between them");
        ServerProcess second = StartActivated(holder, $"unix-dgram:{kind}{_name}");
        WaitForLines(Directory["out.log"], 2);
        Assert.That(second.Stop(), Is.Zero);
        Assert.That(AbstractNames.Count(whole, Datagram), Is.EqualTo(1), "it is the manager's");
    }

    [Test]
    public void A_socket_unit_cannot_make_the_padded_name_and_that_is_said()
    {
        // ListenDatagram=@NAME of systemd makes the short one.
        using SocketHolder holder = new();
        holder.UnixDatagrams("log", AbstractNames.Whole("abnsz@", _name));
        ServerProcess server = StartActivated(holder, $"unix-dgram:abns@{_name}");
        Assert.That(
            server.WaitForLine($"at unix-dgram:abnsz@{_name} instead of its Address unix-dgram:abns@{_name}, which is not bound"), Has.Count.EqualTo(1));
    }

    private object Listening(string address) => new
    {
        Listeners = new { log = new { Address = address } },
        Outputs = new { file = LogFile(Directory) },
    };

    private ServerProcess StartActivated(SocketHolder holder, string address) => Start(Listening(address), binary: holder.Script(Directory));

    private ServerProcess TakeOver(object configuration) =>
        Launch(configuration, binary: Wrapped.Script(Directory, "exec SERVER --take-over"));
}
