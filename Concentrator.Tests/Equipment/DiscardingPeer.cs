using System.Globalization;

namespace Concentrator.Tests.Equipment;

/// <summary>
/// A TLS receiver in Python that closes its connections, over and over, in ways that throw away what its kernel has acknowledged and say
/// nothing of it. It keeps the whole frames that the program itself has read.
/// </summary>
internal sealed class DiscardingPeer : IDisposable
{
    private const string Program =
        """
        import socket, ssl, sys, threading, time
        how, closes, port, kept = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), open(sys.argv[4], 'wb', 0)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(sys.argv[5], sys.argv[6])
        one = threading.Lock()
        done = 0

        def frames(data):
            begin = 0
            while (blank := data.find(b' ', begin, begin + 8)) > 0:
                end = blank + 1 + int(data[begin:blank])
                if end > len(data): break
                begin = end
            with one: kept.write(data[:begin])
            return data[begin:]

        def close(s):
            if how == 'unwrap':
                s.settimeout(2)
                s.unwrap().close()
                return
            s.setblocking(False)
            try: s.unwrap()
            except ssl.SSLError: pass
            raw = socket.socket(fileno=s.detach())
            if how == 'both-ways-later':
                raw.shutdown(socket.SHUT_RDWR)
                time.sleep(0.4)
            else:
                raw.settimeout(0.05)
                until = time.time() + 2
                while time.time() < until:
                    try:
                        if not raw.recv(65536): break
                    except TimeoutError: pass
            raw.close()

        def serve(s, number):
            global done
            rest, until = b'', time.time() + 0.1 + 0.007 * (number % 20)
            try:
                s = tls.wrap_socket(s, server_side=True)
                while data := s.recv(65536):
                    rest = frames(rest + data)
                    if time.time() < until or done == closes: continue
                    done += 1
                    return close(s)
            except (OSError, ssl.SSLError): pass
            finally: s.close()

        listener = socket.create_server(('127.0.0.1', port), backlog=64)
        for number in range(1000000):
            threading.Thread(target=serve, args=(listener.accept()[0], number), daemon=True).start()
        """;

    private readonly TempDirectory _directory = new();
    private readonly PeerProcess _process;

    /// <param name="certificate">What it presents.</param>
    /// <param name="how">
    /// <c>unwrap</c>: OpenSSL waits for our close_notify and throws away what comes before it. <c>both-ways-later</c>: close_notify, shutdown
    /// of both directions, close 0.4 s later. <c>drain</c>: close_notify, then what comes is taken from the kernel and not looked at.
    /// </param>
    /// <param name="closes">So many, each after a fifth of a second or so; then it reads on.</param>
    public DiscardingPeer(IssuedCertificate certificate, string how, int closes)
    {
        Port = FreePort.Next();
        (string certificateFile, string keyFile) = certificate.WritePem(_directory.Path, "server");
        _process = PeerProcess.Start(new PeerStart
        {
            Path = Peer.Require("python3", "python3"),
            Arguments =
            [
                "-c", Program, how, closes.ToString(CultureInfo.InvariantCulture), Port.ToString(CultureInfo.InvariantCulture),
                _directory["frames"], certificateFile, keyFile,
            ],
        });
        _process.WaitUntilReadyOrDispose(() => FreePort.IsListening(Port), $"port {Port}", this);
    }

    public int Port { get; }

    /// <summary>Of what its program has read so far.</summary>
    public SequenceLedger Sequence()
    {
        SequenceLedger sequence = new();
        FrameBuffer frames = FrameBuffer.Of(File.ReadAllBytes(_directory["frames"]));
        while (frames.TryTakeFrame(out ReadOnlySpan<byte> frame)) sequence.Record(frame);
        return sequence;
    }

    public string Describe() => _process.Describe();

    public void Dispose()
    {
        _process.Dispose();
        _directory.Dispose();
    }
}
