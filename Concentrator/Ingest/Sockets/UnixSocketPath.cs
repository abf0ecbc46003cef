using System.Net.Sockets;
using System.Runtime.InteropServices;
using Concentrator.Configuration.Options;
using Concentrator.Native;

namespace Concentrator.Ingest.Sockets;

/// <summary>
/// Puts a unix socket at its path so that the path always names something: binds it under a temporary name beside the path, sets mode and
/// owner there, then moves it to the path (docs/reference/haproxy.md, A socket that takes over). A mount that covers the path in another
/// mount namespace goes away by that. The move is a separate step, so that the current holder keeps the path until everything else that may fail has
/// succeeded.
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

    /// <summary>The file that the path names once it is claimed.</summary>
    public FileIdentity? Identity { get; }

    /// <summary>The name that a socket is bound under before it has its path; /proc/net/unix keeps showing it.</summary>
    public static string TemporaryName(string path) => path + "~";

    /// <summary>The name that a socket bound under that name was renamed to.</summary>
    public static string FinalName(string temporary) => temporary.EndsWith('~') ? temporary[..^1] : temporary;

    /// <summary>Binds the socket under its temporary name. The current holder keeps the path until <see cref="Claim"/>.</summary>
    /// <exception cref="BindException">Another process reads there, or a system call fails.</exception>
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

    /// <summary>Adopts the path of a socket that a predecessor put there and handed over.</summary>
    public static UnixSocketPath Adopt(ListenerOptions options, FileIdentity? identity) => new(options, identity, isClaimed: true);

    /// <summary>Moves the socket to its path: from now on it receives the messages.</summary>
    /// <exception cref="BindException">The system refuses.</exception>
    public void Claim()
    {
        if (_isClaimed) return;
        try
        {
            SeamlessRename.Move(TemporaryName(_path), _path);
            _isClaimed = true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BindException(_options.Name, _options.Address.ToString(), e.Message);
        }
    }

    /// <summary>Removes the path if it was claimed and no successor has taken it over. The temporary name goes with the socket.</summary>
    public void Remove() => RemoveIfStill(_path, Identity);

    /// <summary>Removes a path, unless it now names another file, such as a successor's socket.</summary>
    public static void RemoveIfStill(string path, FileIdentity? file)
    {
        if (file is not null && FileCalls.Identify(path) == file) TryDelete(path);
    }

    /// <summary>
    /// Whether the file at the path is an empty one, which may be replaced: systemd creates one where a unit mounts a socket over a path
    /// that does not exist (Debian's <c>haproxy.service</c>, where no rsyslog has created HAProxy's).
    /// </summary>
    public static bool IsPlaceholder(string path, FileIdentity file) => file.Kind == FileKind.Regular && new FileInfo(path) is { Exists: true, Length: 0 };

    private static void RefuseWhatIsNotOurs(SocketType type, ListenerOptions options, string path, string address)
    {
        if (FileCalls.Identify(path) is not { } there || IsPlaceholder(path, there)) return;
        if (!there.IsSocket)
            throw new BindException(options.Name, address, "the path exists and is not a socket; move it away or choose another path");
        if (options.Takeover || SocketReaders.IsAbandoned(path, type)) return;
        throw new BindException(
            options.Name, address,
            $"{SocketReaders.Describe(path)} reads this path; stop it, or set Listeners:{options.Name}:Takeover to true to take the path over");
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
            // Ignored: a stale name does no harm, and the next start renames over it.
        }
    }
}
