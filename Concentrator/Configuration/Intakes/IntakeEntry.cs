using System.Globalization;

namespace Concentrator.Configuration.Intakes;

/// <summary>One value of an <c>intakes.yaml</c> as written, and its line, from 1.</summary>
internal readonly record struct IntakeField(string Text, int Line);

/// <summary>One entry of <c>intakes:</c>: its known non-null fields by name, not yet checked.</summary>
/// <param name="Index">Position in the list, from 0.</param>
/// <param name="Line">The line on which it begins, from 1.</param>
internal sealed record IntakeEntry(int Index, int Line, IReadOnlyDictionary<string, IntakeField> Fields)
{
    /// <summary>The path that errors name.</summary>
    public string Path => string.Create(CultureInfo.InvariantCulture, $"{IntakesReader.Section}:{Index}");

    public string PathOf(string field) => $"{Path}:{field}";

    public int? LineOf(string field) => Fields.TryGetValue(field, out IntakeField found) ? found.Line : null;

    public string? Text(string field) => Fields.TryGetValue(field, out IntakeField found) ? found.Text : null;
}

/// <summary>Every field that an intake can have.</summary>
internal static class IntakeFields
{
    public const string Name = "name";
    public const string Protocol = "protocol";
    public const string Port = "port";
    public const string Key = "intake_key";
    public const string QueueSize = "queue_size";
    public const string Debug = "debug";
    public const string Stats = "stats";
    public const string TlsKeyName = "tls_key_name";
    public const string TlsCertificateName = "tls_cert_name";
    public const string TlsAuthorityName = "tls_ca_name";

    /// <summary>A field of Sekoia.io's Helm chart, which names the port of its load balancer with it. Only the chart reads it.</summary>
    public const string EntryPoint = "entrypoint";

    public static readonly string[] Tls = [TlsKeyName, TlsCertificateName, TlsAuthorityName];

    public static readonly string[] All = [Name, Protocol, Port, Key, QueueSize, Debug, Stats, EntryPoint, .. Tls];
}
