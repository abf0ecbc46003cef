using System.Net;
using System.Net.Sockets;
using Concentrator.Messages.FrameScanning;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.EndToEnd;

/// <summary>Who gives way when a listener has as many connections as it may have.</summary>
internal sealed class ConnectionLimitTests : ServerTests
{
    private const string Cut = "concentrator_listener_cut_connections_total";
    private readonly List<Socket> _sockets = [];
    private int _port;

    [TearDown]
    public void CloseSockets()
    {
        foreach (Socket socket in _sockets) socket.Dispose();
        _sockets.Clear();
    }

    [TestCase(false)]
    [TestCase(true)]
    public void Connections_that_never_say_anything_keep_nobody_out(bool overTls)
    {
        ServerProcess server = StartWith(new { MaxConnections = 20, MaxConnectionsPerAddress = 20 }, overTls);
        Socket[] silent = [.. Enumerable.Range(0, 20).Select(_ => Connect("127.0.0.1"))];
        using StreamSender sender = overTls
            ? StreamSender.Tls(Connect("127.0.0.1"), Framing.Lf, TestCertificates.Authority)
            : StreamSender.Tcp(_port, Framing.Lf);
        sender.Send(Lines.Message("heard"));
        WaitForLines(Directory["out.log"], 1);
        SocketAssert.IsReset(silent[0]);
        Assert.That(silent.Skip(1).Where(static s => s.Poll(0, SelectMode.SelectRead)), Is.Empty, "only the one that was silent longest");
        server.WaitForMetrics(m => m.Sum(Cut, ("listener", "in"), ("reason", "gave_way")) == 1, "one gave way");
        Assert.That(server.Metrics().Sum("concentrator_listener_refused_connections_total"), Is.Zero);
    }

    [Test]
    public void Connections_that_have_just_spoken_do_not_give_way()
    {
        ServerProcess server = StartWith(new { MaxConnections = 3, MaxConnectionsPerAddress = 3 });
        StreamSender[] senders = [.. Enumerable.Range(0, 3).Select(_ => Own(StreamSender.Tcp(_port, Framing.Lf)))];
        foreach (StreamSender sender in senders) sender.Send(Lines.Message("busy"));
        WaitForLines(Directory["out.log"], 3);
        SocketAssert.IsReset(Connect("127.0.0.1"));
        foreach (StreamSender sender in senders) sender.Send(Lines.Message("still there"));
        WaitForLines(Directory["out.log"], 6);
        server.WaitForMetrics(m => m.Sum("concentrator_listener_refused_connections_total", ("listener", "in")) == 1, "one refused");
        server.WaitForLine("(MaxConnections)");
    }

    [Test]
    public void One_address_may_have_a_tenth_of_the_connections_and_its_own_give_way()
    {
        ServerProcess server = StartWith(new { MaxConnections = 20 });
        Socket other = Connect("127.0.0.2");
        Socket[] own = [.. Enumerable.Range(0, 3).Select(_ => Connect("127.0.0.1"))];
        SocketAssert.IsReset(own[0]);
        Assert.That(new[] { other, own[1], own[2] }.Where(static s => s.Poll(0, SelectMode.SelectRead)), Is.Empty);
        server.WaitForMetrics(m => m.Sum(Cut, ("listener", "in"), ("reason", "gave_way")) == 1, "one gave way");
    }

    [Test]
    public void An_address_whose_connections_have_just_spoken_gets_no_further_one_while_others_do()
    {
        ServerProcess server = StartWith(new { MaxConnections = 20, MaxConnectionsPerAddress = 1 });
        using StreamSender sender = StreamSender.Tcp(_port, Framing.Lf);
        sender.Send(Lines.Message("busy"));
        WaitForLines(Directory["out.log"], 1);
        SocketAssert.IsReset(Connect("127.0.0.1"));
        server.WaitForLine("(MaxConnectionsPerAddress)");
        Socket other = Connect("127.0.0.2");
        other.Send([.. Lines.Message("from elsewhere"), (byte)'\n']);
        WaitForLines(Directory["out.log"], 2);
    }

    private ServerProcess StartWith(object limits, bool overTls = false)
    {
        _port = FreePort.Next();
        Dictionary<string, object> listener = new() { ["Address"] = $"{(overTls ? "tls" : "tcp")}://127.0.0.1:{_port}" };
        foreach (System.Reflection.PropertyInfo limit in limits.GetType().GetProperties()) listener[limit.Name] = limit.GetValue(limits)!;
        if (overTls)
        {
            (string certificate, string key) = TestCertificates.Server.WritePem(Directory.Path, "server");
            listener["Tls"] = new { CertificateFile = certificate, KeyFile = key };
        }
        return Start(new { Listeners = new Dictionary<string, object> { ["in"] = listener }, Outputs = new { file = LogFile(Directory) } });
    }

    private Socket Connect(string from)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _sockets.Add(socket);
        socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
        socket.Connect(IPAddress.Loopback, _port);
        return socket;
    }
}
