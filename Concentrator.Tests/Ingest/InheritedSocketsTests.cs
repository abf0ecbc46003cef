using System.Net;
using System.Net.Sockets;
using Concentrator.Configuration.Options;
using Concentrator.Ingest.Sockets;
using Concentrator.Tests.Equipment;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;

namespace Concentrator.Tests.Ingest;

/// <summary>Which of the sockets that were bound before us belongs to which listener.</summary>
[TestFixture]
internal sealed class InheritedSocketsTests
{
    private readonly List<Socket> _open = [];
    private TempDirectory _directory = null!;

    [SetUp]
    public void MakeDirectory() => _directory = new TempDirectory();

    [TearDown]
    public void CloseAll()
    {
        foreach (Socket socket in _open) socket.Dispose();
        _open.Clear();
        _directory.Dispose();
    }

    [Test]
    public void A_socket_with_the_listeners_name_is_its_own_wherever_it_is_bound()
    {
        InheritedSocket elsewhere = Unix("LOG", "elsewhere", SocketType.Dgram);
        Assert.That(Take("log", UnixAt("here", Transport.UnixDatagram), Unix("other", "there", SocketType.Dgram), elsewhere), Is.SameAs(elsewhere.Socket));
    }

    [Test]
    public void Of_several_with_one_name_the_one_at_the_address_is_taken_else_the_one_of_the_kind()
    {
        InheritedSocket first = Unix("concentrator.socket", "first", SocketType.Dgram);
        InheritedSocket stream = Unix("concentrator.socket", "stream", SocketType.Stream);
        InheritedSocket second = Unix("concentrator.socket", "second", SocketType.Dgram);
        Assert.That(Take("concentrator.socket", UnixAt("second", Transport.UnixDatagram), first, stream, second), Is.SameAs(second.Socket));
        Assert.That(Take("concentrator.socket", UnixAt("nowhere", Transport.UnixStream), first, stream, second), Is.SameAs(stream.Socket));
    }

    [Test]
    public void Without_its_name_a_socket_is_known_by_its_address_and_kind()
    {
        // Of both protocols: a port that the kernel gives to one may be another connection's in the other.
        IPEndPoint at = new(IPAddress.Loopback, FreePort.Next());
        InheritedSocket udp = Network(SocketType.Dgram, at);
        InheritedSocket tcp = Network(SocketType.Stream, at);
        Assert.That(Take("in", new ListenAddress(Transport.Tls, null, at), udp, tcp), Is.SameAs(tcp.Socket));
        Assert.That(Take("in", new ListenAddress(Transport.Udp, null, at), tcp, udp), Is.SameAs(udp.Socket));
        Assert.That(Take("in", new ListenAddress(Transport.Udp, null, at), tcp), Is.Null, "TCP and UDP may share a port");
        Assert.That(Take("in", new ListenAddress(Transport.Udp, null, new IPEndPoint(IPAddress.Loopback, at.Port + 1)), udp), Is.Null);
    }

    [Test]
    public void Any_address_is_any_whatever_its_family()
    {
        InheritedSocket any = Network(SocketType.Stream, new IPEndPoint(IPAddress.IPv6Any, 0));
        int port = ((IPEndPoint)any.Socket.LocalEndPoint!).Port;
        Assert.That(Take("tcp", new ListenAddress(Transport.Tcp, null, new IPEndPoint(IPAddress.Any, port)), any), Is.SameAs(any.Socket));
        InheritedSocket same = new("tcp2", any.Socket);
        Assert.That(Take("tcp", new ListenAddress(Transport.Tcp, null, new IPEndPoint(IPAddress.Loopback, port)), same), Is.Null);
    }

    [TestCase(Transport.UnixDatagram, SocketType.Stream, "ListenDatagram=/")]
    [TestCase(Transport.UnixStream, SocketType.Dgram, "ListenStream=/")]
    public void A_socket_of_the_wrong_kind_under_the_name_or_at_the_path_is_refused_with_what_would_be_right(
        object wanted, SocketType passed, string right)
    {
        InheritedSocket named = Unix("log", "elsewhere", passed);
        InheritedSocket there = Unix("other", "here", passed);
        foreach (InheritedSocket wrong in new[] { named, there })
        {
            BindException? refused = Assert.Throws<BindException>(() => Take("log", UnixAt("here", (Transport)wanted), wrong));
            Assert.That(refused!.Message, Does.StartWith("Listeners:log: ").And.Contain(wrong.ToString()).And.Contain(right).And.Contain(_directory["here"]));
        }
    }

