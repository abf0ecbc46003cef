namespace Concentrator.Tools.Doctor;

/// <summary>
/// In which network a process lives: its addresses, its loopback and the names of abstract sockets are those of that namespace alone
/// (network_namespaces(7)).
/// </summary>
internal static class NetworkNamespace
{
    /// <summary>How the kernel names it, such as <c>net:[4026531840]</c>; null when the process has ended or is not ours to look at.</summary>
    public static string? Of(string proc, int pid) => ProcFile.TryFollow(ProcFile.Of(proc, pid, "ns/net"));

    /// <summary>That of this process.</summary>
    public static string? Own { get; } = ProcFile.TryFollow("/proc/self/ns/net");
}
