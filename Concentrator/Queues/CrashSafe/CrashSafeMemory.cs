using Concentrator.Configuration.Options;
using Concentrator.Native;
using Concentrator.Queues.Files;
using Concentrator.Telemetry.Log;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace Concentrator.Queues.CrashSafe;

/// <summary>
/// Working memory that outlives the process: files in <c>.memory</c> of the spool's directory, mapped. What is received and
/// what is rendered lies there from the first moment, so a kill at any instruction loses none of it; the next start finds it.
/// <para>
/// Under systemd the files are in the service's RuntimeDirectory, where it is a tmpfs: pages of a disk's file are made
/// read-only each time that they are written back, and whoever writes to them next may wait for the disk (measured beside two
/// writers: 51 ms once, 15 times more than 10 ms; on tmpfs never more than a core's scheduling).
/// </para>
/// Any thread may call. Where files cannot be had, plain memory takes their place: that is said once, and costs what it says.
/// </summary>
internal sealed class CrashSafeMemory : IDisposable
{
    private const string FolderName = ".memory";

    /// <summary>A runtime directory with less room than this is left alone: some four regions, which are touched as needed only.</summary>
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

    /// <summary>Whether a reserved page is a page of memory (a tmpfs), and not of a disk.</summary>
    public bool IsMemory { get; }

    /// <summary>Never fails.</summary>
    /// <param name="runtimeDirectory">What systemd says in <c>RUNTIME_DIRECTORY</c>, if anything.</param>
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

    /// <summary>Memory that ends with the process, always.</summary>
    public static CrashSafeMemory None(ILogger log) => new(null, "", isMemory: true, log);

    /// <summary>
    /// The region of that owner: as an earlier process left it, if it holds anything (then with the layout of that time), else
    /// a new one, all zero.
    /// </summary>
    /// <param name="owner">The listener's or output's name; one that is still open, from before a reload, is left alone.</param>
    /// <param name="wanted">Of a new region.</param>
    /// <param name="reserve">The first units, whose pages are reserved now; the owner reserves the others before it uses them.</param>
    /// <param name="holdsSomething">Whether what was found is worth keeping.</param>
    /// <exception cref="IOException">Not even plain memory can be had.</exception>
    public Region Open(string owner, RegionLayout wanted, int reserve, Predicate<Region> holdsSomething)
    {
        if (_directory is null) return Plain(wanted);
        lock (_gate) return OpenUnsynchronized(_directory, owner, wanted, reserve, holdsSomething);
    }

    /// <summary>An owner could not reserve more: what it holds beyond ends with the process. Said once a region.</summary>
    public void TellNoRoom(Region region)
    {
        lock (_gate)
        {
            if (!_told.Add(region.Name!)) return;
        }
        _log.MemoryEndsWithProcess(Path.Combine(_path, region.Name!), "its file system has no room for more");
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

    /// <summary>Null where the file is not what this process can go on with.</summary>
    /// <exception cref="IOException">It is, and cannot be used now: it stays for another start.</exception>
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

    /// <summary>The runtime directory, if there is one on a tmpfs with room to spare.</summary>
    private static string? TmpFsOf(string? runtimeDirectory)
    {
        // systemd separates several with colons; the first is the service's own.
        string? path = runtimeDirectory?.Split(':')[0];
        if (string.IsNullOrEmpty(path)) return null;
        try
        {
            DriveInfo fileSystem = new(path);
            return fileSystem.DriveFormat == "tmpfs" && fileSystem.AvailableFreeSpace >= LeastRuntimeRoom ? path : null;
        }
        catch (Exception e) when (e is IOException or ArgumentException)
        {
            // It is not there, or not for us: then it is no place for memory either.
            return null;
        }
    }
}
