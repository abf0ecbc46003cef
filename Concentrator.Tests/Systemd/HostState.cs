using Concentrator.Tests.Equipment;

namespace Concentrator.Tests.Systemd;

/// <summary>What a host looks like from outside: compared before and after, each part is one text.</summary>
internal static class HostState
{
    /// <summary>What is on disk, with mode, owner, and for what is configured its content.</summary>
    public static string Files(SystemdRoot root) => root.Run("""
        cd /
        find etc usr var root -path var/log -prune -o -path var/lib/dpkg -prune -o -path var/lib/systemd -prune -o -path var/tmp -prune -o -path root/concentrator.deb -prune \
          -o -printf '%y %m %u:%g %p %l\n' | sort
        find etc -type f -exec md5sum {} + | sort -k 2
        """);

    public static string Units(SystemdRoot root) => root.Run("systemctl list-unit-files --no-legend --no-pager | sort");

    public static string Running(SystemdRoot root) =>
        root.Run("systemctl list-units --no-legend --no-pager --plain --state=active --type=service,socket | awk '{ print $1 }' | sort");

    /// <summary>Paths and ports that somebody listens at; HAProxy's own, which are bound under names with its process id, left out.</summary>
    public static string Sockets(SystemdRoot root) => root.Run(
        "{ awk '$8 ~ /^\\// && $8 !~ /[.]tmp$/ { print $8 }' /proc/net/unix; awk '$4 == \"0A\" { print $2 }' /proc/net/tcp /proc/net/tcp6; } | sort -u");

    public static string Kernel(SystemdRoot root) => root.Run("sysctl --all --pattern '^net[.](core|unix)[.]' 2>/dev/null | sort");

    /// <summary>All that a switch may touch and its way back must put back; the spool, which may hold messages, is the server's.</summary>
    public static string All(SystemdRoot root)
    {
        IEnumerable<string> files = Files(root).Split('\n').Where(static line => !line.Contains(" var/spool/concentrator", StringComparison.Ordinal));
        return string.Join("\n====\n", string.Join('\n', files), Units(root), Running(root), Kernel(root), Mounts(root));
    }

    /// <summary>Mount points, whoever's.</summary>
    private static string Mounts(SystemdRoot root) => root.Run("awk '{ print $5 }' /proc/self/mountinfo | sort");
}
