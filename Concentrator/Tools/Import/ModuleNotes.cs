using Concentrator.Configuration.Values;

namespace Concentrator.Tools.Import;

/// <summary>The outcome of loading a module.</summary>
internal static class ModuleNotes
{
    public static (ImportOutcome Outcome, string Sentence) Find(string module) => Path.GetFileNameWithoutExtension(module).ToLowerInvariant() switch
    {
        "imuxsock" => (ImportOutcome.NotNeeded, "unix sockets need no module; the system's own socket stays with rsyslog or the journal"),
        "imklog" or "imkmsg" => (ImportOutcome.NotNeeded, "the kernel's log stays with rsyslog or the journal"),
        "imjournal" => (ImportOutcome.NotNeeded, "the journal keeps its log itself"),
        "immark" => (ImportOutcome.NotNeeded, "there are no mark messages; /healthz says whether the server lives"),
        "impstats" => (ImportOutcome.NotNeeded, "the server's own counters are at Monitoring:Address, /metrics"),
        "imudp" or "imtcp" or "imptcp" => (ImportOutcome.NotNeeded, "listeners need no module"),
        "builtin:omfile" or "builtin:omfwd" or "omfile" or "omfwd" => (ImportOutcome.Translated, "what it sets holds for the actions that set nothing else"),
        "omrelp" => (ImportOutcome.NotNeeded, "outputs of type relp need no module, and there is one TLS library"),
        "lmnsd_gtls" or "lmnsd_ossl" or "lmnsd_ptcp" => (ImportOutcome.NotNeeded, "there is one TLS library, and where it is used is said by mode 1"),
        "builtin:pmrfc3164" or "builtin:pmrfc5424" or "builtin:omusrmsg" or "builtin:ompipe" or "builtin:omdiscard" => (ImportOutcome.NotNeeded, "headers are told apart without it"),
        _ => (ImportOutcome.NotSupported, $"there is nothing like {Problem.Quote(module)}; what it does is left out"),
    };

    /// <summary>Marks parameters that need no translation or are translated with the inputs and actions; the rest is unknown.</summary>
    public static void Ignore(RsyslogParameters given) => given.Ignore(
        "load", "template", "fileOwner*", "fileGroup*", "fileCreateMode", "dirCreateMode", "dirOwner*", "dirGroup*", "streamDriver.mode", "streamDriver.authMode",
        "streamDriver.name", "permittedPeer", "sysSock.use", "sysSock.ignore*", "sysSock.useP*", "sysSock.rateLimit*", "sysSock.parse*", "sysSock.unlink",
        "sysSock.flowControl", "ratelimit.*", "permitnonkernelfacility", "logPath", "keepAlive*", "maxSessions", "maxListeners", "maxFrameSize", "interval",
        "severity", "facility", "format", "resetCounters", "log.*", "threads", "timeRequery", "batchSize", "schedulingPolicy", "schedulingPriority",
        "addtlFrameDelimiter", "notifyOnConnectionClose", "notifyOnConnectionOpen", "processOnPoller", "statefile", "parsekerneltimestamp", "consoleLogLevel", "flowControl", "workDirectory", "tls.tlslib");
}
