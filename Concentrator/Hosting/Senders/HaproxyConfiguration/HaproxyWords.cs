using System.Text;

namespace Concentrator.Hosting.Senders.HaproxyConfiguration;

/// <summary>Splits a line of haproxy.cfg at blanks. Quotes and backslash escape, <c>#</c> begins a comment.</summary>
internal static class HaproxyWords
{
    public static string[] Split(string line)
    {
        List<string> words = [];
        StringBuilder word = new();
        bool isOpen = false;
        char quote = '\0';
        for (int i = 0; i < line.Length; i++)
        {
            char c = line[i];
            if (quote == '\0' && c == '#') break;
            if (quote == '\0' && char.IsWhiteSpace(c))
            {
                if (isOpen) words.Add(word.ToString());
                word.Clear();
                isOpen = false;
                continue;
            }
            isOpen = true;
            if (c == '\\' && quote != '\'' && i + 1 < line.Length) word.Append(line[++i]);
            else if (c == quote) quote = '\0';
            else if (quote == '\0' && c is '"' or '\'') quote = c;
            else word.Append(c);
        }
        if (isOpen) words.Add(word.ToString());
        return [.. words];
    }
}
