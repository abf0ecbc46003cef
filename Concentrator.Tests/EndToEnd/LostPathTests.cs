using System.Net.Sockets;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.EndToEnd;

/// <summary>
/// A unix socket whose path others remove or take while it is read: the path is put back, or it is said that what is sent there is
/// lost.
/// </summary>
internal sealed class LostPathTests : ServerTests
{
    private string _path = null!;
    private SocketHolder _holder = null!;

    [SetUp]
    public void MakePath()
    {
        _path = Directory.Socket("log");
        _holder = new SocketHolder();
    }

    [TearDown]
    public void EndHolder() => _holder.Dispose();

    [TestCase("unix-dgram", false)]
    [TestCase("unix-stream", false)]
    [TestCase("unix-dgram", true)]
    [TestCase("unix-stream", true)]
    public void A_path_that_is_removed_is_put_back_with_the_socket_that_it_had(string transport, bool isLent)
    {
        ServerProcess server = isLent ? StartLent(transport) : Start(Listening(transport, takeover: false));
        string inode = Inode();
        for (int round = 1; round <= 3; round++)
        {
            File.Delete(_path);
            Eventually.Holds(() => File.Exists(_path), "the path is back", detail: server.Describe);
            SendOne(transport, _path, $"after removal {round}");
            WaitForLines(Directory["out.log"], round);
        }
        Assert.That(Inode(), Is.EqualTo(inode));
        server.WaitForLine($"listener in: {_path} was removed; restored");
        server.WaitUntilReady();
        Assert.That(server.Stop(), Is.Zero);
        Assert.That(Leftovers(), Is.EqualTo(isLent ? new[] { "log" } : []));
    }

    /// <summary>It unlinks what has the path and binds its own socket there; the path may be back in between, and then it cannot.</summary>
    [TestCase(true, false)]
    [TestCase(false, true)]
    public void A_path_that_rsyslog_takes_is_put_back_and_its_stop_does_no_harm_either(bool takeover, bool isLent)
    {
        ServerProcess server = isLent ? StartLent("unix-dgram") : Start(Listening("unix-dgram", takeover));
        string inode = Inode();
        using (RsyslogHost.WritingFile(_path))
        {
            server.WaitForLine("; restored");
            Eventually.Holds(() => File.Exists(_path) && Inode() == inode, "the path is ours", detail: server.Describe);
            SendOne("unix-dgram", _path, "rsyslog runs");
            WaitForLines(Directory["out.log"], 1);
        }
        Eventually.Holds(() => File.Exists(_path), "rsyslog has removed the path, and it is back", detail: server.Describe);
        SendOne("unix-dgram", _path, "rsyslog has ended");
        WaitForLines(Directory["out.log"], 2);
        server.WaitUntilReady();
    }

    [TestCase(true, false)]
    [TestCase(false, true)]
    public void A_path_that_a_reader_takes_is_taken_back_and_he_is_named(bool takeover, bool isLent)
    {
        ServerProcess server = isLent ? StartLent("unix-dgram") : Start(Listening("unix-dgram", takeover));
        using Socket taker = TakePath();
        server.WaitForLine($"(pid {Environment.ProcessId}); restored");
        SendOne("unix-dgram", _path, "to the server");
        WaitForLines(Directory["out.log"], 1);
        Assert.That(taker.Available, Is.Zero);
    }

    [Test]
    public void Without_leave_to_take_over_a_reader_keeps_the_path_that_he_took_and_the_server_is_not_ready_until_he_leaves()
    {
        ServerProcess server = Start(Listening("unix-dgram", takeover: false));
        using (Socket taker = TakePath())
        {
            server.WaitForLine($"(pid {Environment.ProcessId}); messages sent there are lost, and the path cannot be restored: Listeners:in:Takeover is false");
            Assert.That(server.Readiness(), Does.Match($"^listener in: {_path} was taken by .* \\(pid {Environment.ProcessId}\\)$"));
            SendOne("unix-dgram", _path, "to the taker");
            Assert.That(taker.Available, Is.Not.Zero);
        }
        File.Delete(_path);
        server.WaitForLine($"{_path} was removed; restored");
        SendOne("unix-dgram", _path, "to us");
        WaitForLines(Directory["out.log"], 1);
        server.WaitUntilReady();
    }

    [TestCase("unix-dgram")]
    [TestCase("unix-stream")]
    public void Another_Concentrator_that_takes_over_is_not_fought(string transport)
    {
        ServerProcess first = Start(Listening(transport, takeover: true));
        using TempDirectory elsewhere = new();
        Start(Listening(transport, takeover: true, elsewhere), elsewhere);
        first.WaitForLine("another Concentrator is taking it over");
        SendOne(transport, _path, "to the second");
        WaitForLines(elsewhere["out.log"], 1);
        Assert.That(first.Stop(), Is.Zero);
        SendOne(transport, _path, "still to the second");
        WaitForLines(elsewhere["out.log"], 2);
    }

    [Test]
    public void A_directory_that_is_moved_away_is_said_with_what_to_do()
    {
        _path = Directory.Socket("deep/log");
        ServerProcess server = Start(Listening("unix-dgram", takeover: true));
        System.IO.Directory.Move(Path.GetDirectoryName(_path)!, Directory["elsewhere"]);
        server.WaitForLine("was removed; messages sent there are lost, and the path cannot be restored: our socket has lost its second name; to fix it: restart the server");
        Assert.That(server.Readiness(), Is.EqualTo($"listener in: {_path} was removed"));
    }

    [Test]
    public void A_lent_socket_whose_path_was_taken_before_the_start_is_said()
    {
        _holder.UnixDatagrams("in", _path);
        using RsyslogHost rsyslog = RsyslogHost.WritingFile(_path);
        ServerProcess server = Launch(Listening("unix-dgram", takeover: true), binary: _holder.Script(Directory));
        server.WaitForLine(
            $"{_path} was taken by rsyslogd (pid {rsyslog.Pid}); messages sent there are lost, and the path cannot be restored: our socket has lost its second name; "
            + "to fix it: systemctl stop concentrator.socket concentrator; systemctl start concentrator.socket concentrator");
        Assert.That(server.Readiness(), Does.StartWith("listener in: "));
    }

    private ServerProcess StartLent(string transport)
    {
        if (transport == "unix-dgram") _holder.UnixDatagrams("in", _path);
        else _holder.UnixStreams("in", _path);
        return Start(Listening(transport, takeover: false), binary: _holder.Script(Directory));
    }

    /// <summary>Without a moment in which the path names nothing.</summary>
    private Socket TakePath()
    {
        string beside = Directory.Socket("taker");
        Socket taker = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        taker.Bind(new UnixDomainSocketEndPoint(beside));
        File.Move(beside, _path, overwrite: true);
        return taker;
    }

    private object Listening(string transport, bool takeover, TempDirectory? directory = null) => new
    {
        Listeners = new Dictionary<string, object> { ["in"] = new { Address = $"{transport}:{_path}", Takeover = takeover } },
        Outputs = new { file = LogFile(directory ?? Directory) },
    };

    private string Inode() => FileStatus.Of("%i", _path);

    private string[] Leftovers() =>
        [.. System.IO.Directory.GetFiles(Directory.Path).Select(static file => Path.GetFileName(file)).Where(static name => name.Trim('.', '~').StartsWith("log", StringComparison.Ordinal))];
}
