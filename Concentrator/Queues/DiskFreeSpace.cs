using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Configuration.Values;
using Concentrator.Queues.Files;
using Concentrator.Telemetry.Log;
using Microsoft.Extensions.Logging;

namespace Concentrator.Queues;

/// <summary>
/// The room that the file system of <c>Spool:Directory</c> has left: compared with <c>Spool:MaxSize</c> at the start, and
/// looked at once a housekeeping.
/// <para>
/// A reserve is left to others: a spool that fills the disk to the last byte takes the log file, and the host, with it. Below
/// the reserve no segment is begun. That is a disk that refuses, not a full spool: whoever else fills the disk must not make
/// us drop what is safely on it, and what that would free would be gone at once. So nothing stored is lost, new messages
/// wait in memory up to <c>MaxMemory</c>, and room that the spool has already taken is written to.
/// </para>
/// Any thread may call.
/// </summary>
internal sealed class DiskFreeSpace(SpoolOptions options, Ledger ledger, ILogger log)
{
    /// <summary>Four segments: what a busy host writes elsewhere while somebody reacts.</summary>
    private const long LargestReserve = 64L * 1024 * 1024;

    private const long Megabyte = 1024 * 1024;

    private readonly Lock _gate = new();
    private bool _isCompared;
    private bool _isLow;

    /// <summary>Bytes left to others: 64 MB, and of a small file system a tenth. 0 where it cannot be measured.</summary>
    public long Reserve { get; } = TryMeasure(options.Directory, out _, out long total) ? ReserveOf(total) : 0;

    /// <summary>Bytes that the spool may still take, as of the last look; half of all numbers where it cannot be measured.</summary>
    public long Room => ledger.SpoolFreeBytes is { } free ? Math.Max(0, free - Reserve) : long.MaxValue / 2;

    /// <summary>Once, when the first spool is open: warns when the file system cannot hold what the configuration says.</summary>
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

    /// <summary>What the spool may still take by its configuration, beside what there is; null where it cannot be measured.</summary>
    public static SpoolRoom? Compare(SpoolOptions options)
    {
        if (!TryMeasure(options.Directory, out long free, out long total)) return null;
        long held = MeasureHeld(options);
        long right = Math.Max(Megabyte, held + free - ReserveOf(total)) / Megabyte * Megabyte;
        return new SpoolRoom(free, Math.Max(0, options.MaxSize - held), right);
    }

    /// <summary>Measures, and says when the reserve is reached and when it is left. Cheap: one statvfs.</summary>
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

    /// <summary>What cannot be measured is no reason to refuse: the writes themselves will tell.</summary>
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

    /// <summary>The directory itself, or the one above it that will hold it.</summary>
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

/// <summary>Bytes.</summary>
/// <param name="Free">Left on the file system.</param>
/// <param name="Wanted">What <c>MaxSize</c> lets the spool take beyond what it holds.</param>
/// <param name="Right">The largest <c>MaxSize</c> that there is room for, the reserve left out.</param>
internal readonly record struct SpoolRoom(long Free, long Wanted, long Right);
