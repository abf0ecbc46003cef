namespace Concentrator.Queues.Files;

/// <summary>Complete reads and writes over a file that may transfer less than asked, with retries for recovery.</summary>
internal static class SpoolFileIO
{
    /// <summary>Attempts for operations worth repeating, because an error may be transient.</summary>
    public const int Attempts = 3;

    /// <summary>Opens an existing file for recovery, with retries, because giving up would lose its messages.</summary>
    public static ISpoolFile OpenPatiently(this ISpoolDirectory directory, string name)
    {
        ISpoolFile? file = null;
        Patiently(() => file = directory.Open(name, createNew: false, allocate: 0));
        return file!;
    }

    /// <summary>As <see cref="OpenPatiently"/>, for the length.</summary>
    public static long LengthPatiently(this ISpoolFile file)
    {
        long length = 0;
        Patiently(() => length = file.Length);
        return length;
    }

    /// <summary>As <see cref="OpenPatiently"/>, for a record's bytes; empty if they cannot be read.</summary>
    public static byte[] ReadPatiently(this ISpoolFile file, int length, long offset)
    {
        byte[] bytes = new byte[length];
        int count = 0;
        try
        {
            Patiently(() => count = file.ReadUpTo(bytes, offset));
        }
        catch (IOException)
        {
            return [];
        }
        return bytes[..count];
    }

    private static void Patiently(Action action)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                action();
                return;
            }
            catch (IOException) when (attempt < Attempts)
            {
                // Retry.
            }
        }
    }

    public static void WriteAll(this ISpoolFile file, ReadOnlySpan<byte> bytes, long offset)
    {
        while (!bytes.IsEmpty)
        {
            int written = file.Write(bytes, offset);
            if (written <= 0) throw new IOException("a write made no progress");
            bytes = bytes[written..];
            offset += written;
        }
    }

    /// <summary>Fills as much of <paramref name="bytes"/> as the file has; returns the number of bytes read.</summary>
    public static int ReadUpTo(this ISpoolFile file, Span<byte> bytes, long offset)
    {
        int total = 0;
        while (total < bytes.Length)
        {
            int read = file.Read(bytes[total..], offset + total);
            if (read <= 0) break;
            total += read;
        }
        return total;
    }
}
