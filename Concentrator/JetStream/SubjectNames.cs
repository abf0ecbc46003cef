using Concentrator.Configuration.Options;

namespace Concentrator.JetStream;

/// <summary>The subject of an output on this host, and the pattern for that of all hosts.</summary>
internal static class SubjectNames
{
    /// <summary>The subject that this host publishes to.</summary>
    public static string Of(string subject) => subject.Replace(NatsOutputOptions.HostPlace, Word(Environment.MachineName.Split('.')[0]), StringComparison.Ordinal);

    /// <summary>The subject that a stream has to take for it.</summary>
    public static string PatternOf(string subject) => subject.Replace(NatsOutputOptions.HostPlace, "*", StringComparison.Ordinal);

    /// <summary>The text as one word of a subject.</summary>
    private static string Word(string text) => text.Length == 0 ? "_" : new string([.. text.Select(static c => c is > ' ' and <= '~' and not ('.' or '*' or '>') ? c : '_')]);
}
