using System.Net.Sockets;
using Concentrator.Messages.FrameScanning;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.EndToEnd;

/// <summary>Sockets that the service manager binds and keeps: they outlive every server that reads them.</summary>
internal sealed class SocketActivationTests : ServerTests
{
    private SocketHolder _holder = null!;

    [SetUp]
    public void MakeHolder() => _holder = new SocketHolder();

    [TearDown]
    public void EndHolder() => _holder.Dispose();

    [TestCase("unix-dgram", "in")]
    [TestCase("unix-dgram", "concentrator.socket")]
    [TestCase("unix-stream", "in")]
    [TestCase("unix-stream", "concentrator.socket")]
    [TestCase("udp", "in")]
    [TestCase("udp", "concentrator.socket")]
    [TestCase("tcp", "in")]
    [TestCase("tcp", "concentrator.socket")]
    [TestCase("tls", "in")]
    [TestCase("tls", "concentrator.socket")]
    public void What_is_sent_between_two_servers_waits_in_the_socket_which_stays_as_it_is(string transport, string descriptorName)
    {
        int port = FreePort.Next();
        string path = Directory.Socket("log");
        Hold(transport, descriptorName, path, port);
        object configuration = Listening(transport, path, port);
        string? inode = Inode(path);
        ServerProcess first = StartActivated(configuration);
        Send(transport, path, port, "to the first");
        WaitForLines(Directory["out.log"], 1);
        Assert.That(first.Stop(), Is.Zero);
        Assert.That(first.Log, Does.Contain($"listener in: using inherited socket '{descriptorName}'"));
        Assert.That(Inode(path), Is.EqualTo(inode));

        // A TLS client waits for an answer, which is the next server's.
        Task sending = Task.Run(() => Send(transport, path, port, "between them"));
        if (transport != "tls") Assert.That(sending.Wait(Deadline.Reaction));
        ServerProcess second = StartActivated(configuration);
        Assert.That(sending.Wait(Deadline.Reaction));
        Send(transport, path, port, "to the second");
        Assert.That(WaitForLines(Directory["out.log"], 3), Has.Exactly(1).EndsWith("between them"));
        Assert.That(second.Stop(), Is.Zero);
        Assert.That(Inode(path), Is.EqualTo(inode));
        Assert.That(second.Log, Does.Not.Contain(" ERROR ").And.Not.Contain("no listener matches"));
    }

    [TestCase("unix-dgram")]
    [TestCase("unix-stream")]
    [TestCase("udp")]
    [TestCase("tcp")]
    public void Systemds_own_activation_starts_the_server_with_the_first_message(string transport)
    {
        Peer.Require("systemd-socket-activate", "systemd");
        int port = FreePort.Next();
        string path = Directory.Socket("log");
        bool isUnix = transport.StartsWith("unix", StringComparison.Ordinal);
        string passed = string.Join(' ', new[] { "CONCENTRATOR__Monitoring__Address", "CONCENTRATOR__Spool__Directory", "DOTNET_ROOT" }.Select(static name => $"-E {name}"));
        string activate = $"exec systemd-socket-activate {(transport is "unix-dgram" or "udp" ? "--datagram" : "")} "
            + $"-l {(isUnix ? path : $"127.0.0.1:{port}")} --fdname=in {passed} SERVER";
        ServerProcess server = Launch(Listening(transport, path, port), binary: Wrapped.Script(Directory, activate));
        Eventually.Holds(() => server.Log.Contains("Listening on", StringComparison.Ordinal), "systemd-socket-activate listens", Deadline.Process, server.Describe);
        string? inode = Inode(path);
        Send(transport, path, port, "the first");
        WaitForLines(Directory["out.log"], 1, Deadline.Process);
        server.WaitUntilReady();
        server.WaitForLine("listener in: using inherited socket 'in'");
        Assert.That(server.Stop(), Is.Zero);
        Assert.That(Inode(path), Is.EqualTo(inode));
    }

    [Test]
    public void A_socket_of_the_wrong_kind_is_one_line_that_names_the_right_setting()
    {
        string path = Directory.Socket("log");
        _holder.UnixStreams("in", path);
        ServerProcess server = Launch(Listening("unix-dgram", path, 0), binary: _holder.Script(Directory));
        Assert.That(server.WaitForExit(), Is.EqualTo(2), server.Describe());
        Assert.That(
            server.LogLines.Where(static line => line.Contains("cannot listen", StringComparison.Ordinal)),
            Is.EqualTo(new[]
            {
                $"Listeners:in: cannot listen on unix-dgram:{path}: the service manager passed unix-stream:{path} as 'in'; "
                + $"set ListenDatagram={path} in its socket unit",
            }));
        Assert.That(File.Exists(path));
    }

