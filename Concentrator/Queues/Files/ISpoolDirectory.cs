namespace Concentrator.Queues.Files;

/// <summary>
/// All that the disk log asks of a file system, so that tests can make each call fail. One directory, no paths: names only.
/// Every method may throw <see cref="IOException"/>, and nothing else, for what the outside world does. Any thread may call.
/// </summary>
internal interface ISpoolDirectory
{
    /// <summary>Bytes that this process may still write to the file system.</summary>
    long FreeBytes { get; }

    /// <summary>The names of the files, in no order.</summary>
    IReadOnlyList<string> List();

    /// <summary>
    /// Opens an existing file, or creates one that must not exist. <paramref name="allocate"/> bytes of disk are reserved for
    /// it where the file system can (0 = none): a full disk is then met here and not in the middle of a block. A file that
    /// could not be given its room is removed again. Reserved bytes read as zeros.
    /// </summary>
    ISpoolFile Open(string name, bool createNew, long allocate);

    /// <summary>Removes a file; one that is open stays readable for whoever holds it. Not there is no error.</summary>
    void Delete(string name);

    /// <summary>Replaces <paramref name="to"/> if it exists.</summary>
    void Rename(string from, string to);

    /// <summary>Names created, renamed and removed so far survive a loss of power.</summary>
    void Sync();
}

/// <summary>A file of an <see cref="ISpoolDirectory"/>. Errors and threads as there.</summary>
internal interface ISpoolFile : IDisposable
{
    long Length { get; }

    /// <summary>Returns how many bytes were written, which may be fewer than given.</summary>
    int Write(ReadOnlySpan<byte> bytes, long offset);

    /// <summary>Returns how many bytes were read, which may be fewer than asked for; 0 only at the end of the file.</summary>
    int Read(Span<byte> bytes, long offset);

    /// <summary>What was written so far survives a loss of power (fdatasync).</summary>
    void Sync();
}
