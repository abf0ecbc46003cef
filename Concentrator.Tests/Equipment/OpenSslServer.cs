using System.Globalization;

namespace Concentrator.Tests.Equipment;

/// <summary><c>openssl s_server</c> as a receiver: keeps the decrypted bytes of its connections, one after another.</summary>
internal sealed class OpenSslServer : IDisposable
{
    private const int MostBytes = 256 << 20;

    private readonly TempDirectory _directory = new();
    private readonly PeerProcess _process;

    /// <param name="certificate">What it presents.</param>
    /// <param name="requireClientFrom">Requires a client certificate of this authority.</param>
    /// <param name="flags">More flags, such as <c>-tls1_2</c> or <c>-no_tls1_3</c>.</param>
    public OpenSslServer(IssuedCertificate certificate, CertificateAuthority? requireClientFrom = null, params string[] flags)
    {
        string program = Peer.Require("openssl", "openssl");
        Port = FreePort.Next();
        (string certificateFile, string keyFile) = certificate.WritePem(_directory.Path, "server");
        List<string> arguments =
        [
            "s_server", "-accept", Port.ToString(CultureInfo.InvariantCulture), "-cert", certificateFile, "-key", keyFile,
            "-cert_chain", certificateFile, "-quiet",
        ];
        if (requireClientFrom is not null)
            arguments.AddRange(["-Verify", "2", "-verify_return_error", "-CAfile", requireClientFrom.WritePem(_directory.Path, "clients.crt")]);
        arguments.AddRange(flags);
        // End of file on its stdin would end s_server's connections.
        _process = PeerProcess.Start(new PeerStart { Path = program, Arguments = arguments, KeepInput = true, OutputLimit = MostBytes });
        _process.WaitUntilReadyOrDispose(() => FreePort.IsListening(Port), $"port {Port}", this);
    }

    public int Port { get; }

    /// <summary>Everything received so far.</summary>
    public byte[] Received() => _process.Output.Bytes();

    /// <summary>Waits for that many bytes and reads them as octet-counted frames.</summary>
    public IReadOnlyList<byte[]> WaitForFrames(int count, TimeSpan? within = null)
    {
        List<byte[]> frames = [];
        long parsed = -1;
        Eventually.Holds(
            () =>
            {
                if (_process.Output.Total == parsed) return false;
                parsed = _process.Output.Total;
                frames.Clear();
                FrameBuffer received = FrameBuffer.Of(Received());
                while (received.TryTakeFrame(out ReadOnlySpan<byte> frame)) frames.Add(frame.ToArray());
                return frames.Count >= count;
            },
            $"{count} frames at openssl s_server",
            within,
            () => $"{frames.Count} frames\n{_process.Describe()}");
        return frames;
    }

    /// <summary>Ends it by that signal, at once.</summary>
    public void Kill(Signal signal)
    {
        _process.Send(signal);
        _process.WaitForExit();
        _process.Output.WaitForEnd(Deadline.Reaction);
    }

    public string Describe() => _process.Describe();

    public void Dispose()
    {
        _process.Dispose();
        _directory.Dispose();
    }
}
