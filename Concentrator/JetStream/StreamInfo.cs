using System.Text.Json;

namespace Concentrator.JetStream;

/// <summary>What a stream says of itself.</summary>
internal sealed record StreamInfo
{
    public required string Name { get; init; }

    /// <summary>What it takes; words may be wildcards.</summary>
    public required IReadOnlyList<string> Subjects { get; init; }

    /// <summary>Bytes of the longest message with its headers; 0 = unlimited.</summary>
    public int MaxMessageSize { get; init; }

    /// <summary>Bytes it may hold; 0 = unlimited.</summary>
    public long MaxBytes { get; init; }

    /// <summary>Whether the number of its messages is limited.</summary>
    public bool MaxMessages { get; init; }

    public int Replicas { get; init; }

    /// <summary>Whether it deletes its oldest messages where it is full: what was acknowledged may then be lost.</summary>
    public bool DiscardsOld { get; init; }

    /// <summary>Whether what was delivered stays, without end: one day it is full, and takes nothing more.</summary>
    public bool FillsUp { get; init; }

    /// <summary>How long a repeated id is recognised.</summary>
    public TimeSpan DuplicateWindow { get; init; }

    /// <summary>Messages held, each perhaps a block of many.</summary>
    public long Messages { get; init; }

    public long Bytes { get; init; }

    /// <summary>The number of its oldest message.</summary>
    public long FirstSequence { get; init; }

    /// <summary>Whether a message goes once its one consumer has acknowledged it: what is in the stream, nobody has dealt with.</summary>
    public bool IsQueue { get; init; }

    /// <summary>Older messages are deleted; zero = none for their age.</summary>
    public TimeSpan MaxAge { get; init; }

    /// <summary>Whether something that is published to this subject, which has no wildcards, goes to this stream.</summary>
    public bool Takes(string subject) => Subjects.Any(pattern => Matches(pattern, subject));

    public static StreamInfo Read(JsonElement answer)
    {
        JsonElement config = Json.Object(answer, "config");
        JsonElement state = Json.Object(answer, "state");
        return new StreamInfo
        {
            Name = Json.Text(config, "name") ?? "",
            Subjects = Json.Texts(config, "subjects"),
            MaxMessageSize = Math.Max(0, Json.Int(config, "max_msg_size")),
            MaxBytes = Math.Max(0, Json.Long(config, "max_bytes")),
            MaxMessages = Json.Long(config, "max_msgs") > 0,
            Replicas = Json.Int(config, "num_replicas"),
            DiscardsOld = Json.Text(config, "discard") != "new",
            FillsUp = Json.Text(config, "retention") == "limits" && Json.Text(config, "discard") == "new" && Json.Long(config, "max_age") == 0
                && (Json.Long(config, "max_bytes") > 0 || Json.Long(config, "max_msgs") > 0),
            DuplicateWindow = TimeSpan.FromTicks(Json.Long(config, "duplicate_window") / 100),
            Messages = Json.Long(state, "messages"),
            Bytes = Json.Long(state, "bytes"),
            FirstSequence = Json.Long(state, "first_seq"),
            IsQueue = Json.Text(config, "retention") == "workqueue",
            MaxAge = Json.Duration(config, "max_age"),
        };
    }

    private static bool Matches(string pattern, string subject)
    {
        string[] wanted = pattern.Split('.');
        string[] words = subject.Split('.');
        for (int i = 0; i < wanted.Length; i++)
        {
            if (wanted[i] == ">") return words.Length > i;
            if (i >= words.Length || (wanted[i] != "*" && wanted[i] != words[i])) return false;
        }
        return wanted.Length == words.Length;
    }
}
