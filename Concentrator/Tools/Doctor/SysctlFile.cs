using System.Globalization;
using System.Text.RegularExpressions;
using Concentrator.Native;

namespace Concentrator.Tools.Doctor;

/// <summary>
/// What <c>--fix</c> writes: samples/sysctl.d/60-concentrator.conf. A setting that is already larger on this host keeps its value. An
/// existing file with other content is never overwritten.
/// </summary>
internal sealed partial class SysctlFile(ExaminedHost host)
{
    /// <summary>The sample, byte for byte.</summary>
    public const string Text =
        """
        # Kernel settings for a host where HAProxy logs to Concentrator's unix datagram socket. Goes to /etc/sysctl.d/, then:
        # sysctl --system, restart Concentrator (it must create its socket after this), restart HAProxy (its buffers likewise).
        #
        # Raising only the queue, or only the buffers, changes nothing: HAProxy drops a line as soon as either is full.

        # Messages that wait in the socket while the server is not scheduled. The kernel's default is 10, systemd's 512.
        # Concentrator raises it by itself when it may, for itself; here it also holds for everything else.
        net.unix.max_dgram_qlen = 16384

        # The most that HAProxy 2.9 and later may ask for with tune.sndbuf.backend, and Concentrator for a UDP listener.
        net.core.wmem_max = 8388608
        net.core.rmem_max = 16777216

        # HAProxy before 2.9 (Debian 12) cannot choose its send buffer and takes this one: 8 MB hold some 6,500 lines of 250 to 500 bytes
        # for each of its threads, 2 MB a quarter of that. Leave it out for later versions.
        net.core.wmem_default = 8388608

        """;

    private string Path => host.SysctlFile;

    /// <summary>Writes the file, or reports why not.</summary>
    public Diagnosis Write()
    {
        string text = SettingLine().Replace(Text, line =>
        {
            long wanted = long.Parse(line.Groups[2].ValueSpan, CultureInfo.InvariantCulture);
            long value = Math.Max(wanted, ProcFile.TrySetting(host.Proc, line.Groups[1].Value) ?? wanted);
            return string.Create(CultureInfo.InvariantCulture, $"{line.Groups[1].Value} = {value}");
        });
        try
        {
            if (!File.Exists(Path))
            {
                // The directory is missing on a host without procps.
                if (System.IO.Path.GetDirectoryName(Path) is { Length: > 0 } directory) Directory.CreateDirectory(directory);
                File.WriteAllText(Path, text);
                return Diagnosis.Ok("--fix", $"{Path} has been written; to apply it: {host.ApplySettings}");
            }
            return File.ReadAllText(Path) == text
                ? Diagnosis.Ok("--fix", $"{Path} already exists; to apply it: {host.ApplySettings}")
                : Diagnosis.Warn("--fix", $"{Path} exists with different content and was not changed", $"mv {Path} {Path}.old && concentrator doctor --fix");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            string directory = System.IO.Path.GetDirectoryName(Path)!;
            return Diagnosis.Fail("--fix", $"cannot write {Path}: {e.Message}", e switch
            {
                UnauthorizedAccessException => RefusedInspection.AtPath(directory, "sudo concentrator doctor --fix"),
                _ => $"df {directory}; findmnt -T {directory}",
            });
        }
    }

    /// <summary>Matches a setting and its value.</summary>
    [GeneratedRegex(@"^([a-z_.]+) = (\d+)$", RegexOptions.Multiline)]
    public static partial Regex SettingLine();
}
