using System.Net.Sockets;
using System.Threading.Channels;
using Concentrator.Ingest.Sockets;
using Concentrator.Native;
using Concentrator.Telemetry.Log;
using Microsoft.Extensions.Logging;

namespace Concentrator.Hosting.HandOver;

/// <summary>
/// Where a successor asks to take over: the unix stream socket <c>.control</c> in the spool's directory, for the owner alone.
/// <para>
/// The conversation. The successor says <c>take-over 1</c>; the server answers <c>offer MILLISECONDS</c> (how long its stop may
/// take), one <see cref="HandedSocket"/> with its descriptor for each listener, and <c>end</c>; the successor says <c>taken</c>,
/// and when the server has let go of everything, that says <c>done</c>. Or else the server says <c>refused</c> and why.
/// </para>
/// One client at a time, on a thread of its own, each step with a deadline: whoever connects can cost no more than that.
/// </summary>
internal sealed class ControlSocket : IAsyncDisposable
{
    public const string Request = "take-over 1";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Writable = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    private static readonly TimeSpan Answer = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Reload = TimeSpan.FromSeconds(30);

    private readonly string _path;
    private readonly FileIdentity? _file;
    private readonly Socket _socket;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Channel<Successor> _successors = Channel.CreateUnbounded<Successor>();
    private readonly Task _loop;

    private ControlSocket(string path, Socket socket, ILogger log)
    {
        _path = path;
        _socket = socket;
        _log = log;
        _file = FileCalls.Identify(path);
        _loop = Task.Run(AcceptAsync);
    }

    /// <summary>No output can be called so, whose folder would stand there.</summary>
    public static string PathIn(string directory) => Path.Combine(directory, ".control");

    /// <summary>Where servers of before had it.</summary>
    public static string EarlierPathIn(string directory) => Path.Combine(directory, "control");

    /// <summary>Those who ask, one after the other.</summary>
    public ChannelReader<Successor> Successors => _successors.Reader;

    /// <summary>Null, and said, where there can be none: the server works without it.</summary>
    public static ControlSocket? TryOpen(string directory, ILogger log)
    {
        string path = PathIn(directory), temporary = UnixSocketPath.TemporaryName(path);
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            Directory.CreateDirectory(directory, OwnerOnly | UnixFileMode.UserExecute);
            if ((File.GetUnixFileMode(directory) & Writable) != 0) throw new IOException("others may write to its directory");
            if (FileCalls.Identify(path) is not null && !SocketReaders.IsAbandoned(path, SocketType.Stream))
                throw new IOException("another server has it");
            File.Delete(temporary);
            socket.Bind(new UnixDomainSocketEndPoint(temporary));
            File.SetUnixFileMode(temporary, OwnerOnly);
            socket.Listen(4);
            File.Move(temporary, path, overwrite: true);
            return new ControlSocket(path, socket, log);
        }
        catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            socket.Dispose();
            log.NoControlSocket(path, e.Message);
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
        Close();
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                Socket peer = await _socket.AcceptAsync(_stopping.Token).ConfigureAwait(false);
                await Task.Factory.StartNew(
                    () => Serve(peer), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                // Expected: the server stops, or has handed over.
                return;
            }
            catch (SocketException e)
            {
                _log.ControlFailed(e.Message);
                await Task.Delay(100).ConfigureAwait(false);
            }
        }
    }

    private void Serve(Socket peer)
    {
        using ControlChannel channel = new(peer);
        Successor? successor = null;
        try
        {
            (int pid, uint user) = channel.Peer;
            if (user != DescriptorCalls.EffectiveUser() && user != 0)
                Refuse(channel, $"process {pid} belongs to user {user}: only root and this server's own user may take over");
            else if (channel.Receive(Answer) != Request)
                Refuse(channel, $"process {pid} asked for what version {ProgramVersion.Current.Number} does not know");
            else
                HandOver(channel, successor = new Successor(pid));
        }
        catch (OperationCanceledException)
        {
            // Expected: the server is told to stop before it has answered; the successor sees the end of the conversation.
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // A client that goes away or stays silent; the server goes on as before.
            _log.ControlFailed(e.Message);
        }
        finally
        {
            successor?.SetTaken(false);
        }
    }

    private void Refuse(ControlChannel channel, string reason)
    {
        _log.ControlFailed(reason);
        channel.Send($"refused {reason}");
    }

    private void HandOver(ControlChannel channel, Successor successor)
    {
        _successors.Writer.TryWrite(successor);
        (IReadOnlyList<BoundListener> listeners, TimeSpan timeout) = successor.WaitForOffer(Reload, _stopping.Token);
        channel.Send(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"offer {(long)timeout.TotalMilliseconds}"));
        foreach (BoundListener listener in listeners)
        {
            HandedSocket said = new(listener.Name, listener.Socket.IsLent, listener.Socket.File);
            channel.Send(said.ToString(), listener.Socket.Socket.SafeHandle);
        }
        channel.Send("end");
        if (channel.Receive(Answer) != "taken") throw new IOException("the successor has not taken the sockets");
        successor.SetTaken(true);
        successor.WaitUntilFinished(timeout + timeout + Reload);
        Close();
        channel.Send("done");
    }

    /// <summary>Nobody can ask any more; a successor's own socket at the same path stays.</summary>
    private void Close()
    {
        UnixSocketPath.RemoveIfStill(_path, _file);
        _socket.Dispose();
    }
}
