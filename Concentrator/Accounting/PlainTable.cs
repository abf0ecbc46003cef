namespace Concentrator.Accounting;

/// <summary>Formats rows of cells as aligned lines without trailing blanks, for logs and terminals.</summary>
internal static class PlainTable
{
    /// <summary>Characters of the first column that are always kept.</summary>
    private const int Least = 8;

    /// <param name="heads">One per column.</param>
    /// <param name="rows">Rows with one cell per column.</param>
    /// <param name="isText">Whether the column with that head is text, which is left-aligned; numbers are right-aligned.</param>
    /// <param name="width">Maximum characters per line: the excess is cut from the first column, which holds names.</param>
    /// <returns>The heads and then one line per row; empty if there are no rows.</returns>
    public static IReadOnlyList<string> Lines(
        string[] heads, IReadOnlyList<string[]> rows, Func<string, bool> isText, int width = int.MaxValue)
    {
        if (rows.Count == 0) return [];
        int[] widths = [.. heads.Select((head, column) => Math.Max(head.Length, rows.Max(row => row[column].Length)))];
        int whole = widths.Sum() + 2 * (widths.Length - 1);
        if (whole > width) widths[0] = Math.Max(Least, widths[0] - (whole - width));
        return [.. rows.Prepend(heads).Select(row => string.Join("  ", row.Select((cell, column) =>
            isText(heads[column]) ? Cut(cell, widths[column]).PadRight(widths[column]) : cell.PadLeft(widths[column]))).TrimEnd())];
    }

    private static string Cut(string cell, int width) => cell.Length <= width ? cell : string.Concat(cell.AsSpan(0, width - 1), "…");
}
