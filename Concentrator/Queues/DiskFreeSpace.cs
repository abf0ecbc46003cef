using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Configuration.Values;
using Concentrator.Queues.DiskFormat;
using Concentrator.Telemetry.Log;
using Microsoft.Extensions.Logging;

namespace Concentrator.Queues;

/// <summary>
/// Free space on the file system of <c>Spool:Directory</c>: compared with <c>Spool:MaxSize</c> at the start, and
/// measured once per housekeeping.
/// <para>
/// A reserve stays free for others, because a spool that fills the disk to the last byte stops the log file, and the host. Below the
/// reserve no segment is begun. This is treated as a disk that refuses writes, not as a full spool: if something else fills the disk,
/// dropping stored messages would free space that is gone again at once. Nothing stored is lost, new messages
/// wait in memory up to <c>MaxMemory</c>, and space that the spool has already allocated is still written to.
/// </para>
/// Any thread may call.
/// </summary>
internal sealed class DiskFreeSpace(SpoolOptions options, Ledger ledger, ILogger log)
{
    /// <summary>Four segments: what a busy host writes elsewhere while an operator reacts.</summary>
    private const long LargestReserve = 64L * 1024 * 1024;

    private const long Megabyte = 1024 * 1024;

    private readonly Lock _gate = new();
    private bool _isCompared;
    private bool _isLow;

    /// <summary>Bytes left free for others: 64 MB, or a tenth of a smaller file system. 0 when it cannot be measured.</summary>
    public long Reserve { get; } = TryMeasure(options.Directory, out _, out long total) ? ReserveOf(total) : 0;

    /// <summary>Bytes that the spool may still take, as last measured; <c>long.MaxValue / 2</c> when it cannot be measured.</summary>
    public long Room => ledger.SpoolFreeBytes is { } free ? Math.Max(0, free - Reserve) : long.MaxValue / 2;

    /// <summary>Called when the first spool is open: warns once if the file system cannot hold the configured size.</summary>
    public void CompareWithMaxSize()
    {
        lock (_gate)
        {
            if (_isCompared) return;
            _isCompared = true;
        }
        Look();
        if (Compare(options) is { } room && room.Free < room.Wanted)
            log.SpoolLargerThanDisk(options.Directory, ByteSize.Format(options.MaxSize), room.Wanted, room.Free, ByteSize.Format(room.Right));
    }

    /// <summary>Compares what the spool may still take by its configuration with the free space; null when it cannot be measured.</summary>
    public static SpoolRoom? Compare(SpoolOptions options)
    {
        if (!TryMeasure(options.Directory, out long free, out long total)) return null;
        long held = MeasureHeld(options);
        long right = Math.Max(Megabyte, held + free - ReserveOf(total)) / Megabyte * Megabyte;
        return new SpoolRoom(free, Math.Max(0, options.MaxSize - held), right);
    }

    /// <summary>Measures, and logs when the reserve is reached and when it is free again. Cheap: one statvfs.</summary>
    public void Look()
    {
        lock (_gate)
        {
            if (!TryMeasure(options.Directory, out long free, out _)) return;
            ledger.SpoolFreeBytes = free;
            if (!_isLow && free < Reserve)
            {
                _isLow = true;
                log.SpoolSpaceLow(options.Directory, free, Reserve);
            }
            else if (_isLow && free >= Reserve / 4 * 5)
            {
                _isLow = false;
                log.SpoolSpaceRegained(options.Directory, free);
            }
        }
    }

    /// <summary>False when it cannot be measured, which is no reason to refuse: the writes themselves will fail.</summary>
    private static bool TryMeasure(string directory, out long free, out long total)
    {
        free = total = 0;
        try
        {
            DriveInfo drive = new(NearestExisting(directory));
            (free, total) = (drive.AvailableFreeSpace, drive.TotalSize);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>The directory itself, or its nearest existing parent.</summary>
    private static string NearestExisting(string directory)
    {
        string path = Path.GetFullPath(directory);
        while (!Directory.Exists(path) && Path.GetDirectoryName(path) is { } above) path = above;
        return path;
    }

    private static long ReserveOf(long total) => Math.Min(LargestReserve, total / 10);

    private static long MeasureHeld(SpoolOptions options)
    {
        try
        {
            return new DirectoryInfo(options.Directory).EnumerateFiles("*", SearchOption.AllDirectories)
                .Where(static file => file.Name == SegmentName.Spare || SegmentName.TryParse(file.Name, out _, out _))
                .Sum(static file => file.Length);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }
}

/// <summary>Result of <see cref="DiskFreeSpace.Compare"/>, in bytes.</summary>
/// <param name="Free">Free on the file system.</param>
/// <param name="Wanted">What <c>MaxSize</c> lets the spool take beyond what it holds.</param>
/// <param name="Right">The largest <c>MaxSize</c> that fits, with the reserve left free.</param>
internal readonly record struct SpoolRoom(long Free, long Wanted, long Right);
