using System.Diagnostics;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Concentrator.Native;

namespace Concentrator.Bench.Sink;

/// <summary>One connection of a relay to the <see cref="SinkServer"/>.</summary>
internal sealed class SinkConnection(Socket socket, X509Certificate2? certificate, SinkServer server, Misbehaviour misbehaviour)
{
    private const int FirstSize = 256 * 1024;

    private byte[] _buffer = new byte[FirstSize];
    private int _length;
    private int _place;
    private long _frames;

    /// <summary>Ends the connection with a reset. Thread-safe.</summary>
    public void Reset()
    {
        try
        {
            socket.LingerState = new LingerOption(true, 0);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Expected: the connection has ended already.
        }
        socket.Dispose();
    }

    /// <summary>Reads until the connection ends. Returns false when its framing was invalid.</summary>
    public bool Run()
    {
        try
        {
            using NetworkStream plain = new(socket, ownsSocket: true);
            if (certificate is null) return Read(plain);
            using SslStream tls = new(plain);
            tls.AuthenticateAsServer(certificate);
            return Read(tls);
        }
        catch (Exception e) when (e is IOException or SocketException or AuthenticationException or ObjectDisposedException
            or InvalidOperationException)
        {
            // Expected: either side gave up. The relay sends an incomplete frame again.
            return true;
        }
    }

    private bool Read(Stream stream)
    {
        long began = Stopwatch.GetTimestamp();
        long taken = 0;
        while (true)
        {
            int room = _buffer.Length - _length;
            if (misbehaviour.Slow > 0)
            {
                double due = taken / (double)misbehaviour.Slow;
                ClockCalls.Sleep(TimeSpan.FromSeconds(Math.Min(1, due - Stopwatch.GetElapsedTime(began).TotalSeconds)));
                room = (int)Math.Clamp(misbehaviour.Slow / 20, 1, room);
            }
            int read = stream.Read(_buffer, _length, room);
            if (read == 0) return _length == 0;
            taken += read;
            _length += read;
            if (!TakeFrames(out int frames)) return false;
            switch (server.Took(this, frames, _frames))
            {
                case Mischief.Reset:
                    Reset();
                    return true;
                case Mischief.Stall:
                    Thread.Sleep(misbehaviour.Stall);
                    break;
                case Mischief.HalfClose:
                    if (stream is SslStream tls) tls.ShutdownAsync().Wait();
                    socket.Shutdown(SocketShutdown.Send);
                    break;
            }
        }
    }

    private bool TakeFrames(out int frames)
    {
        frames = 0;
        int at = 0;
        long now = Stopwatch.GetTimestamp();
        SinkTally tally = server.Tally;
        OctetFrames.Answer answer;
        int header, length;
        lock (tally.Gate)
        {
            while ((answer = OctetFrames.Look(_buffer.AsSpan(at, _length - at), out header, out length)) == OctetFrames.Answer.Frame)
            {
                tally.RecordUnsynchronized(_buffer.AsSpan(at + header, length), ref _place, now);
                at += header + length;
                frames++;
            }
        }
        _frames += frames;
        _length -= at;
        if (at > 0) _buffer.AsSpan(at, _length).CopyTo(_buffer);
        if (_length == _buffer.Length) Array.Resize(ref _buffer, _buffer.Length * 2);
        return answer != OctetFrames.Answer.Violation;
    }
}
