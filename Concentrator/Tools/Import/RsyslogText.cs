using System.Text;
using Concentrator.Configuration.Values;

namespace Concentrator.Tools.Import;

/// <summary>A file's text, or a part of it, with a position. Searches stop at the end of the text and visit each character once.</summary>
internal sealed class RsyslogText(string text, int firstLine = 1)
{
    private readonly int[] _lineStarts = [0, .. Enumerable.Range(0, text.Length).Where(i => text[i] == '\n').Select(static i => i + 1)];

    public int At { get; set; }

    public int Length => text.Length;

    public bool IsAtEnd => At >= text.Length;

    public char Current => IsAtEnd ? '\0' : text[At];

    public string All => text;

    /// <summary>The line in the file, from 1.</summary>
    public int LineOf(int position)
    {
        int index = Array.BinarySearch(_lineStarts, position);
        return firstLine + (index >= 0 ? index : ~index - 1);
    }

    /// <summary>Moves to the next statement. False, without moving past it, at a block comment that never ends.</summary>
    public bool SkipBlank()
    {
        while (!IsAtEnd)
        {
            if (char.IsWhiteSpace(Current))
            {
                At++;
            }
            else if (Current == '#')
            {
                SkipLine();
            }
            else if (StartsWith("/*"))
            {
                int end = text.IndexOf("*/", At + 2, StringComparison.Ordinal);
                if (end < 0) return false;
                At = end + 2;
            }
            else
            {
                break;
            }
        }
        return true;
    }

    public bool StartsWith(string word) => text.AsSpan(At).StartsWith(word, StringComparison.Ordinal);

    /// <summary>Whether this whole word is at the position; letter case is ignored.</summary>
    public bool IsWord(string word)
    {
        int end = At + word.Length;
        return text.AsSpan(At).StartsWith(word, StringComparison.OrdinalIgnoreCase)
            && (end == text.Length || !(char.IsAsciiLetterOrDigit(text[end]) || text[end] is '_' or '.' or '-'));
    }

    /// <summary>Takes the rest of the line, and following lines joined by a backslash; the position is then after it.</summary>
    public string TakeLine()
    {
        StringBuilder line = new();
        while (true)
        {
            int start = At;
            SkipLine();
            string part = text[start..At].TrimEnd();
            if (!part.EndsWith('\\') || IsAtEnd) return line.Append(part).ToString().TrimEnd();
            line.Append(part, 0, part.Length - 1);
            At++;
        }
    }

    /// <summary>Takes everything before the next white space.</summary>
    public string TakeWord()
    {
        int start = At;
        while (!IsAtEnd && !char.IsWhiteSpace(Current)) At++;
        return text[start..At];
    }

    /// <summary>
    /// Moves past the parenthesis that closes the one just before the position, skipping quotes and comments. False, at
    /// the end of the text, if there is none.
    /// </summary>
    public bool SkipParenthesis()
    {
        for (int depth = 1; ;)
        {
            if (!SkipBlank() || IsAtEnd) break;
            char c = text[At++];
            if (c is '"' or '`' && !SkipQuote(c)) break;
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            if (depth == 0) return true;
        }
        At = text.Length;
        return false;
    }

    /// <summary>Takes the text before the word <c>then</c> and moves past that. False, at the end of the text, if there is none.</summary>
    public bool TryTakeCondition(out string condition)
    {
        int start = At;
        condition = "";
        while (SkipBlank() && !IsAtEnd)
        {
            bool begins = At == start || !(char.IsAsciiLetterOrDigit(text[At - 1]) || text[At - 1] is '_' or '-' or '$' or '!' or '.');
            if (begins && IsWord("then"))
            {
                condition = text[start..At];
                At += "then".Length;
                return true;
            }
            if (Current == '{')
            {
                // rsyslog refuses a condition without then, but some documentation leaves it out.
                condition = text[start..At];
                return true;
            }
            char c = text[At++];
            if (c is '"' or '\'' && !SkipQuote(c)) break;
        }
        At = text.Length;
        return false;
    }

    /// <summary>The text on one line, with white space collapsed.</summary>
    public string OneLine(int start, int end) =>
        Problem.OneLine(string.Join(' ', text[start..Math.Min(end, text.Length)].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));

    private bool SkipQuote(char quote)
    {
        for (; !IsAtEnd; At++)
        {
            if (Current == '\\')
            {
                At++;
            }
            else if (Current == quote)
            {
                At++;
                return true;
            }
        }
        return false;
    }

    private void SkipLine()
    {
        int end = text.IndexOf('\n', At);
        At = end < 0 ? text.Length : end;
    }
}
