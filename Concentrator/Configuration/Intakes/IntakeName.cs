using System.Security.Cryptography;
using System.Text;

namespace Concentrator.Configuration.Intakes;

/// <summary>
/// Turns the name of an intake, which may hold blanks, brackets, ampersands and accents (<c>Fortinet FortiGate (Paris)</c>), into a
/// valid name for a listener and an output: it becomes a folder of the spool, a metric label and a log field.
/// </summary>
internal static class IntakeName
{
    /// <summary>Characters. Leaves room, within the limit of <c>Names.IsName</c>, for the suffix that tells two names apart.</summary>
    private const int Longest = 55;

    /// <summary>Letters of Latin-1 and the same without accents. A table, because the program runs without ICU.</summary>
    private const string Accented = "ÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝàáâãäåçèéêëìíîïñòóôõöøùúûüýÿ";

    private const string Plain = "AAAAAACEEEEIIIINOOOOOOUUUUYaaaaaaceeeeiiiinoooooouuuuyy";

    /// <summary>
    /// Replaces each run of invalid characters by one underscore and removes it at both ends. Null if nothing of the name
    /// is left. Deterministic, because the queue on disk is found by this name.
    /// </summary>
    public static string? Of(string text)
    {
        StringBuilder name = new();
        bool gap = false;
        foreach (char given in text)
        {
            int accented = Accented.IndexOf(given, StringComparison.Ordinal);
            char c = accented < 0 ? given : Plain[accented];
            bool fits = char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_';
            if (fits && gap && name.Length > 0 && name[^1] != '_' && c != '_') name.Append('_');
            gap = !fits;
            if (fits && (name.Length > 0 || char.IsAsciiLetterOrDigit(c))) name.Append(c);
        }
        if (name.Length == 0) return null;
        return name.Length <= Longest ? name.ToString() : Distinct(name.ToString(0, Longest), text);
    }

    /// <summary>The name with eight digits of a hash of the text, used when another intake already has the name.</summary>
    public static string Distinct(string name, string text) =>
        $"{name[..Math.Min(name.Length, Longest)]}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 4))}";
}