    [Test]
    public void A_network_socket_of_the_wrong_kind_under_the_name_is_refused_with_what_would_be_right()
    {
        InheritedSocket tcp = Network(SocketType.Stream, new IPEndPoint(IPAddress.Loopback, 0), "in");
        BindException? refused = Assert.Throws<BindException>(
            () => Take("in", new ListenAddress(Transport.Udp, null, new IPEndPoint(IPAddress.Any, 514)), tcp));
        Assert.That(refused!.Message, Does.Contain("set ListenDatagram=0.0.0.0:514"));
    }

    [Test]
    public void A_single_connection_is_refused_with_the_setting_that_passes_them()
    {
        InheritedSocket listening = Network(SocketType.Stream, new IPEndPoint(IPAddress.Loopback, 0));
        Socket client = Keep(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        client.Connect(listening.Socket.LocalEndPoint!);
        InheritedSocket connection = new("in", Keep(listening.Socket.Accept()));
        BindException? refused = Assert.Throws<BindException>(
            () => Take("in", new ListenAddress(Transport.Tcp, null, (IPEndPoint)listening.Socket.LocalEndPoint!), connection));
        Assert.That(refused!.Message, Does.Contain("Accept=no"));
    }

    [Test]
    public void A_taken_socket_serves_its_address_again_and_no_other()
    {
        InheritedSocket socket = Unix("log", "here", SocketType.Dgram);
        InheritedSockets all = new([socket]);
        ListenerOptions options = Options("log", UnixAt("here", Transport.UnixDatagram));
        Assert.That(socket.IsUnwanted);
        Assert.That(all.Take(options, NullLogger.Instance)!.Socket, Is.SameAs(socket.Socket));
        Assert.That(socket.IsUnwanted, Is.False);
        Assert.That(all.Take(options with { Address = UnixAt("moved", Transport.UnixDatagram) }, NullLogger.Instance), Is.Null);
        Assert.That(all.Take(options with { Name = "renamed" }, NullLogger.Instance)!.Socket, Is.SameAs(socket.Socket));
    }

    [Test]
    public void Ending_a_lent_socket_leaves_it_open()
    {
        InheritedSocket socket = Unix("log", "here", SocketType.Dgram);
        using (BoundSocket bound = new InheritedSockets([socket]).Take(Options("log", UnixAt("here", Transport.UnixDatagram)), NullLogger.Instance)!) bound.LeavePath();
        Assert.That(File.Exists(_directory["here"]));
        Assert.That(socket.Socket.SafeHandle.IsClosed, Is.False);
    }

    private static Socket? Take(string name, ListenAddress address, params InheritedSocket[] sockets)
    {
        InheritedSockets fresh = new([.. sockets.Select(static s => new InheritedSocket(s.Name, s.Socket))]);
        return fresh.Take(Options(name, address), NullLogger.Instance)?.Socket;
    }

    private static ListenerOptions Options(string name, ListenAddress address) => new() { Name = name, Address = address, MaxMessageSize = 1024 };

    private ListenAddress UnixAt(string name, Transport transport) => new(transport, _directory[name], null);

    private InheritedSocket Unix(string name, string path, SocketType type)
    {
        Socket socket = Keep(new Socket(AddressFamily.Unix, type, ProtocolType.Unspecified));
        socket.Bind(new UnixDomainSocketEndPoint(_directory[path]));
        return new InheritedSocket(name, socket);
    }

    private InheritedSocket Network(SocketType type, EndPoint address, string name = "any.socket")
    {
        Socket socket = Keep(new Socket(address.AddressFamily, type, ProtocolType.Unspecified));
        socket.Bind(address);
        if (type == SocketType.Stream) socket.Listen();
        return new InheritedSocket(name, socket);
    }

    private Socket Keep(Socket socket)
    {
        _open.Add(socket);
        return socket;
    }
}
