using System.Net.Sockets;
using Concentrator.Configuration.Options;
using Concentrator.Tests.Equipment;
using Concentrator.Tools.Doctor;
using NUnit.Framework;

namespace Concentrator.Tests.Tools.Doctor;

/// <summary>A unix listener's path, in each of the states in which HAProxy's messages are lost without a word.</summary>
internal sealed class SocketPathTests
{
    private TempDirectory _temp = null!;
    private string _path = null!;

    [SetUp]
    public void MakePath()
    {
        _temp = new TempDirectory();
        _path = _temp.Socket("root/dev/log");
    }

    [TearDown]
    public void RemovePath() => _temp.Dispose();

    [Test]
    public void A_socket_with_a_reader_that_all_may_write_to_is_well()
    {
        using Socket reader = Bind(SocketType.Dgram);
        Look(new Account(4711, [4711])).IsWell();
    }

    [Test]
    public void A_path_that_names_nothing_fails() =>
        Look().Says(Verdict.Fail, "does not exist", "systemctl restart concentrator");

    [Test]
    public void A_directory_that_is_not_there_is_named()
    {
        Directory.Delete(Path.GetDirectoryName(_path)!);
        Look().Says(Verdict.Fail, $"does not exist, nor does its directory {_temp["root/dev"]}", "systemctl restart concentrator");
    }

    [Test]
    public void A_plain_file_at_the_path_fails_and_is_to_be_moved_away()
    {
        File.WriteAllText(_path, "somebody's");
        Look().Says(Verdict.Fail, "no socket", $"mv {_path} {_path}.old && systemctl restart concentrator");
    }

    [Test]
    public void The_empty_file_that_systemd_mounts_over_fails_and_is_called_that()
    {
        File.WriteAllText(_path, "");
        Look().Says(Verdict.Fail, "is an empty file, not a socket: systemd creates it", "systemctl restart concentrator");
    }

    [Test]
    public void A_stream_socket_where_datagrams_are_meant_fails()
    {
        using Socket other = Bind(SocketType.Stream);
        other.Listen(1);
        Look().Says(Verdict.Fail, "is not a datagram socket", $"unix-stream:{_path}");
    }

    [Test]
    public void A_socket_whose_reader_has_ended_fails()
    {
        using (Socket gone = Bind(SocketType.Dgram))
        {
            // Disposing leaves the file where it is moved to: nobody's any more.
            File.Move(_path, _path + ".left");
        }
        File.Move(_path + ".left", _path);
        Look().Says(Verdict.Fail, "has no reader", "systemctl restart concentrator");
    }

    [TestCase(0b110_000_000, ExpectedResult = Verdict.Fail)]
    [TestCase(0b110_110_000, ExpectedResult = Verdict.Fail)]
    [TestCase(0b110_110_110, ExpectedResult = Verdict.Ok)]
    public Verdict A_mode_counts_as_far_as_it_lets_HAProxys_user_write(int mode)
    {
        using Socket reader = Bind(SocketType.Dgram, (UnixFileMode)mode);
        Diagnosis found = Look(new Account(4711, [4711])).Single();
        if (found.Verdict == Verdict.Fail) found.Says(Verdict.Fail, "does not allow HAProxy (user 4711) write", $"chmod 0666 {_path}");
        return found.Verdict;
    }

    [Test]
    public void The_groups_of_HAProxys_user_count()
    {
        using Socket reader = Bind(SocketType.Dgram, (UnixFileMode)0b110_110_000);
        uint group = Concentrator.Native.FileCalls.OwnerOf(_path)!.Value.Group;
        Look(new Account(4711, [4711, group])).IsWell();
    }

    [Test]
    public void A_directory_that_HAProxys_user_may_not_enter_fails()
    {
        using Socket reader = Bind(SocketType.Dgram);
        string directory = Path.GetDirectoryName(_path)!;
        File.SetUnixFileMode(directory, (UnixFileMode)0b111_000_000);
        Look(new Account(4711, [4711])).Says(Verdict.Fail, $"the directory {directory} does not allow HAProxy", $"chmod o+x {directory}");
    }

    [Test]
    public void Directories_above_HAProxys_root_do_not_concern_it()
    {
        using Socket reader = Bind(SocketType.Dgram);
        File.SetUnixFileMode(_temp.Path, (UnixFileMode)0b111_000_000);
        Look(new Account(4711, [4711])).IsWell();
    }

    private IEnumerable<Diagnosis> Look(Account? writer = null, Transport transport = Transport.UnixDatagram) => new SocketPathCheck(
        Findings.UnixListener(_path, transport), "systemctl restart concentrator", writer is null ? [] : [new SocketWriter("HAProxy", writer, _temp["root"])]).Look();

    private Socket Bind(SocketType type, UnixFileMode mode = ListenerOptions.DefaultMode)
    {
        Socket socket = new(AddressFamily.Unix, type, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(_path));
        File.SetUnixFileMode(_path, mode);
        return socket;
    }
}
