using System.Text.Json;

namespace Concentrator.JetStream;

/// <summary>
/// JetStream's answer to a publication. It comes when the quorum of the stream's servers has stored it.
/// </summary>
/// <param name="IsStored">Stored, by this publication or an earlier one with the same id.</param>
/// <param name="IsDuplicate">Stored by an earlier one.</param>
/// <param name="Error">Why it is not stored; null if it is.</param>
internal readonly record struct PublishAnswer(bool IsStored, bool IsDuplicate, ApiError? Error)
{
    /// <summary>Reads an answer. What is none is an error, because then nothing says that it is stored.</summary>
    public static PublishAnswer Read(ReadOnlyMemory<byte> answer)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(answer);
            JsonElement root = document.RootElement;
            if (ApiError.Of(root) is { } error) return new PublishAnswer(false, false, error);
            if (Json.Text(root, "stream") is null || Json.Long(root, "seq") <= 0) return NoAnswer;
            bool isDuplicate = root.TryGetProperty("duplicate", out JsonElement flag) && flag.ValueKind == JsonValueKind.True;
            return new PublishAnswer(true, isDuplicate, null);
        }
        catch (JsonException)
        {
            return NoAnswer;
        }
    }

    private static PublishAnswer NoAnswer => new(false, false, new ApiError(0, 0, "the answer is not JetStream's: something else replies to this subject"));
}
