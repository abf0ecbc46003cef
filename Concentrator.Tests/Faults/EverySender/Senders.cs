using Concentrator.Messages.FrameScanning;
using Concentrator.Tests.Equipment;

namespace Concentrator.Tests.Faults.EverySender;

/// <summary>Where the senders of a soak find the server.</summary>
/// <param name="Datagrams">A unix datagram socket that is held.</param>
/// <param name="Streams">A unix stream socket.</param>
/// <param name="Udp">A port that is held.</param>
/// <param name="Tcp">For connections that are made here.</param>
/// <param name="Programs">For those of programs, of which nobody here knows when they are made.</param>
/// <param name="Tls">TLS.</param>
internal sealed record SoakAddresses(string Datagrams, string Streams, int Udp, int Tcp, int Programs, int Tls);

/// <summary>Every kind of sender at once, each a thread, from now until it is over.</summary>
internal sealed class Senders : IDisposable
{
    /// <summary>Above the 256 KB at which a stream's messages are cut.</summary>
    private const int LargestOfStreams = 300_000;

    /// <summary>Above the 64 KB at which a datagram is cut.</summary>
    private const int LargestDatagram = 120_000;

    private readonly SoakAddresses _to;
    private readonly SeriesBook _book;
    private readonly int _seed;
    private readonly List<SenderThread> _threads = [];

    public Senders(SoakAddresses to, SeriesBook book, int seed)
    {
        _to = to;
        _book = book;
        _seed = seed;
    }

    /// <summary>All but those for a single output.</summary>
    public void StartAll()
    {
        Datagrams("HAProxy's datagrams", 400, (series, _) => SoakText.Local(series));
        Datagrams("large datagrams", 20, static (series, random) => SoakText.Local(series, SoakText.Size(random, LargestDatagram)));
        Datagrams("malformed datagrams", 30, SoakText.Malformed);
        Start("UDP", pace => PromisedDatagrams.Udp(_to.Udp, _book.BeginKept("UDP"), pace), 50);
        Start("logger", pace => ProgramSenders.LoggerToDatagrams(_to.Datagrams, _book, pace), 0.3);
        Start("logger over TCP", pace => ProgramSenders.LoggerOverTcp(_to.Programs, _book, pace), 0.3);
        Start("Python", pace => ProgramSenders.PythonOverTcp(_to.Programs, _book, pace), 0.2);
        Streams("counted TCP", 60, Tcp(Framing.OctetCounted), LargestOfStreams, 300, Farewell.InOrder, Farewell.ResetInMessage, Farewell.BrokenCount);
        Streams("LF TCP", 60, Tcp(Framing.Lf), 60_000, 300, Farewell.InOrder, Farewell.ResetInMessage);
        Streams("NUL TCP", 40, Tcp(Framing.Nul), 8_000, 200, Farewell.InOrder, Farewell.ResetInMessage);
        Streams("counted TLS", 40, Tls(Framing.OctetCounted), LargestOfStreams, 200, Farewell.InOrder, Farewell.ResetInMessage);
        Streams("one line over TLS without its end", 4, Tls(Framing.Lf), 60_000, 1, leavesLastOpen: true, Farewell.InOrder, Farewell.AtOnce);
        Streams("LF unix stream", 40, Unix(Framing.Lf), 60_000, 200, Farewell.InOrder);
        Streams("NUL unix stream", 40, Unix(Framing.Nul), 8_000, 200, Farewell.InOrder);
    }

    /// <summary>Datagrams as HAProxy sends them, in one series.</summary>
    public Series Datagrams(string kind, double perSecond, Func<Series, Random, byte[]> next)
    {
        Series series = _book.BeginKept(kind);
        Random random = NextRandom();
        Start(kind, pace => PromisedDatagrams.LikeHAProxy(_to.Datagrams, series, pace, own => next(own, random)), perSecond);
        return series;
    }

    public void Start(string name, Action<SteadyPace> send, double perSecond) => _threads.Add(new SenderThread(name, perSecond, send));

    /// <summary>Waits for the end of all; what kept any from its work.</summary>
    public IReadOnlyList<string> Stop(TimeSpan within)
    {
        foreach (SenderThread thread in _threads) thread.TellToStop();
        return [.. _threads.Select(thread => thread.Join(within)).OfType<string>()];
    }

    public void Dispose()
    {
        foreach (SenderThread thread in _threads) thread.Dispose();
    }

    private void Streams(string kind, double perSecond, Func<StreamSender> connect, int largest, int messages, params Farewell[] farewells) =>
        Streams(kind, perSecond, connect, largest, messages, leavesLastOpen: false, farewells);

    private void Streams(
        string kind, double perSecond, Func<StreamSender> connect, int largest, int messages, bool leavesLastOpen, params Farewell[] farewells)
    {
        Random random = NextRandom();
        Start(
            kind,
            pace => new Conversations(_book, kind, pace, connect)
            {
                LeavesLastOpen = leavesLastOpen,
                OverUnix = kind.EndsWith("unix stream", StringComparison.Ordinal),
                Next = series => SoakText.Local(series, SoakText.Size(random, largest)),
            }.Hold(() => 1 + random.Next(messages), () => farewells[random.Next(farewells.Length)]),
            perSecond);
    }

    private Random NextRandom() => new(_seed + _threads.Count);

    private Func<StreamSender> Tcp(Framing framing) => () => StreamSender.Tcp(_to.Tcp, framing);

    private Func<StreamSender> Tls(Framing framing) => () => StreamSender.Tls(_to.Tls, framing, TestCertificates.Authority);

    private Func<StreamSender> Unix(Framing framing) => () => StreamSender.Unix(_to.Streams, framing);
}
