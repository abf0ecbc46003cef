using System.Net.Sockets;
using System.Threading.Channels;
using Concentrator.Ingest.Sockets;
using Concentrator.Native;
using Concentrator.Taps;
using Concentrator.Telemetry.Log;
using Microsoft.Extensions.Logging;

namespace Concentrator.Hosting.HandOver;

/// <summary>
/// The socket on which a successor asks to take over, and an operator to see messages: unix stream socket <c>.control</c> in the spool's
/// directory, owner only.
/// <para>
/// The conversation of a hand-over: the successor sends <c>take-over 1</c>; the server answers <c>offer MILLISECONDS</c> (how long its stop may
/// take), one <see cref="SocketDescription"/> with its descriptor for each listener, and <c>end</c>; the successor sends <c>taken</c>,
/// and the server sends <c>done</c> when it has released everything. Alternatively the server sends <c>refused</c> and a reason.
/// </para>
/// <para>
/// The conversation of a tap: the client sends a <see cref="TapRequest"/>; the server answers <c>tapping</c> or <c>refused</c>, and then
/// sends lines of JSON (<see cref="TapDocument"/>).
/// </para>
/// One request at a time, on its own thread, each step with a deadline, which bounds what a client can cost. A tap continues on another
/// thread, so it keeps nobody waiting.
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
    private readonly TapService _taps;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Channel<TakeOverRequest> _successors = Channel.CreateUnbounded<TakeOverRequest>();
    private readonly Task _loop;

    private ControlSocket(string path, Socket socket, TapService taps, ILogger log)
    {
        _path = path;
        _socket = socket;
        _taps = taps;
        _log = log;
        _file = FileCalls.Identify(path);
        _loop = Task.Run(AcceptAsync);
    }

    /// <summary>The socket's path. Not a valid output name, so no output's folder can collide with it.</summary>
    public static string PathIn(string directory) => Path.Combine(directory, ".control");

    /// <summary>The path that earlier versions used.</summary>
    public static string EarlierPathIn(string directory) => Path.Combine(directory, "control");

    /// <summary>The processes that ask to take over, one after the other.</summary>
    public ChannelReader<TakeOverRequest> Successors => _successors.Reader;

    /// <summary>Opens the socket. If that fails, logs it and returns null: the server works without it.</summary>
    public static ControlSocket? TryOpen(string directory, TapService taps, ILogger log)
    {
        string path = PathIn(directory), temporary = UnixSocketPath.TemporaryName(path);
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            Directory.CreateDirectory(directory, OwnerOnly | UnixFileMode.UserExecute);
            if ((File.GetUnixFileMode(directory) & Writable) != 0) throw new IOException("its directory is writable by other users");
            if (FileCalls.Identify(path) is not null && !SocketReaders.IsAbandoned(path, SocketType.Stream))
                throw new IOException("another server holds it");
            File.Delete(temporary);
            socket.Bind(new UnixDomainSocketEndPoint(temporary));
            File.SetUnixFileMode(temporary, OwnerOnly);
            socket.Listen(4);
            File.Move(temporary, path, overwrite: true);
            return new ControlSocket(path, socket, taps, log);
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
        TakeOverChannel channel = new(peer);
        TakeOverRequest? successor = null;
        bool isTap = false;
        try
        {
            (int pid, uint user) = channel.Peer;
            if (user != DescriptorCalls.EffectiveUser() && user != 0)
            {
                Refuse(channel, $"process {pid} runs as user {user}: only root and this server's own user may take over or see messages");
                return;
            }
            string? request = channel.Receive(Answer);
            if (request is not null && TapRequest.IsOne(request)) isTap = TryTap(channel, pid, request);
            else if (request != Request) Refuse(channel, $"process {pid} sent a request that version {ProgramVersion.Current.Number} does not know");
            else HandOver(channel, successor = new TakeOverRequest(pid));
        }
        catch (OperationCanceledException)
        {
            // Expected: the server stops before it has answered; the successor sees the connection close.
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // The client went away or stayed silent; the server continues.
            _log.ControlFailed(e.Message);
        }
        finally
        {
            successor?.SetTaken(false);
            if (!isTap) channel.Dispose();
        }
    }

    /// <summary>True if the tap has the socket now.</summary>
    private bool TryTap(TakeOverChannel channel, int pid, string request)
    {
        if (!_taps.TryOpen(channel.Socket, request, out TapConversation? tap, out string? reason))
        {
            channel.Send($"refused {reason}");
            return false;
        }
        try
        {
            channel.Send(TapRequest.Accepted);
        }
        catch (IOException)
        {
            _taps.Abandon(tap);
            throw;
        }
        _taps.Start(tap, pid);
        return true;
    }

    private void Refuse(TakeOverChannel channel, string reason)
    {
        _log.ControlFailed(reason);
        channel.Send($"refused {reason}");
    }

    private void HandOver(TakeOverChannel channel, TakeOverRequest successor)
    {
        _successors.Writer.TryWrite(successor);
        (IReadOnlyList<ListenerSocket> listeners, TimeSpan timeout) = successor.WaitForOffer(Reload, _stopping.Token);
        channel.Send(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"offer {(long)timeout.TotalMilliseconds}"));
        foreach (ListenerSocket listener in listeners)
        {
            SocketDescription said = new(listener.Name, listener.Socket.IsLent, listener.Socket.File);
            channel.Send(said.ToString(), listener.Socket.Socket.SafeHandle);
        }
        channel.Send("end");
        if (channel.Receive(Answer) != "taken") throw new IOException("the successor did not take over the sockets");
        successor.SetTaken(true);
        successor.WaitUntilFinished(timeout + timeout + Reload);
        Close();
        channel.Send("done");
    }

    /// <summary>Stops accepting; a successor's own socket at the same path is kept.</summary>
    private void Close()
    {
        UnixSocketPath.RemoveIfStill(_path, _file);
        _socket.Dispose();
    }
}
