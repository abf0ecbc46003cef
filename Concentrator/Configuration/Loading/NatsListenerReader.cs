using Concentrator.Configuration.Options;
using Concentrator.Configuration.Values;

namespace Concentrator.Configuration.Loading;

/// <summary>Reads the keys that only a listener at <c>nats://</c> has.</summary>
internal static class NatsListenerReader
{
    private const string ConsumerKey = "Consumer", AcknowledgeKey = "Acknowledge", TlsKey = "Tls";

    public static readonly string[] Keys = [NatsStreamName.Key, ConsumerKey, AcknowledgeKey, .. NatsCredentialsReader.Keys];

    /// <summary>Null if the stream or the consumer is missing; that was reported.</summary>
    public static NatsListenerOptions? Read(SectionReader section)
    {
        string? stream = NatsStreamName.Read(section, "the stream to fetch from");
        string? consumer = NatsStreamName.Read(section, "the consumer, which all servers that share the work have in common", ConsumerKey);
        NatsListenerOptions options = new()
        {
            Stream = stream ?? "",
            Consumer = consumer ?? "",
            Acknowledge = section.Value(AcknowledgeKey, Choices.NatsAcknowledge.Parse, NatsAcknowledge.Delivered),
            Credentials = NatsCredentialsReader.Read(section),
            Tls = section.SwitchOrObject(TlsKey) ? RelayOutputReader.ReadTls(section) : null,
        };
        return stream is null || consumer is null ? null : options;
    }

    /// <summary>Refuses the keys where the listener has a socket.</summary>
    public static void Refuse(SectionReader section, ListenAddress address)
    {
        foreach (string key in Keys) section.Refuse(key, $"applies to nats:// only, but this listener is {address}");
    }
}
