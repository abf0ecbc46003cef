using System.Security.Cryptography;
using System.Text;

namespace Concentrator.Configuration.Intakes;

/// <summary>
/// Makes of the name of an intake, which may hold blanks, brackets, ampersands and accents (<c>Fortinet FortiGate (Paris)</c>), one that
/// a listener and an output can have: it becomes a folder of the spool, a metric's label and a field of the log.
/// </summary>
internal static class IntakeName
{
    /// <summary>As <c>Names.IsName</c> has it, with room for what tells two names apart.</summary>
    private const int Longest = 55;

    /// <summary>Letters of Latin-1 and what is left of them without their accent. The program runs without ICU, which knows all others.</summary>
    private const string Accented = "ÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝàáâãäåçèéêëìíîïñòóôõöøùúûüýÿ";

    private const string Plain = "AAAAAACEEEEIIIINOOOOOOUUUUYaaaaaaceeeeiiiinoooooouuuuyy";

    /// <summary>
    /// Runs of characters that a name cannot have become one underscore, and none at either end. Null where nothing of the name
    /// would be left. The same for the same text always: the queue on disk is found by it.
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

    /// <summary>The name with eight digits of a hash of the text, for one that another intake has already.</summary>
    public static string Distinct(string name, string text) =>
        $"{name[..Math.Min(name.Length, Longest)]}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 4))}";
}
