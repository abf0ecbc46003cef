using System.Net.Sockets;
using System.Runtime.InteropServices;
using Concentrator.Configuration.Options;
using Concentrator.Native;

namespace Concentrator.Ingest.Sockets;

/// <summary>
/// Puts a unix socket at its path without a moment in which the path names nothing: bound under a temporary name beside it,
/// given mode and owner there, then renamed over the path (docs/reference/haproxy.md, A socket that takes over).
/// The same rename detaches a mount that lies over the path. It is a step of its own, so that nothing is taken from whoever
/// has the path before everything else that may fail has succeeded.
/// </summary>
internal sealed class UnixSocketPath
{
    private readonly ListenerOptions _options;
    private readonly string _path;
    private bool _isClaimed;

    private UnixSocketPath(ListenerOptions options, FileIdentity? identity, bool isClaimed)
    {
        _options = options;
        _path = options.Address.Path!;
        Identity = identity;
        _isClaimed = isClaimed;
    }

    /// <summary>What the path names once it is claimed.</summary>
    public FileIdentity? Identity { get; }

    /// <summary>The name a socket is bound under before it is renamed; the kernel goes on showing it in /proc/net/unix.</summary>
    public static string TemporaryName(string path) => path + "~";

    /// <summary>Where a socket bound under that name was renamed to.</summary>
    public static string FinalName(string temporary) => temporary.EndsWith('~') ? temporary[..^1] : temporary;

    /// <summary>Binds the socket under its temporary name. Whoever has the path keeps it until <see cref="Claim"/>.</summary>
    /// <exception cref="BindException">Someone else reads there, or the system refuses a step.</exception>
    public static UnixSocketPath Bind(Socket socket, ListenerOptions options)
    {
        string path = options.Address.Path!;
        string address = options.Address.ToString();
        RefuseWhatIsNotOurs(socket.SocketType, options, path, address);
        string temporary = TemporaryName(path);
        try
        {
            if (Path.GetDirectoryName(path) is { Length: > 0 } directory) Directory.CreateDirectory(directory);
            File.Delete(temporary);
            socket.Bind(new UnixDomainSocketEndPoint(temporary));
            File.SetUnixFileMode(temporary, options.Mode);
            SetOwner(temporary, options, address);
            return new UnixSocketPath(options, FileCalls.Identify(temporary), isClaimed: false);
        }
        catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            TryDelete(temporary);
            throw new BindException(options.Name, address, e.Message);
        }
    }

    /// <summary>The path of a socket that a predecessor has put there and handed over.</summary>
    public static UnixSocketPath Adopt(ListenerOptions options, FileIdentity? identity) => new(options, identity, isClaimed: true);

    /// <summary>Moves the socket to its path: from now on messages come here.</summary>
    /// <exception cref="BindException">The system refuses.</exception>
    public void Claim()
    {
        if (_isClaimed) return;
        try
        {
            File.Move(TemporaryName(_path), _path, overwrite: true);
            _isClaimed = true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BindException(_options.Name, _options.Address.ToString(), e.Message);
        }
    }

    /// <summary>Removes the path if it was claimed, unless a successor has taken it over. The temporary name goes with the socket.</summary>
    public void Remove() => RemoveIfStill(_path, Identity);

    /// <summary>Removes a path, unless it names another file by now, a successor's socket for one.</summary>
    public static void RemoveIfStill(string path, FileIdentity? file)
    {
        if (file is not null && FileCalls.Identify(path) == file) TryDelete(path);
    }

    /// <summary>
    /// Whether that file, which the path names, is an empty one, which is no loss: systemd makes one where a unit mounts a socket over a path that names nothing
    /// (Debian's <c>haproxy.service</c>, where no rsyslog has made HAProxy's).
    /// </summary>
    public static bool IsPlaceholder(string path, FileIdentity file) => file.Kind == FileKind.Regular && new FileInfo(path) is { Exists: true, Length: 0 };

    private static void RefuseWhatIsNotOurs(SocketType type, ListenerOptions options, string path, string address)
    {
        if (FileCalls.Identify(path) is not { } there || IsPlaceholder(path, there)) return;
        if (!there.IsSocket)
            throw new BindException(options.Name, address, "a file that is not a socket is there; move it away or choose another path");
        if (options.Takeover || SocketReaders.IsAbandoned(path, type)) return;
        throw new BindException(
            options.Name, address,
            $"{SocketReaders.Describe(path)} reads there; stop it, or set Listeners:{options.Name}:Takeover to true to take the path over");
    }

    private static void SetOwner(string path, ListenerOptions options, string address)
    {
        if (options.Owner is null && options.Group is null) return;
        uint user = Accounts.Unchanged, group = Accounts.Unchanged;
        if (options.Owner is not null && !Accounts.TryFindUser(options.Owner, out user))
            throw new BindException(options.Name, address, $"there is no user '{options.Owner}' (Listeners:{options.Name}:Owner)");
        if (options.Group is not null && !Accounts.TryFindGroup(options.Group, out group))
            throw new BindException(options.Name, address, $"there is no group '{options.Group}' (Listeners:{options.Name}:Group)");
        if (FileCalls.ChangeOwner(path, user, group) != 0)
            throw new BindException(options.Name, address, $"cannot change the owner: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Ignorable: a stale name does no harm, the next start renames over it.
        }
    }
}
