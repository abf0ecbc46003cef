using System.Diagnostics;
using System.Globalization;
using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Configuration.Values;
using Concentrator.Native;
using Concentrator.Queues;
using Concentrator.Queues.Files;

namespace Concentrator.Tools.Doctor;

/// <summary>Checks the spool's directory: owner, mode, the server that uses it, free space and write speed.</summary>
internal sealed class SpoolCheck(string proc, SpoolOptions options, Traffic traffic)
{
    /// <summary>Written with fdatasync and removed: enough to measure the disk, and short.</summary>
    private const int ProbeBytes = 8 * 1024 * 1024;

    /// <summary>Disk bytes per message of the usual size, doubled because some lines are longer and reading costs too.</summary>
    private const double BytesPerMessage = 2 * 400;

    private const UnixFileMode OthersMode = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private readonly string _directory = options.Directory;

    private string Subject => $"spool {_directory}";

    public IEnumerable<Diagnosis> Look()
    {
        if (options.Durability == Durability.Memory && !Directory.Exists(_directory)) return [Room()];
        return Directory.Exists(_directory)
            ? [Access(), .. Holders(), Room(), Speed()]
            : [Diagnosis.Ok(Subject, "does not exist yet; the server creates it at start"), Room()];
    }

    private Diagnosis Access()
    {
        UnixFileMode mode = File.GetUnixFileMode(_directory);
        string shown = FileModeParser.Format(mode);
        string owner = FileCalls.OwnerOf(_directory) is { } found ? $"user {found.User}" : "an unknown user";
        return (mode & OthersMode) == 0
            ? Diagnosis.Ok(Subject, $"mode {shown}, of {owner}")
            : Diagnosis.Warn(Subject, $"mode {shown}, of {owner}: other users can read messages and intake keys", $"chmod 0700 {_directory}");
    }

    /// <summary>The processes that hold the locks of the outputs' directories.</summary>
    private IEnumerable<Diagnosis> Holders()
    {
        if (Subdirectories() is not { } outputs) return [];
        int[] holders = [.. outputs.Select(static path => SpoolDirectory.IsLocked(path, out int pid) ? pid : -1).Where(static pid => pid >= 0).Distinct()];
        if (holders.Length == 0) return [Diagnosis.Ok(Subject, "not in use by a server")];
        return holders.Select(pid => pid == 0 || ServerProcesses.IsServer(proc, pid)
            ? Diagnosis.Ok(Subject, pid == 0 ? "in use by a server" : $"in use by the server with pid {pid}")
            : Diagnosis.Fail(
                Subject, $"{ProcFile.Name(proc, pid) ?? "a process that has ended"} (pid {pid}) holds its lock: no server can use it",
                $"ps -p {pid}    (stop it, or change Spool:Directory)"));
    }

    /// <summary>The outputs' directories; null when access is denied.</summary>
    private string[]? Subdirectories()
    {
        try
        {
            return Directory.GetDirectories(_directory);
        }
        catch (UnauthorizedAccessException)
        {
            // The speed check reports this.
            return null;
        }
    }

    private Diagnosis Room()
    {
        if (DiskFreeSpace.Compare(options) is not { } room) return Diagnosis.Warn(Subject, "the free space of its file system cannot be determined", $"df {_directory}");
        string finding = $"{RoughFigures.Size(room.Free)} free, and Spool:MaxSize of {ByteSize.Format(options.MaxSize)} needs {RoughFigures.Size(room.Wanted)} more";
        return room.Free >= room.Wanted
            ? Diagnosis.Ok(Subject, finding)
            : Diagnosis.Warn(Subject, $"{finding}: the disk fills up before the spool does", $"\"Spool\": {{ \"MaxSize\": \"{ByteSize.Format(room.Right)}\" }}, or free disk space: df {_directory}");
    }

    private Diagnosis Speed()
    {
        string path = Path.Combine(_directory, string.Create(CultureInfo.InvariantCulture, $"doctor-{Environment.ProcessId}"));
        try
        {
            double speed = Measure(path);
            double needed = Math.Max(traffic.Total, Traffic.Assumed) * BytesPerMessage;
            string finding = $"{RoughFigures.Size((long)speed)} per second, written and flushed";
            return speed >= needed
                ? Diagnosis.Ok(Subject, finding)
                : Diagnosis.Warn(
                    Subject, string.Create(CultureInfo.InvariantCulture, $"{finding}: {Math.Max(traffic.Total, Traffic.Assumed):#,0} msg/s need {RoughFigures.Size((long)needed)}"),
                    "\"Spool\": { \"Directory\": \"DIR\" } on a faster disk");
        }
        catch (UnauthorizedAccessException) when (!Environment.IsPrivilegedProcess)
        {
            // Expected: only the server's user has access.
            return Diagnosis.Warn(Subject, "this user cannot access it: its lock and its speed were not checked", "sudo concentrator doctor");
        }
        catch (UnauthorizedAccessException e)
        {
            return Diagnosis.Fail(Subject, $"cannot be written to: {e.Message}", RefusedInspection.AtPath(_directory));
        }
        catch (IOException e)
        {
            return Diagnosis.Fail(Subject, $"cannot be written to: {e.Message}", $"df {_directory}; findmnt -T {_directory}");
        }
        finally
        {
            if (File.Exists(path)) File.Delete(path);
        }
    }

    private static double Measure(string path)
    {
        byte[] block = new byte[64 * 1024];
        Random.Shared.NextBytes(block);
        FileStreamOptions create = new() { Mode = FileMode.Create, Access = FileAccess.Write, BufferSize = 0, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite };
        using FileStream file = new(path, create);
        long began = Stopwatch.GetTimestamp();
        for (int written = 0; written < ProbeBytes; written += block.Length) file.Write(block);
        if (DiskCalls.SyncData(file.SafeFileHandle) != 0) throw DiskCalls.Failure($"cannot flush {path}");
        return ProbeBytes / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }
}
