namespace Concentrator.Queues.Files;

/// <summary>Whole reads and writes over a file that may do less than asked.</summary>
internal static class SpoolFileIO
{
    /// <summary>Attempts to do what is worth more than one: an error need not be for ever.</summary>
    public const int Attempts = 3;

    /// <summary>Opens an existing file for recovery, where giving up would cost its messages.</summary>
    public static ISpoolFile OpenPatiently(this ISpoolDirectory directory, string name)
    {
        ISpoolFile? file = null;
        Patiently(() => file = directory.Open(name, createNew: false, allocate: 0));
        return file!;
    }

    /// <summary>As <see cref="OpenPatiently"/>, of the length.</summary>
    public static long LengthPatiently(this ISpoolFile file)
    {
        long length = 0;
        Patiently(() => length = file.Length);
        return length;
    }

    /// <summary>As <see cref="OpenPatiently"/>, of a record's bytes; none where they cannot be read.</summary>
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
                // Once more.
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

    /// <summary>Fills as much of <paramref name="bytes"/> as the file has; returns how much that was.</summary>
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
