using Concentrator.Configuration.Options;
using Concentrator.Native;
using Concentrator.Queues.Files;
using Concentrator.Telemetry.Log;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace Concentrator.Queues.CrashSafe;

/// <summary>
/// Working memory that survives the process: mapped files in <c>.memory</c> of the spool directory. Received datagrams and rendered
/// messages are in it from the first moment, so a kill at any instruction loses none of them; the next start finds them.
/// <para>
/// Under systemd the files are in the service's RuntimeDirectory, if that is a tmpfs: the kernel makes pages of a disk file
/// read-only each time it writes them back, and the next store to them may wait for the disk (measured beside two writers: 51 ms
/// once, 15 times more than 10 ms; on tmpfs never more than a core's scheduling).
/// </para>
/// Any thread may call. If files cannot be used, plain memory takes their place; that is logged once, with its consequences.
/// </summary>
internal sealed class CrashSafeMemory : IDisposable
{
    private const string FolderName = ".memory";

    /// <summary>A runtime directory with less free space is not used: some four regions, which take pages only as needed.</summary>
    private const long LeastRuntimeRoom = 256L * 1024 * 1024;

    private readonly SpoolDirectory? _directory;
    private readonly string _path;
    private readonly Guid _bootId;
    private readonly ILogger _log;
    private readonly Lock _gate = new();
    private readonly HashSet<string> _open = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _told = new(StringComparer.OrdinalIgnoreCase);

    private CrashSafeMemory(SpoolDirectory? directory, string path, bool isMemory, ILogger log)
    {
        _directory = directory;
        _path = path;
        _log = log;
        IsMemory = isMemory;
        _bootId = Guid.Parse(File.ReadAllText("/proc/sys/kernel/random/boot_id").AsSpan().TrimEnd());
    }

    /// <summary>Whether a reserved page takes memory (tmpfs) rather than disk space.</summary>
    public bool IsMemory { get; }

    /// <summary>Never fails.</summary>
    /// <param name="runtimeDirectory">The value of <c>RUNTIME_DIRECTORY</c>, set by systemd; null when unset.</param>
    public static CrashSafeMemory Open(SpoolOptions options, string? runtimeDirectory, ILogger log)
    {
        string? runtime = TmpFsOf(runtimeDirectory);
        string path = Path.Combine(runtime ?? options.Directory, FolderName);
        if (options.Durability == Durability.Memory) return None(log);
        try
        {
            return new CrashSafeMemory(new SpoolDirectory(path), path, isMemory: runtime is not null, log);
        }
        catch (IOException e)
        {
            log.MemoryEndsWithProcess(path, e.Message);
            return None(log);
        }
    }

    /// <summary>Returns an instance whose memory always ends with the process.</summary>
    public static CrashSafeMemory None(ILogger log) => new(null, "", isMemory: true, log);

    /// <summary>
    /// Opens the region of <paramref name="owner"/>: the one an earlier process left, with its own layout, if it holds anything;
    /// otherwise a new one, all zero.
    /// </summary>
    /// <param name="owner">Name of the listener or output; a region still open from before a reload is not used.</param>
    /// <param name="wanted">Layout of a new region.</param>
    /// <param name="reserve">Number of first units whose pages are reserved now; the owner reserves others before it uses them.</param>
    /// <param name="holdsSomething">Whether a region that was found is worth keeping.</param>
    /// <exception cref="IOException">Not even plain memory is available.</exception>
    public Region Open(string owner, RegionLayout wanted, int reserve, Predicate<Region> holdsSomething)
    {
        if (_directory is null) return Plain(wanted);
        lock (_gate) return OpenUnsynchronized(_directory, owner, wanted, reserve, holdsSomething);
    }

    /// <summary>An owner could not reserve more: the rest of what it holds ends with the process. Logged once per region.</summary>
    public void TellNoRoom(Region region)
    {
        lock (_gate)
        {
            if (!_told.Add(region.Name!)) return;
        }
        _log.MemoryEndsWithProcess(Path.Combine(_path, region.Name!), "its file system is full");
    }

    /// <summary>The owner has ended. <paramref name="keep"/>: it holds something for the next start.</summary>
    public void Close(Region region, bool keep)
    {
        region.File?.Dispose();
        if (region.Name is null) return;
        lock (_gate)
        {
            _told.Remove(region.Name);
            if (!_open.Remove(region.Name) || keep) return;
            try
            {
                _directory!.Delete(region.Name);
            }
            catch (IOException)
            {
                // Harmless: it holds nothing, and the next start deletes it.
            }
        }
    }

    public void Dispose() => _directory?.Dispose();

