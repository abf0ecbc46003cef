using System.Globalization;
using System.Text;
using System.Text.Json;
using Concentrator.Configuration.Import;

namespace Concentrator.Configuration.Loading;

/// <summary>
/// Reads a configuration file once and walks it before Microsoft.Extensions.Configuration does: for the line of every key,
/// for keys given twice (which that library merges in silence when they hold objects), and for syntax errors with
/// file, line and column.
/// </summary>
internal static class ConfigurationFile
{
    /// <summary>The content as UTF-8 JSON without byte order mark, or null after reporting why not.</summary>
    public static byte[]? Read(string file, KeyOrigins origins, ConfigurationErrors errors)
    {
        if (!SourceFile.Read(file, "name a readable JSON file with --config FILE").TryGet(out byte[]? content, out string? problem))
        {
            errors.AddForFile(file, problem);
            return null;
        }
        return Walk(file, content, origins, errors) ? content : null;
    }

    private static bool Walk(string file, byte[] content, KeyOrigins origins, ConfigurationErrors errors)
    {
        JsonWalk walk = new(content);
        string? problem = null;
        bool sound = true;
        try
        {
            Utf8JsonReader reader = new(content, new JsonReaderOptions
            {
                CommentHandling = JsonCommentHandling.Skip,
                AllowTrailingCommas = true,
            });
            while (problem is null && reader.Read())
            {
                if (walk.Depth == 0 && reader.TokenType != JsonTokenType.StartObject)
                {
                    problem = "must be one JSON object, { … }";
                }
                else if (walk.Take(ref reader, out string? path, out int line))
                {
                    origins.Record(path, $"{file}:{line}", line, Layer.Base);
                }
                else if (path is not null)
                {
                    errors.Add(path, $"is given twice, on lines {line} and {walk.Line}; remove one");
                    sound = false;
                }
            }
        }
        catch (JsonException) when (RsyslogLook.Fits(content))
        {
            errors.AddForFile(file, $"is rsyslog's configuration; translate it first: concentrator import {file} --output concentrator.json");
            return false;
        }
        catch (JsonException e)
        {
            errors.AddForFile(Place(file, (int)(e.LineNumber ?? 0) + 1, (int)(e.BytePositionInLine ?? 0) + 1), Describe(e, content));
            return false;
        }
        catch (InvalidOperationException)
        {
            // Utf8JsonReader.GetString, on bytes that are no UTF-8 or on half a surrogate pair.
            errors.AddForFile($"{file}:{walk.Line}", "holds bytes that are not UTF-8; save the file as UTF-8");
            return false;
        }
        if (problem is not null)
        {
            errors.AddForFile($"{file}:{walk.Line}", problem);
        }
        return sound && problem is null;
    }

    private static string Place(string file, int line, int column) =>
        string.Create(CultureInfo.InvariantCulture, $"{file}:{line}:{column}");

    private static string Describe(JsonException e, byte[] content)
    {
        // The library quotes a whole bare word, which may be an unquoted secret; all its other messages quote one character.
        return content.AsSpan().IndexOfAnyExcept(" \t\r\n"u8) < 0
            ? "is empty; a configuration is one JSON object, { … }"
            : e.Message.Contains("no JSON tokens", StringComparison.Ordinal)
                || e.Message.Contains("does not contain any JSON tokens", StringComparison.Ordinal)
                ? "holds nothing but comments; a configuration is one JSON object, { … }"
            : e.Message.Contains("invalid JSON literal", StringComparison.Ordinal)
                ? "is not valid JSON: a word here stands without double quotes"
            : $"is not valid JSON: {WithoutPosition(e.Message)}";
    }

    private static string WithoutPosition(string message)
    {
        int position = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return position < 0 ? message : message[..position];
    }
}
