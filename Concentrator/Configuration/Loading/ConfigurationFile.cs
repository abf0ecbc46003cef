using System.Globalization;
using System.Text.Json;

namespace Concentrator.Configuration.Loading;

/// <summary>The content of one configuration file.</summary>
/// <param name="File">Its path.</param>
/// <param name="Number">Its number in the order of reading; the main file is 0.</param>
/// <param name="Root">A JSON object in which no key is given twice.</param>
/// <param name="Lines">The line on which each key path begins.</param>
internal sealed record ConfigurationText(string File, int Number, JsonElement Root, IReadOnlyDictionary<string, int> Lines);

/// <summary>
/// Reads a configuration file once and walks it for the line of every key, for duplicate keys (a JSON document keeps both),
/// and for syntax errors with file, line and column.
/// </summary>
internal static class ConfigurationFile
{
    /// <summary>Reads the file; null after reporting why it cannot be used.</summary>
    /// <param name="file">Its path.</param>
    /// <param name="number">Its number in the order of reading.</param>
    /// <param name="remedy">What to do if it cannot be read, for the error.</param>
    /// <param name="errors">Receives what is wrong.</param>
    public static ConfigurationText? Read(string file, int number, string remedy, ConfigurationErrors errors)
    {
        if (!SourceFile.Read(file, remedy).TryGet(out byte[]? content, out string? problem))
        {
            errors.AddForFile(file, problem, number);
            return null;
        }
        JsonWalk walk = new(content);
        if (!Walk(file, number, content, walk, errors))
        {
            return null;
        }
        using JsonDocument document = JsonDocument.Parse(
            content, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        return new ConfigurationText(file, number, document.RootElement.Clone(), walk.Lines);
    }

    private static bool Walk(string file, int number, byte[] content, JsonWalk walk, ConfigurationErrors errors)
    {
        bool sound = true;
        long end = 0;
        try
        {
            Utf8JsonReader reader = new(content, new JsonReaderOptions
            {
                CommentHandling = JsonCommentHandling.Skip,
                AllowTrailingCommas = true,
            });
            while (reader.Read())
            {
                end = reader.BytesConsumed;
                if (walk.Depth == 0 && reader.TokenType != JsonTokenType.StartObject)
                {
                    return Wrong($"{file}:{walk.Line}", "must be one JSON object, { … }");
                }
                if (reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals(""u8))
                {
                    return Wrong($"{file}:{walk.Line}", "has a key with an empty name; name it or remove it");
                }
                if (!walk.Take(ref reader, out string? path, out int line) && path is not null)
                {
                    KeyOrigin first = new($"{file}:{line}", line, Layer.Base, path, number);
                    errors.Add(first, path, $"is given twice, on lines {line} and {walk.Line}; remove one");
                    sound = false;
                }
            }
            return sound;
        }
        catch (JsonException) when (RsyslogSyntaxDetector.Fits(content))
        {
            return Wrong(file, $"is an rsyslog configuration; translate it first: concentrator import {file} --output concentrator.json");
        }
        catch (JsonException e) when (e.Message.Contains("is invalid after a value", StringComparison.Ordinal))
        {
            // The library reports the position of the next token, which may follow many lines of comments.
            ReadOnlySpan<byte> before = content.AsSpan(0, (int)end);
            return Wrong(
                Place(file, before.Count((byte)'\n') + 1, (int)end - before.LastIndexOf((byte)'\n')),
                "is not valid JSON: a comma or a closing bracket is missing here");
        }
        catch (JsonException e)
        {
            return Wrong(Place(file, (int)(e.LineNumber ?? 0) + 1, (int)(e.BytePositionInLine ?? 0) + 1), Describe(e, content));
        }
        catch (InvalidOperationException)
        {
            // Utf8JsonReader.GetString throws this for bytes that are not UTF-8 and for half a surrogate pair.
            return Wrong($"{file}:{walk.Line}", "contains bytes that are not UTF-8; save the file as UTF-8");
        }

        bool Wrong(string place, string problem)
        {
            errors.AddForFile(place, problem, number);
            return false;
        }
    }

    private static string Place(string file, int line, int column) =>
        string.Create(CultureInfo.InvariantCulture, $"{file}:{line}:{column}");

    private static string Describe(JsonException e, byte[] content)
    {
        // The library quotes a whole bare word, which may be an unquoted secret; its other messages quote only one character.
        return content.AsSpan().IndexOfAnyExcept(" \t\r\n"u8) < 0
            ? "is empty; a configuration is one JSON object, { … }"
            : e.Message.Contains("no JSON tokens", StringComparison.Ordinal)
                || e.Message.Contains("does not contain any JSON tokens", StringComparison.Ordinal)
                ? "contains only comments; a configuration is one JSON object, { … }"
            : e.Message.Contains("invalid JSON literal", StringComparison.Ordinal)
                ? "is not valid JSON: a word here lacks its double quotes"
            : $"is not valid JSON: {WithoutPosition(e.Message)}";
    }

    private static string WithoutPosition(string message)
    {
        int position = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return position < 0 ? message : message[..position];
    }
}
