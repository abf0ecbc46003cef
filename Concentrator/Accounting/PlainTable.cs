namespace Concentrator.Accounting;

/// <summary>Rows of cells as aligned lines without trailing blanks, for logs and terminals alike.</summary>
internal static class PlainTable
{
    /// <summary>Characters of the first column that are kept in any case.</summary>
    private const int Least = 8;

    /// <param name="heads">One a column.</param>
    /// <param name="rows">As many cells each.</param>
    /// <param name="isText">Of a column's head: its cells begin at the left; numbers end at the right.</param>
    /// <param name="width">Characters of a line at most: what is too much is cut from the first column, which holds names.</param>
    /// <returns>The heads and then a line a row; nothing where there is no row.</returns>
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