    private Region OpenUnsynchronized(
        SpoolDirectory directory, string owner, RegionLayout wanted, int reserve, Predicate<Region> holdsSomething)
    {
        string suffix = wanted.Kind.ToString().ToLowerInvariant();
        int number = 1;
        try
        {
            foreach (string name in directory.List().Order(StringComparer.Ordinal))
            {
                bool isOwners = name.StartsWith($"{owner}.", StringComparison.OrdinalIgnoreCase)
                    && name.EndsWith($".{suffix}", StringComparison.Ordinal)
                    && int.TryParse(name.AsSpan()[(owner.Length + 1)..^(suffix.Length + 1)], out _);
                if (!isOwners || _open.Contains(name)) continue;
                if (Find(name, wanted, reserve) is { } found)
                {
                    if (holdsSomething(found)) return Opened(found);
                    found.File!.Dispose();
                }
                directory.Delete(name);
            }
            while (_open.Contains($"{owner}.{number}.{suffix}")) number++;
            return Opened(Create($"{owner}.{number}.{suffix}", wanted, reserve));
        }
        catch (IOException e)
        {
            _log.MemoryEndsWithProcess(owner, e.Message);
            return Plain(wanted);
        }
    }

    private Region Opened(Region region)
    {
        _open.Add(region.Name!);
        return region;
    }

    private static Region Plain(RegionLayout layout) => new(SharedMapping.Plain(layout.Length), layout, null);

    /// <summary>Returns null when the file is not one that this process can continue with.</summary>
    /// <exception cref="IOException">It is, but cannot be used now: it is kept for another start.</exception>
    private Region? Find(string name, RegionLayout wanted, int reserve)
    {
        SafeFileHandle file = OpenFile(name, FileCalls.ReadWrite);
        Region? region = null;
        try
        {
            Span<byte> bytes = stackalloc byte[RegionHeader.Size];
            if (RandomAccess.Read(file, bytes, 0) != bytes.Length || !RegionHeader.TryRead(bytes, out RegionHeader header)) return null;
            RegionLayout layout = header.Layout;
            if (layout.Kind != wanted.Kind || layout.RecordSize != wanted.RecordSize || RandomAccess.GetLength(file) < layout.Length) return null;
            if (header.BootId != _bootId)
            {
                _log.MemoryOfAnotherBoot(name);
                return null;
            }
            Region found = new(SharedMapping.Of(file, layout.Length), layout, name, file);
            Reserve(found, reserve);
            return region = found;
        }
        finally
        {
            if (region is null) file.Dispose();
        }
    }

    private Region Create(string name, RegionLayout layout, int reserve)
    {
        SafeFileHandle file = OpenFile(name, FileCalls.ReadWrite | FileCalls.Create | FileCalls.Exclusive);
        try
        {
            RandomAccess.SetLength(file, layout.Length);
            Span<byte> header = stackalloc byte[RegionHeader.Size];
            Region region = new(SharedMapping.Of(file, layout.Length), layout, name, file);
            Reserve(region, reserve);
            new RegionHeader(layout, _bootId).Write(header);
            RandomAccess.Write(file, header, 0);
            return region;
        }
        catch (IOException)
        {
            file.Dispose();
            _directory!.Delete(name);
            throw;
        }
    }

    private void Reserve(Region region, int units)
    {
        long bytes = region.Layout.OffsetOf(Math.Min(units, region.Layout.Units));
        if (region.TryReserve(0, bytes)) return;
        IOException refused = DiskCalls.Failure($"cannot reserve {bytes} bytes for {Path.Combine(_path, region.Name!)}");
        region.Memory.Dispose();
        throw refused;
    }

    private SafeFileHandle OpenFile(string name, int flags)
    {
        string path = Path.Combine(_path, name);
        SafeFileHandle file = FileCalls.Open(path, flags, 0x180);
        return file.IsInvalid ? throw DiskCalls.Failure($"cannot open {path}") : file;
    }

    /// <summary>Returns the runtime directory if it is on a tmpfs with enough room; otherwise null.</summary>
    private static string? TmpFsOf(string? runtimeDirectory)
    {
        // systemd separates several directories with colons; the first is the service's own.
        string? path = runtimeDirectory?.Split(':')[0];
        if (string.IsNullOrEmpty(path)) return null;
        try
        {
            DriveInfo fileSystem = new(path);
            return fileSystem.DriveFormat == "tmpfs" && fileSystem.AvailableFreeSpace >= LeastRuntimeRoom ? path : null;
        }
        catch (Exception e) when (e is IOException or ArgumentException)
        {
            // Missing or not accessible, so not usable for memory either.
            return null;
        }
    }
}
