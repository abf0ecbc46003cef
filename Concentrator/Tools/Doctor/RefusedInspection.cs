using Concentrator.Native;

namespace Concentrator.Tools.Doctor;

/// <summary>The remedy when access was denied: root's rights; for root itself, what can restrict root.</summary>
internal static class RefusedInspection
{
    private const string AsRoot = "sudo concentrator doctor";

    // The kernel log names the security module: SELinux's audit lines begin with avc:, AppArmor's contain apparmor=.
    private const string Modules = "journalctl -k --grep='avc:|apparmor='";

    /// <summary>Whether the user is root. Capabilities and other limits are ignored: they are what can restrict root.</summary>
    public static bool IsRoot => DescriptorCalls.EffectiveUser() == 0;

    /// <param name="path">The path to which access was denied.</param>
    /// <param name="command">The command for another user to run; by default the doctor itself.</param>
    public static string AtPath(string path, string command = AsRoot) => AtPath(path, command, IsRoot);

    public static string AtPath(string path, string command, bool isRoot) => isRoot
        ? $"{Modules}; findmnt -T {path}    (access is denied even to root: by a security module, or by a read-only or remote file system)" : command;

    /// <summary>For a process that is not visible, or when it is unknown what was denied.</summary>
    public static string Anywhere() => Anywhere(IsRoot);

    public static string Anywhere(bool isRoot) => isRoot
        ? $"{Modules}    (access is denied even to root: by a security module, or because the object is outside this container)" : AsRoot;
}
