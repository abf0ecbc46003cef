using System.Security.Cryptography;
using System.Text;

namespace Concentrator.Queues.Files;

/// <summary>
/// The file <c>identity</c> in a spool directory: 16 hexadecimal digits and LF, drawn when the directory is first used for an output that needs
/// them, and removed with it.
/// </summary>
internal static class SpoolIdentityFile
{
    public const string FileName = "identity";

    private const int Length = 17;

    private const string New = FileName + ".new";

    /// <summary>An identity that nothing else has: 64 random bits.</summary>
    public static string NewIdentity() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));

    /// <summary>
    /// The identity of the directory; a new one where there is none, or one that cannot be read. Where it cannot be stored, it holds for this
    /// process.
    /// </summary>
    public static string ReadOrMake(ISpoolDirectory directory)
    {
        try
        {
            IReadOnlyList<string> names = directory.List();
            if (names.Contains(FileName) && Read(directory) is { } known) return known;
            string made = NewIdentity();
            if (names.Contains(New)) directory.Delete(New);
            using (ISpoolFile file = directory.Open(New, createNew: true, allocate: 0)) file.WriteAll(Encoding.ASCII.GetBytes($"{made}\n"), 0);
            directory.Rename(New, FileName);
            return made;
        }
        catch (IOException)
        {
            // A disk that refuses this refuses the messages too, which is reported; the price of another identity is duplicates after a restart.
            return NewIdentity();
        }
    }

    private static string? Read(ISpoolDirectory directory)
    {
        using ISpoolFile file = directory.OpenPatiently(FileName);
        byte[] bytes = file.ReadPatiently(Length, 0);
        if (bytes.Length != Length || bytes[^1] != '\n') return null;
        string text = Encoding.ASCII.GetString(bytes, 0, Length - 1);
        return text.All(char.IsAsciiHexDigitLower) ? text : null;
    }
}
