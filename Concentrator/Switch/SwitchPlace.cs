namespace Concentrator.Switch;

/// <summary>The socket that is switched to, as HAProxy and the host name it.</summary>
/// <param name="Chroot">HAProxy's, as the host sees it.</param>
/// <param name="InnerPath">The socket, as HAProxy's log line names it from inside.</param>
/// <param name="IsOwnName">A name that nobody had before: HAProxy's log line must change, and nobody has to let go of anything.</param>
internal sealed record SwitchPlace(string Chroot, string InnerPath, bool IsOwnName)
{
    /// <summary>The socket, as the host sees it.</summary>
    public string HostPath => Chroot.TrimEnd('/') + InnerPath;

    public override string ToString() => $"{InnerPath} in {Chroot}";
}
