using System.Globalization;
using System.Text;
using Concentrator.Tests.Equipment;

namespace Concentrator.Tests.Faults.EverySender;

/// <summary>
/// Real programs, started again and again: util-linux's logger and Python's SysLogHandler. Their messages are made before they connect, so none is started where
/// nobody listens: one that a server refuses which is still starting would count as a connection that failed.
/// </summary>
internal static class ProgramSenders
{
    private const int Messages = 30;

    /// <summary>Ends its direction and waits for ours, as no handler of Python's does, so that what became of its records can be known.</summary>
    private const string Python =
        """
        import logging, logging.handlers, socket, sys
        handler = logging.handlers.SysLogHandler(("127.0.0.1", int(sys.argv[1])), socktype=socket.SOCK_STREAM)
        def fail(record): raise
        handler.handleError = fail
        for line in sys.argv[2:]: handler.emit(logging.makeLogRecord({"msg": line}))
        handler.socket.shutdown(socket.SHUT_WR)
        handler.socket.settimeout(60)
        sys.exit(len(handler.socket.recv(1)))
        """;

    /// <summary>To a datagram socket that is held: logger waits where its queue is full, and its exit code says that all went.</summary>
    public static void LoggerToDatagrams(string path, SeriesBook book, SteadyPace pace)
    {
        Series series = book.BeginKept("logger, unix datagrams");
        while (pace.Wait())
        {
            Logger.ToUnix(path, Lines(series), "-d", "-t", "logger");
            series.Went();
        }
    }

    /// <summary>Over TCP; it closes at once and learns nothing.</summary>
    public static void LoggerOverTcp(int port, SeriesBook book, SteadyPace pace)
    {
        string program = Peer.Require("logger", "bsdutils");
        while (pace.Wait())
        {
            Series series = book.BeginConnection("logger over TCP, a program");
            if (!FreePort.IsListening(port)) continue;
            byte[] lines = Encoding.ASCII.GetBytes(string.Concat(Lines(series).Select(static line => line + "\n")));
            PeerStart start = new() { Path = program, Arguments = ["-n", "127.0.0.1", "-T", "-P", Port(port), "--octet-count", "-t", "logger"] };
            if (PeerProcess.Run(start, lines).ExitCode == 0) Went(series);
        }
    }

    public static void PythonOverTcp(int port, SeriesBook book, SteadyPace pace)
    {
        string program = Peer.Require("python3", "python3");
        while (pace.Wait())
        {
            Series series = book.BeginConnection("Python's SysLogHandler");
            if (!FreePort.IsListening(port)) continue;
            PeerStart start = new() { Path = program, Arguments = ["-c", Python, Port(port), .. Lines(series)] };
            if (PeerProcess.Run(start, within: Deadline.Transfer).ExitCode == 0) Went(series);
            series.IsKept = series.EndedAsMeant;
        }
    }

    private static void Went(Series series)
    {
        series.Went();
        series.EndedAsMeant = true;
    }

    private static string[] Lines(Series series) => [.. Enumerable.Range(0, Messages).Select(_ => Line(series))];

    private static string Line(Series series)
    {
        Mark mark = series.Next(SoakText.Usual);
        return $"{mark.Begin()} of a program {mark.End()}";
    }

    private static string Port(int port) => port.ToString(CultureInfo.InvariantCulture);
}
