namespace Concentrator.Configuration.Values;

/// <summary>Guesses which known name an unknown one was meant to be.</summary>
internal static class NearestName
{
    /// <summary>The candidate with the smallest edit distance, letter case ignored, the first of equals; null without candidates.</summary>
    public static string? Find(string text, IEnumerable<string> candidates) => candidates.MinBy(candidate => Slips(text, candidate));

    /// <summary><c>; did you mean "X"?</c> if a candidate is close enough to be a typing error, else empty.</summary>
    public static string Hint(string text, IEnumerable<string> candidates)
    {
        string? nearest = Find(text, candidates);
        bool close = nearest is not null && Slips(text, nearest) <= Math.Max(1, nearest.Length / 3);
        return close ? $"; did you mean \"{nearest}\"?" : "";
    }

    /// <summary>Characters compared. No known name is longer, and it bounds the cost for a megabyte of text.</summary>
    private const int Compared = 64;

    private static int Slips(string text, string candidate) =>
        Distance(text[..Math.Min(text.Length, Compared)].ToUpperInvariant(), candidate.ToUpperInvariant());

    /// <summary>Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours cost one each.</summary>
    public static int Distance(string a, string b)
    {
        int[,] cost = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
        {
            for (int j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    cost[i, j] = i + j;
                    continue;
                }
                int best = Math.Min(Math.Min(cost[i - 1, j], cost[i, j - 1]) + 1, cost[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
                cost[i, j] = swapped ? Math.Min(best, cost[i - 2, j - 2] + 1) : best;
            }
        }
        return cost[a.Length, b.Length];
    }
}
