using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Concentrator.Ingest.Sockets;
using Concentrator.Native;

namespace Concentrator.Hosting.HandOver;

/// <summary>
/// The running server as seen by the process that takes over from it (see <see cref="ControlSocket"/> for the conversation). All
/// calls block, each up to a deadline.
/// </summary>
internal sealed class TakeOverClient : IDisposable
{
    /// <summary>Time limit for an answer; the server may be in the middle of a reload.</summary>
    private static readonly TimeSpan Answer = TimeSpan.FromSeconds(40);

    /// <summary>Added to the time that the server's own stop may take.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan LongestStop = TimeSpan.FromHours(1);

    /// <summary>More than any configuration has.</summary>
    private const int MostSockets = 4096;

    private readonly TakeOverChannel _channel;
    private TimeSpan _stopTimeout;

    private TakeOverClient(TakeOverChannel channel, int pid)
    {
        _channel = channel;
        Pid = pid;
    }

    public int Pid { get; }

    /// <summary>The server that owns the control socket in the spool's directory; null if there is none.</summary>
    /// <exception cref="TakeOverException">There is one, but this process may not take over from it.</exception>
    public static TakeOverClient? Find(string directory)
    {
        if (FindAt(ControlSocket.PathIn(directory)) is { } found) return found;
        string earlier = ControlSocket.EarlierPathIn(directory);
        return FileCalls.Identify(earlier) is { IsSocket: true } ? FindAt(earlier) : null;
    }

    private static TakeOverClient? FindAt(string path)
    {
        try
        {
            return ControlConnection.TryOpen(path, Margin, out int pid) is { } channel ? new TakeOverClient(channel, pid) : null;
        }
        catch (IOException e)
        {
            throw new TakeOverException(e.Message);
        }
    }

    /// <summary>
    /// Takes the sockets. The server keeps reading until this returns; then it stops, and only <see cref="WaitUntilGone"/>
    /// remains to be called.
    /// </summary>
    /// <exception cref="TakeOverException">The server refuses, or its answer is not understood; it continues as before.</exception>
    public InheritedSockets Take()
    {
        List<InheritedSocket> sockets = [];
        try
        {
            Ask();
            _stopTimeout = ParseOffer(_channel.Receive(Answer));
            while (true)
            {
                string? text = _channel.Receive(Answer, out SafeSocketHandle? descriptor);
                if (text == "end" && descriptor is null) break;
                if (text is null || SocketDescription.Parse(text) is not { } said || descriptor is null || sockets.Count == MostSockets)
                {
                    descriptor?.Dispose();
                    throw Strange(text);
                }
                sockets.Add(new InheritedSocket(said, new Socket(descriptor)));
            }
            _channel.Send("taken");
            return new InheritedSockets(sockets);
        }
        catch (Exception e)
        {
            foreach (InheritedSocket socket in sockets) socket.Socket.Dispose();
            if (e is IOException or SocketException) throw new TakeOverException($"process {Pid}: {e.Message}");
            throw;
        }
    }

    private void Ask()
    {
        try
        {
            _channel.Send(ControlSocket.Request);
        }
        catch (IOException)
        {
            // A server that refuses this user closes without waiting for the request; its reason can still be read.
        }
    }

    /// <summary>Returns when the server has released its spool and addresses, or has ended.</summary>
    /// <exception cref="TakeOverException">It did not in time.</exception>
    public void WaitUntilGone()
    {
        long start = Stopwatch.GetTimestamp();
        try
        {
            string? last = _channel.Receive(_stopTimeout + Margin);
            if (last is not (null or "done")) throw Strange(last);
        }
        catch (IOException) when (Stopwatch.GetElapsedTime(start) >= _stopTimeout)
        {
            throw new TakeOverException(string.Create(
                CultureInfo.InvariantCulture,
                $"process {Pid} handed over its sockets but did not end within {(_stopTimeout + Margin).TotalSeconds:0} s; stop it, then start again"));
        }
        catch (IOException)
        {
            // Expected: the server ended without a last message; the spool's lock shows whether it is really gone.
        }
    }

    public void Dispose() => _channel.Dispose();

    private TimeSpan ParseOffer(string? text)
    {
        if (text?.StartsWith("refused ", StringComparison.Ordinal) == true)
            throw new TakeOverException($"process {Pid} refused: {text["refused ".Length..]}");
        return text?.Split(' ') is ["offer", { } number]
            && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long milliseconds)
            && milliseconds <= LongestStop.TotalMilliseconds
            ? TimeSpan.FromMilliseconds(milliseconds)
            : throw Strange(text);
    }

    private TakeOverException Strange(string? text) => new(text is null
        ? $"process {Pid} closed the connection"
        : $"process {Pid} is not a server that can hand over to this version");
}

/// <summary>Nothing was taken over; the message gives the reason in one line for the operator. Exit code 2.</summary>
internal sealed class TakeOverException(string reason) : Exception($"cannot take over: {reason}");
