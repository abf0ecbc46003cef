using System.Globalization;
using System.Text.Json;

namespace Concentrator.JetStream;

/// <summary>What JetStream answers in place of a result.</summary>
/// <param name="Code">As of HTTP; 0 = there was no answer of JetStream.</param>
/// <param name="Number">JetStream's own number of the error; 0 = it gave none.</param>
/// <param name="Description">One line.</param>
internal sealed record ApiError(int Code, int Number, string Description)
{
    /// <summary>The numbers that decide what is done next.</summary>
    public const int ConsumerNotFound = 10014, NoQuorum = 10008, StreamNotFound = 10059, ExpectedStream = 10060, StreamInUse = 10058,
        StoreFailed = 10077, MessageTooLong = 10054, MessageNotFound = 10037, NotForAccount = 10039, NotEnabled = 10076;

    /// <summary>Whether the user may not ask this.</summary>
    public bool IsDenied => Description.Contains("Permissions Violation", StringComparison.OrdinalIgnoreCase);

    public override string ToString() => Number == 0 ? Description : string.Create(CultureInfo.InvariantCulture, $"{Description} ({Number})");

    /// <summary>The error of an answer; null if it has none.</summary>
    public static ApiError? Of(JsonElement answer)
    {
        if (answer.ValueKind != JsonValueKind.Object || !answer.TryGetProperty("error", out JsonElement error)) return null;
        return new ApiError(Json.Int(error, "code"), Json.Int(error, "err_code"), Configuration.Values.Problem.OneLine(Json.Text(error, "description") ?? "an error without a description"));
    }
}
