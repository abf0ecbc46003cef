namespace Concentrator.Tools.Switch;

/// <summary>
/// Keeps HAProxy's unit from mounting the journal's socket over ours, from its next start on. The running process is not touched.
/// </summary>
internal sealed class DropInStep(SwitchedHost host) : SwitchStep
{
    public const string StepName = "drop-in";

    /// <summary>samples/haproxy.service.d/log.conf, byte for byte.</summary>
    public const string Text =
        """
        # Goes to /etc/systemd/system/haproxy.service.d/log.conf, then: systemctl daemon-reload && systemctl restart haproxy
        #
        # Debian's haproxy.service mounts the host's /dev/log, which is journald's, over /var/lib/haproxy/dev/log. While it does,
        # nothing that listens at that path receives a line. The empty assignment takes the mount away.

        # HAProxy waits for the socket and not for the server: its lines wait there too.

        [Unit]
        Wants=concentrator.socket
        After=concentrator.socket

        [Service]
        BindReadOnlyPaths=

        """;

    private const string WrittenNote = "written";

    public override string Name => StepName;

    private string DropIn => host.HaproxyDropIn;

    public override string Describe() => $"keep systemd from mounting the journal's socket over ours when HAProxy is next started ({DropIn})";

    public override string? DescribeBack(JournalEntry entry) => $"{DropIn} removed";

    public override async Task<string> DoAsync(JournalEntry entry, CancellationToken stop)
    {
        if (!File.Exists(DropIn))
        {
            entry[WrittenNote] = "yes";
            Directory.CreateDirectory(Path.GetDirectoryName(DropIn)!);
            await File.WriteAllTextAsync(DropIn, Text, stop).ConfigureAwait(false);
        }
        else if (await File.ReadAllTextAsync(DropIn, stop).ConfigureAwait(false) != Text)
        {
            throw new SwitchFailure($"{DropIn} exists with different content; add these lines to it: [Service] BindReadOnlyPaths= (empty)");
        }
        await host.SystemctlAsync(stop, "daemon-reload").ConfigureAwait(false);
        return $"HAProxy's next start mounts nothing over our socket ({DropIn})";
    }

    public override async Task<string?> UndoAsync(JournalEntry entry, CancellationToken stop)
    {
        if (entry[WrittenNote] is null) return null;
        File.Delete(DropIn);
        string directory = Path.GetDirectoryName(DropIn)!;
        if (Directory.Exists(directory) && !Directory.EnumerateFileSystemEntries(directory).Any()) Directory.Delete(directory);
        await host.SystemctlAsync(stop, "daemon-reload").ConfigureAwait(false);
        return null;
    }
}
