namespace Concentrator.Spool;

/// <summary>Whole reads and writes over a file that may do less than asked.</summary>
internal static class SpoolFileIO
{
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
