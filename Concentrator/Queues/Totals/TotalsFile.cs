using Concentrator.Native;
using Concentrator.Queues.DiskFormat;
using Concentrator.Queues.Files;
using Concentrator.Telemetry.Log;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace Concentrator.Queues.Totals;

/// <summary>
/// Totals that outlive the process: words of a file that is mapped into memory, so that a count survives kill -9 from the instruction that
/// makes it, and costs no system call and no disk. A loss of power may take what the kernel had not written back, half a minute at most.
/// A file that is damaged, or that counts something else, is replaced by a new one with another identity; where there can be no file, the totals
/// are the process's. The words are never torn, and any thread may add. The page is unmapped when nobody refers to it any more: counters of an output
/// that a reload has removed may still be read.
/// </summary>
internal sealed class TotalsFile
{
    private readonly SharedMapping _memory;

    private TotalsFile(SharedMapping memory, in TotalsHeader header, bool survives)
    {
        _memory = memory;
        Identity = header.Identity;
        Began = header.Began;
        Survives = survives;
    }

    /// <summary>The same as long as the count goes on: 16 hexadecimal digits.</summary>
    public string Identity { get; }

    /// <summary>When the count began.</summary>
    public DateTimeOffset Began { get; }

    /// <summary>Whether the next process will find it.</summary>
    public bool Survives { get; }

    /// <summary>The value of a word.</summary>
    public long this[int word] => Volatile.Read(ref _memory.Word(OffsetOf(word)));

    /// <summary>Opens the file, or makes one. Never fails: what is wrong is logged.</summary>
    /// <param name="path">The file; its directory exists and is ours alone. Null = the totals are the process's.</param>
    /// <param name="purpose">What is counted: another text does not continue the count.</param>
    /// <param name="words">Number of words, at most 500.</param>
    public static TotalsFile Open(string? path, string purpose, int words, TimeProvider time, ILogger log)
    {
        TotalsHeader wanted = new(SpoolIdentityFile.NewIdentity(), time.GetUtcNow(), TotalsHeader.PurposeOf(purpose), words);
        if (path is not null)
        {
            try
            {
                if (Find(path, wanted, log, out bool isLater) is { } found) return found;
                if (!isLater) return Create(path, wanted);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                log.TotalsEndWithProcess(path, e.Message);
            }
        }
        return new TotalsFile(SharedMapping.Plain(TotalsHeader.FileSize), wanted, survives: false);
    }

    /// <summary>Adds to a word.</summary>
    public void Add(int word, long amount) => Interlocked.Add(ref _memory.Word(OffsetOf(word)), amount);

    /// <summary>Sets a word, to which nobody else adds.</summary>
    public void Set(int word, long value) => Volatile.Write(ref _memory.Word(OffsetOf(word)), value);

    private static TotalsFile? Find(string path, in TotalsHeader wanted, ILogger log, out bool isLater)
    {
        isLater = false;
        using SafeFileHandle file = FileCalls.Open(path, FileCalls.ReadWrite);
        if (file.IsInvalid) return File.Exists(path) ? throw DiskCalls.Failure($"cannot open {path}") : null;
        byte[] bytes = new byte[TotalsHeader.FileSize];
        int length = RandomAccess.Read(file, bytes, 0);
        int version = TotalsHeader.Read(bytes.AsSpan(0, length), out TotalsHeader header);
        isLater = version > RecordHeader.KnownVersion;
        if (isLater) log.TotalsEndWithProcess(path, "it was written by a later version");
        else if (version == 0 || length != TotalsHeader.FileSize || header.Words != wanted.Words) log.TotalsBeginAnew(path, "it is damaged");
        else if (header.Purpose == wanted.Purpose)
        {
            // Its page was reserved when it was made. Who has copied it without its holes gives it one here, or has none.
            if (!DiskCalls.TryAllocate(file, 0, TotalsHeader.FileSize)) throw DiskCalls.Failure($"cannot reserve a page of {path}");
            TotalsFile found = new(SharedMapping.Of(file, TotalsHeader.FileSize), header, survives: true);
            if (Enumerable.Range(0, wanted.Words).All(word => found[word] >= 0)) return found;
            log.TotalsBeginAnew(path, "it holds a negative count");
        }
        return null;
    }

    /// <summary>A new file takes the place of the other: who still counts in that one keeps it to the end.</summary>
    private static TotalsFile Create(string path, in TotalsHeader wanted)
    {
        string made = path + ".new";
        File.Delete(made);
        using SafeFileHandle file = FileCalls.Open(made, FileCalls.ReadWrite | FileCalls.Create | FileCalls.Exclusive, 0x180);
        if (file.IsInvalid) throw DiskCalls.Failure($"cannot create {made}");
        if (!DiskCalls.TryAllocate(file, 0, TotalsHeader.FileSize)) throw DiskCalls.Failure($"cannot reserve a page for {made}");
        RandomAccess.SetLength(file, TotalsHeader.FileSize);
        Span<byte> header = stackalloc byte[TotalsHeader.Size];
        wanted.Write(header);
        RandomAccess.Write(file, header, 0);
        TotalsFile created = new(SharedMapping.Of(file, TotalsHeader.FileSize), wanted, survives: true);
        File.Move(made, path, overwrite: true);
        return created;
    }

    private static long OffsetOf(int word) => TotalsHeader.WordsOffset + word * sizeof(long);
}