    [Test]
    public void A_socket_that_no_listener_wants_is_said_and_a_reload_may_bring_one()
    {
        using NotifySocket notify = new(Directory);
        string path = Directory.Socket("log"), other = Directory.Socket("other");
        _holder.UnixDatagrams("in", path);
        _holder.UnixDatagrams("spare", other);
        ServerProcess server = StartActivated(Listening("unix-dgram", path, 0), notify.Environment);
        Assert.That(server.WaitForLine($"no listener matches the socket 'spare' at unix-dgram:{other}"), Has.Count.EqualTo(1));
        notify.Reload(server, Directory, Json(Listening("unix-dgram", path, 0, ("second", other))));
        Send("unix-dgram", other, 0, "heard now");
        WaitForLines(Directory["out.log"], 1);
        string? inode = Inode(other);
        notify.Reload(server, Directory, Json(Listening("unix-dgram", path, 0)));
        Send("unix-dgram", other, 0, "waits");
        notify.Reload(server, Directory, Json(Listening("unix-dgram", path, 0, ("second", other))));
        WaitForLines(Directory["out.log"], 2);
        Assert.That(server.Stop(), Is.Zero);
        Assert.That(Inode(other), Is.EqualTo(inode));
    }

    [TestCase("unix-dgram")]
    [TestCase("unix-stream")]
    [TestCase("udp")]
    [TestCase("tcp")]
    public void A_reload_that_changes_the_listener_leaves_it_its_socket(string transport)
    {
        using NotifySocket notify = new(Directory);
        int port = FreePort.Next();
        string path = Directory.Socket("log");
        Hold(transport, "in", path, port);
        string? inode = Inode(path);
        ServerProcess server = StartActivated(Listening(transport, path, port), notify.Environment);
        for (int change = 1; change <= 4; change++)
        {
            notify.Reload(server, Directory, Json(Listening(transport, path, port)).Replace("\"Address\"", $"\"MaxMessageSize\": {4096 + change}, \"Address\"", StringComparison.Ordinal));
            Send(transport, path, port, $"after change {change}");
            WaitForLines(Directory["out.log"], change);
        }
        Assert.That(Inode(path), Is.EqualTo(inode));
        Assert.That(server.Log, Does.Not.Contain(" ERROR "));
    }

    [Test]
    public void Variables_that_are_meant_for_another_process_are_not_heard()
    {
        string path = Directory.Socket("log");
        Dictionary<string, string?> foreign = new() { ["LISTEN_PID"] = "1", ["LISTEN_FDS"] = "1", ["LISTEN_FDNAMES"] = "in" };
        ServerProcess server = Start(Listening("unix-dgram", path, 0), environment: foreign);
        Assert.That(server.Log, Does.Not.Contain("inherited socket").And.Not.Contain("service manager"));
        Assert.That(server.Stop(), Is.Zero);
        Assert.That(File.Exists(path), Is.False);
    }

    private ServerProcess StartActivated(object configuration, IReadOnlyDictionary<string, string?>? environment = null) =>
        Start(configuration, environment: environment, binary: _holder.Script(Directory));

    private Socket Hold(string transport, string name, string path, int port) => transport switch
    {
        "unix-dgram" => _holder.UnixDatagrams(name, path),
        "unix-stream" => _holder.UnixStreams(name, path),
        "udp" => _holder.Udp(name, port),
        _ => _holder.Tcp(name, port),
    };

    private Dictionary<string, object> Listening(string transport, string path, int port, params (string Name, string Path)[] more)
    {
        Dictionary<string, object> listeners = more.ToDictionary(static m => m.Name, static m => (object)new { Address = $"unix-dgram:{m.Path}" });
        string address = transport.StartsWith("unix", StringComparison.Ordinal) ? $"{transport}:{path}" : $"{transport}://127.0.0.1:{port}";
        if (transport == "tls")
        {
            (string certificate, string key) = TestCertificates.Server.WritePem(Directory.Path, "server");
            listeners["in"] = new { Address = address, Tls = new { CertificateFile = certificate, KeyFile = key } };
        }
        else
        {
            listeners["in"] = new { Address = address };
        }
        return new Dictionary<string, object> { ["Listeners"] = listeners, ["Outputs"] = new { file = LogFile(Directory) } };
    }

    private static void Send(string transport, string path, int port, string text)
    {
        switch (transport)
        {
            case "unix-dgram":
                using (DatagramSender datagrams = DatagramSender.Unix(path)) datagrams.Send(Lines.Message(text));
                return;
            case "udp":
                using (DatagramSender datagrams = DatagramSender.Udp(port)) datagrams.Send(Lines.Message(text));
                return;
        }
        using StreamSender stream = transport switch
        {
            "unix-stream" => StreamSender.Unix(path, Framing.Lf),
            "tcp" => StreamSender.Tcp(port, Framing.Lf),
            _ => StreamSender.Tls(port, Framing.Lf, TestCertificates.Authority),
        };
        stream.Send(Lines.Message(text));
        stream.FinishSending();
    }

    /// <summary>Inode and mode of a path, null where nothing is.</summary>
    private static string? Inode(string path) => File.Exists(path) ? FileStatus.Of("%i %a %u %g", path) : null;
}
