using Concentrator.Native;

namespace Concentrator.Tools.Doctor;

/// <summary>
/// What helps where a look was refused: root's rights. Where it is root who looks, asking for them helps nobody, and what can stand against root
/// is said.
/// </summary>
internal static class RefusedLook
{
    private const string AsRoot = "sudo concentrator doctor";

    // Which of them it is, the two logs say; audit lines of SELinux begin with avc:, AppArmor's hold apparmor=.
    private const string Modules = "journalctl -k --grep='avc:|apparmor='";

    /// <summary>Whether root looks. Capabilities and other limits are left out: they are what stands against it.</summary>
    public static bool IsRoot => DescriptorCalls.EffectiveUser() == 0;

    /// <param name="path">Of what may not be looked at or written.</param>
    /// <param name="command">What another user is to run; the look once more by default.</param>
    public static string AtPath(string path, string command = AsRoot) => AtPath(path, command, IsRoot);

    public static string AtPath(string path, string command, bool isRoot) => isRoot
        ? $"{Modules}; findmnt -T {path}    (root itself is refused: by a security module, or by a file system that is read-only or another's)" : command;

    /// <summary>Of a process that is not shown, or where it is not known what was refused.</summary>
    public static string Anywhere() => Anywhere(IsRoot);

    public static string Anywhere(bool isRoot) => isRoot
        ? $"{Modules}    (root itself is refused: by a security module, or by the container that it is root of, and what is looked at lies outside)" : AsRoot;
}
