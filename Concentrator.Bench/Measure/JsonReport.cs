using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Concentrator.Bench.Arguments;

namespace Concentrator.Bench.Measure;

/// <summary>Writes results as JSON for other programs, and to keep beside the code.</summary>
internal static class JsonReport
{
    private static readonly JsonSerializerOptions Options = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter() },
    };

    public static string Of<T>(T report) => JsonSerializer.Serialize(report, Options) + "\n";

    /// <exception cref="UnusableException">The file cannot be written.</exception>
    public static void Write(string path, string text)
    {
        try
        {
            File.WriteAllText(path, text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UnusableException($"cannot write {path}: {e.Message}");
        }
    }
}
