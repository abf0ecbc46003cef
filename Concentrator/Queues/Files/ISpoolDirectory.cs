namespace Concentrator.Queues.Files;

/// <summary>
/// All file-system calls of the disk log, so that tests can make each of them fail. One directory; names only, no paths.
/// For errors of the environment, every method throws <see cref="IOException"/> and nothing else. Any thread may call.
/// </summary>
internal interface ISpoolDirectory
{
    /// <summary>Bytes that this process may still write to the file system.</summary>
    long FreeBytes { get; }

    /// <summary>The names of the files, in no particular order.</summary>
    IReadOnlyList<string> List();

    /// <summary>
    /// Opens an existing file, or creates one that must not exist. <paramref name="allocate"/> bytes of disk are reserved for
    /// it if the file system supports that (0 = none), so that a full disk shows here and not in the middle of a block. A file whose
    /// space could not be reserved is removed again. Reserved bytes read as zeros.
    /// </summary>
    ISpoolFile Open(string name, bool createNew, long allocate);

    /// <summary>Removes a file; it stays readable through open handles. A missing file is no error.</summary>
    void Delete(string name);

    /// <summary>Replaces <paramref name="to"/> if it exists.</summary>
    void Rename(string from, string to);

    /// <summary>Makes all names created, renamed and removed so far survive a loss of power.</summary>
    void Sync();
}

/// <summary>A file of an <see cref="ISpoolDirectory"/>, with the same rules for errors and threads.</summary>
internal interface ISpoolFile : IDisposable
{
    long Length { get; }

    /// <summary>Returns how many bytes were written, which may be fewer than given.</summary>
    int Write(ReadOnlySpan<byte> bytes, long offset);

    /// <summary>Returns how many bytes were read, which may be fewer than asked for; 0 only at the end of the file.</summary>
    int Read(Span<byte> bytes, long offset);

    /// <summary>Makes everything written so far survive a loss of power (fdatasync).</summary>
    void Sync();
}
