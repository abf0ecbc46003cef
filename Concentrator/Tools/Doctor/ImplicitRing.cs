using Concentrator.Hosting.Senders.HaproxyConfiguration;

namespace Concentrator.Tools.Doctor;

/// <summary>
/// A <c>log</c> line over a stream without a ring section: its buffer is 16 KB, and its framing is LF. From 3.1 on HAProxy closed its
/// connection after every batch, one per second (seen in 3.2.0 and 3.5-dev5); 3.2.26 does not. Versions in between were not tested.
/// </summary>
/// <param name="log">The log line.</param>
/// <param name="version">HAProxy's version; null = unknown.</param>
internal sealed class ImplicitRing(HaproxyLogDirective log, Version? version)
{
    private static readonly Version Began = new(3, 1);
    private static readonly Version SeenToLose = new(3, 2, 0);
    private static readonly Version SeenMended = new(3, 2, 26);
    private static readonly Version NextUnknown = new(3, 3);

    public Diagnosis Judge()
    {
        string subject = $"{log.Place}: {log.Text}";
        if (version is null) return Diagnosis.Warn(subject, "a stream without its own ring: HAProxy 3.2.0 loses nearly all messages under load, and the version running here is unknown", Remedy());
        if (version >= Began && version <= SeenToLose)
            return Diagnosis.Fail(subject, $"HAProxy {version} sends 16 KB/s over it and loses the rest", $"update HAProxy to {SeenMended} or later; or:\n{Remedy()}");
        if ((version > SeenToLose && version < SeenMended) || version >= NextUnknown)
        {
            return Diagnosis.Warn(
                subject, $"HAProxy {SeenToLose} loses nearly all messages sent over it under load, {SeenMended} does not; {version} is untested",
                $"update HAProxy to {SeenMended} or a later 3.2; or:\n{Remedy()}");
        }
        string update = version < Began ? $"; after an update from {version} to 3.1 or {SeenToLose} nearly all messages are lost" : "";
        return Diagnosis.Warn(subject, $"an implicit ring of 16 KB, delimited by line feeds: a client can forge lines{update}", Remedy());
    }

    private string Remedy()
    {
        string address = log.Address[(log.Address.IndexOf('@', StringComparison.Ordinal) + 1)..];
        return HaproxyRingCheck.AfterUpdate(
            version,
            $"""
            log ring@concentrator len {LogLineCheck.GoodLength} format {LogLineCheck.GoodFormat} {log.Facility ?? "local0"}    (instead of this line; and in addition:)
            ring concentrator
                format {LogLineCheck.GoodFormat}
                maxlen {LogLineCheck.GoodLength}
                size {HaproxyRingCheck.GoodSize}
                timeout connect 2s
                timeout server 10s
                server c1 {address} log-proto octet-count
            """);
    }
}
