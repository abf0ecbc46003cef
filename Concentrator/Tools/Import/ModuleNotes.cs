using Concentrator.Configuration.Values;

namespace Concentrator.Tools.Import;

/// <summary>The outcome of loading a module.</summary>
internal static class ModuleNotes
{
    public static (ImportOutcome Outcome, string Sentence) Find(string module) => Path.GetFileNameWithoutExtension(module).ToLowerInvariant() switch
    {
        "imuxsock" => (ImportOutcome.NotNeeded, "unix sockets need no module; the system's own socket stays with rsyslog or journald"),
        "imklog" or "imkmsg" => (ImportOutcome.NotNeeded, "the kernel's log stays with rsyslog or journald"),
        "imjournal" => (ImportOutcome.NotNeeded, "journald keeps its own log"),
        "immark" => (ImportOutcome.NotNeeded, "there are no mark messages; use /healthz to check that the server is alive"),
        "impstats" => (ImportOutcome.NotNeeded, "the server's counters are at Monitoring:Address, /metrics"),
        "imudp" or "imtcp" or "imptcp" => (ImportOutcome.NotNeeded, "listeners need no module"),
        "builtin:omfile" or "builtin:omfwd" or "omfile" or "omfwd" => (ImportOutcome.Translated, "its parameters are the defaults of the actions"),
        "omrelp" => (ImportOutcome.NotNeeded, "outputs of type relp need no module, and there is only one TLS library"),
        "lmnsd_gtls" or "lmnsd_ossl" or "lmnsd_ptcp" => (ImportOutcome.NotNeeded, "there is only one TLS library; mode 1 enables TLS"),
        "builtin:pmrfc3164" or "builtin:pmrfc5424" or "builtin:omusrmsg" or "builtin:ompipe" or "builtin:omdiscard" => (ImportOutcome.NotNeeded, "header formats are detected automatically"),
        _ => (ImportOutcome.NotSupported, $"module {Problem.Quote(module)} has no counterpart and was omitted"),
    };

    /// <summary>Marks parameters that need no translation or are translated with the inputs and actions; the rest is unknown.</summary>
    public static void Ignore(RsyslogParameters given) => given.Ignore(
        "load", "template", "fileOwner*", "fileGroup*", "fileCreateMode", "dirCreateMode", "dirOwner*", "dirGroup*", "streamDriver.mode", "streamDriver.authMode",
        "streamDriver.name", "permittedPeer", "sysSock.use", "sysSock.ignore*", "sysSock.useP*", "sysSock.rateLimit*", "sysSock.parse*", "sysSock.unlink",
        "sysSock.flowControl", "ratelimit.*", "permitnonkernelfacility", "logPath", "keepAlive*", "maxSessions", "maxListeners", "maxFrameSize", "interval",
        "severity", "facility", "format", "resetCounters", "log.*", "threads", "timeRequery", "batchSize", "schedulingPolicy", "schedulingPriority",
        "addtlFrameDelimiter", "notifyOnConnectionClose", "notifyOnConnectionOpen", "processOnPoller", "statefile", "parsekerneltimestamp", "consoleLogLevel", "flowControl", "workDirectory", "tls.tlslib");
}
