using System.Globalization;
using System.Net;
using System.Text.Json;

namespace Concentrator.Targets.Relays.Https;

/// <summary>
/// Reads the body of a successful answer: <c>{"event_ids":["…", …]}</c>, one entry an event, in the order of the events. An entry is the
/// event's id, or an object that has the event's <c>status</c> (or <c>status_code</c>), as a number, and may have its <c>event_id</c>. Pure.
/// </summary>
internal static class AnswerBody
{
    private const string Ids = "event_ids";

    private enum Entry
    {
        Taken,
        Refused,
        Unclear,
    }

    /// <summary>Any other body, one that is cut, and one with another number of entries, are no answer.</summary>
    /// <param name="body">The whole body.</param>
    /// <param name="events">The number of events that were sent.</param>
    public static IntakeAnswer Read(ReadOnlySpan<byte> body, int events)
    {
        try
        {
            Utf8JsonReader json = new(body);
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject) return No("its body is not a JSON object");
            IntakeAnswer? answer = null;
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                bool isIds = json.ValueTextEquals(Ids);
                json.Read();
                if (!isIds) json.Skip();
                else if (answer is not null) return No($"its body has {Ids} twice");
                else answer = ReadIds(ref json, events);
            }
            return json.TokenType != JsonTokenType.EndObject || json.Read() ? No("its body is not one JSON object") : answer ?? No($"its body has no {Ids}");
        }
        catch (JsonException)
        {
            return No("its body is not JSON, or is cut");
        }
    }

    private static IntakeAnswer ReadIds(ref Utf8JsonReader json, int events)
    {
        if (json.TokenType != JsonTokenType.StartArray)
        {
            json.Skip();
            return No($"its {Ids} is no list");
        }
        int count = 0;
        bool isClear = true;
        List<(int Event, string Reason)>? refused = null;
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            Entry entry = ReadEntry(ref json, out int status);
            if (entry == Entry.Refused) (refused ??= []).Add((count, string.Create(CultureInfo.InvariantCulture, $"status {status}")));
            isClear &= entry != Entry.Unclear;
            count++;
        }
        if (count != events) return No(string.Create(CultureInfo.InvariantCulture, $"it names {count} events, and {events} were sent"));
        if (!isClear) return No("it does not say of each event whether it was taken");
        return refused is null ? IntakeAnswer.Taken : IntakeAnswer.Taken with { Refused = refused };
    }

    private static Entry ReadEntry(ref Utf8JsonReader json, out int status)
    {
        status = 0;
        if (json.TokenType == JsonTokenType.String) return json.ValueSpan.IsEmpty ? Entry.Unclear : Entry.Taken;
        if (json.TokenType != JsonTokenType.StartObject)
        {
            json.Skip();
            return Entry.Unclear;
        }
        bool hasId = false, hasStatus = false;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            bool isStatus = json.ValueTextEquals("status") || json.ValueTextEquals("status_code");
            bool isId = json.ValueTextEquals("event_id");
            json.Read();
            if (isStatus && json.TokenType == JsonTokenType.Number && json.TryGetInt32(out int number)) (status, hasStatus) = (number, true);
            else if (isId && json.TokenType == JsonTokenType.String && !json.ValueSpan.IsEmpty) hasId = true;
            else json.Skip();
        }
        if (!hasStatus) return hasId ? Entry.Taken : Entry.Unclear;
        if (status is >= 200 and < 300) return Entry.Taken;
        return IntakeAnswer.KindOf((HttpStatusCode)status) is AnswerKind.TooLarge or AnswerKind.Rejected && status >= 400 ? Entry.Refused : Entry.Unclear;
    }

    private static IntakeAnswer No(string problem) => new(AnswerKind.None, $"the intake's answer is none: {problem}");
}
