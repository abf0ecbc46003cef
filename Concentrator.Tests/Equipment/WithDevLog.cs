namespace Concentrator.Tests.Equipment;

/// <summary>Programs that know no other socket than <c>/dev/log</c>, which is here a link to another one, for that process alone.</summary>
internal static class WithDevLog
{
    /// <param name="socket">What <c>/dev/log</c> leads to; it need not exist.</param>
    /// <param name="program">Sees nothing else in <c>/dev</c>.</param>
    /// <param name="arguments">The program's.</param>
    public static PeerStart Start(string socket, string program, params string[] arguments) => new()
    {
        Path = Peer.Require("unshare", "util-linux"),
        Arguments =
        [
            "--mount", "sh", "-c", "mount -t tmpfs none /dev && ln -s \"$1\" /dev/log && shift && exec \"$@\"", "sh", socket, program, .. arguments,
        ],
    };
}
