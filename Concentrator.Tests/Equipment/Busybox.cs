using System.Globalization;
using NUnit.Framework;

namespace Concentrator.Tests.Equipment;

/// <summary>
/// busybox, the syslog of small systems: its <c>logger</c>, and its <c>syslogd -R</c>, which forwards over UDP. Both know <c>/dev/log</c>
/// alone, so each runs where that is another socket's name.
/// </summary>
internal sealed class Busybox : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly PeerProcess _syslogd;

    private Busybox(int port)
    {
        LogSocket = _directory.Socket("log");
        _syslogd = PeerProcess.Start(WithDevLog.Start(
            LogSocket, Program, "syslogd", "-n", "-R", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}")));
        _syslogd.WaitUntilReadyOrDispose(() => File.Exists(LogSocket), "its socket", this);
    }

    /// <summary>The unix datagram socket of a <c>syslogd</c>.</summary>
    public string LogSocket { get; }

    private static string Program => Peer.Require("busybox", "busybox");

    /// <summary>Forwards what it receives at <see cref="LogSocket"/> to a UDP port of 127.0.0.1.</summary>
    public static Busybox Syslogd(int port) => new(port);

    /// <summary>Sends one message, to a datagram or a stream socket, whichever it is.</summary>
    /// <param name="flags">Such as <c>-t TAG</c> or <c>-p local0.info</c>.</param>
    public static void Logger(string socket, string message, params string[] flags)
    {
        PeerStart start = WithDevLog.Start(socket, Program, ["logger", .. flags, message]);
        (int exitCode, string output, string errors) = PeerProcess.Run(start);
        Assert.That(exitCode, Is.Zero, $"busybox logger {string.Join(' ', flags)}\n{output}{errors}");
    }

    public void Dispose()
    {
        _syslogd.Dispose();
        _directory.Dispose();
    }
}
