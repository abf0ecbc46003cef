using System.Net.Sockets;
using System.Text;
using Concentrator.Native;
using Concentrator.Tests.Equipment;
using Concentrator.Tests.Tools.Doctor;
using Concentrator.Tools.Switch;
using NUnit.Framework;

namespace Concentrator.Tests.Tools.Switch;

/// <summary>Lines that wait in a socket whose holder ends without reading them.</summary>
internal sealed class WaitingLinesTests
{
    private PlantedHost _planted = null!;
    private SwitchedHost _host = null!;
    private FakeCommands _holder = null!;

    private string Ours => _planted.Temp["ours"];

    private string Next => _planted.Temp["next"];

    [SetUp]
    public void Plant()
    {
        _planted = new PlantedHost();
        _planted.Show(Environment.ProcessId);
        _host = new SwitchedHost { Examined = _planted.Host };
        _holder = new FakeCommands();
        _holder.Hold(Ours);
    }

    [TearDown]
    public void Remove()
    {
        _holder.Dispose();
        _planted.Dispose();
    }

    [Test]
    public void They_go_on_in_their_order_to_who_has_the_lines_next()
    {
        using Socket next = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = 1 };
        next.Bind(new UnixDomainSocketEndPoint(Next));
        Send("one", "", "three");
        using WaitingLines waiting = WaitingLines.Hold(_host, Ours)!;
        _holder.Release(Ours);
        Assert.That(waiting.SendOn(Next), Does.StartWith("3 lines that waited in our socket forwarded"));
        byte[] line = new byte[100];
        string[] received = [.. Enumerable.Range(0, 3).Select(_ => Encoding.ASCII.GetString(line, 0, next.Receive(line)))];
        Assert.That(received, Is.EqualTo(["one", "", "three"]));
        Assert.That(waiting.SendOn(Next), Is.Null, "nothing is left");
    }

    [Test]
    public void Where_nobody_comes_next_it_is_said_that_they_are_lost()
    {
        Send("one", "two");
        using WaitingLines waiting = WaitingLines.Hold(_host, Ours)!;
        Assert.That(waiting.SendOn(next: null), Does.StartWith("2 lines that waited in our socket are lost"));
        Send("three");
        Assert.That(waiting.SendOn(Ours), Does.StartWith("1 lines that waited in our socket are lost"), "not to itself");
    }

    /// <summary>Somebody else's process may not be touched without a capability, whatever may be seen of it.</summary>
    [Test]
    public void Where_the_system_does_not_let_it_hold_the_socket_it_is_said_that_nobody_knows_how_many_are_lost()
    {
        if (!Environment.IsPrivilegedProcess) Assert.Ignore("only root may have another user's rights");
        const uint User = 4711;
        string path = _planted.Temp["open/log"];
        File.SetUnixFileMode(_planted.Temp.Path, (UnixFileMode)0b111_101_101);
        File.SetUnixFileMode(Directory.CreateDirectory(Path.GetDirectoryName(path)!).FullName, (UnixFileMode)0b111_111_111);
        using PeerProcess holder = PeerProcess.Start(new PeerStart
        {
            Path = Peer.Require("setpriv", "util-linux"),
            Arguments =
            [
                $"--reuid={User}", $"--regid={User}", "--clear-groups", Peer.Require("perl", "perl"), "-MIO::Socket::UNIX", "-e",
                "$s = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => $ARGV[0]) or die $@; sleep", path,
            ],
        });
        holder.WaitUntilReady(() => File.Exists(path), "its socket");
        _planted.Show(holder.Pid);
        using WaitingLines waiting = AssumedRights.Try(new FileRights(User, [User], 0), () => WaitingLines.Hold(_host, path)!)!;
        Assert.That(
            waiting.SendOn(Ours),
            Does.StartWith("the unread lines in our socket are lost, and their number is unknown").And.Contain("(pidfd_getfd: Operation not permitted)").And.Contain("ptrace_scope"));
    }

    [Test]
    public void A_socket_that_nobody_has_any_more_holds_nothing()
    {
        _holder.Release(Ours);
        Assert.That(WaitingLines.Hold(_host, Ours), Is.Null);
        Assert.That(WaitingLines.Hold(_host, _planted.Temp["nowhere"]), Is.Null);
    }

    private void Send(params string[] lines)
    {
        using Socket sender = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        foreach (string line in lines) sender.SendTo(Encoding.ASCII.GetBytes(line), new UnixDomainSocketEndPoint(Ours));
    }
}
