using System.Net.Sockets;
using System.Text;
using Concentrator.Switch;
using Concentrator.Tests.Doctor;
using NUnit.Framework;

namespace Concentrator.Tests.Switch;

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
        Assert.That(waiting.SendOn(Next), Does.StartWith("3 lines that waited in our socket sent on"));
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
