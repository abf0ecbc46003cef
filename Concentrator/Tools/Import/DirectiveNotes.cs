using Concentrator.Configuration.Options;

namespace Concentrator.Tools.Import;

/// <summary>Outcomes of legacy lines that open no input, and of the parameters of <c>global</c> with the same names.</summary>
internal static class DirectiveNotes
{
    /// <summary>The sentence for every queue and retry setting of rsyslog.</summary>
    public const string Spool = "the spool keeps what cannot be delivered, on disk, for as long as it takes; its bound is Spool:MaxSize";
    private const string Unit = "the user, and what he may do, is the service unit's matter";
    private const string HostLog = "the host's own log stays with rsyslog or the journal";

    /// <summary>Prefixes of names in lower case; the first match decides.</summary>
    private static readonly (string Beginning, ImportOutcome Outcome, string Sentence)[] Known =
    [
        ("actionfiledefaulttemplate", ImportOutcome.Translated, "the format of the files after it"),
        ("actionforwarddefaulttemplate", ImportOutcome.Translated, "the format of the relays after it"),
        ("fileowner", ImportOutcome.Translated, "the owner of new files after it, for which the service must run as root"),
        ("filegroup", ImportOutcome.Translated, "the group of new files after it, of which the service's user must be a member"),
        ("filecreatemode", ImportOutcome.Translated, "the mode of the files after it"),
        ("umask", ImportOutcome.Translated, "taken off the mode of files"),
        ("dircreatemode", ImportOutcome.NotNeeded, "directories are made with the mode of the service's umask"),
        ("dirowner", ImportOutcome.NotNeeded, "directories belong to the service's user"),
        ("dirgroup", ImportOutcome.NotNeeded, "directories belong to the service's group"),
        ("createdirs", ImportOutcome.NotNeeded, "directories of files are always made"),
        ("failonchownfailure", ImportOutcome.NotSupported, "a file whose owner or group cannot be set is not written until it can"),
        ("defaultnetstreamdrivercafile", ImportOutcome.Translated, "Tls:CaFile of the relays over TLS, ClientCaFile of listeners that ask for certificates"),
        ("defaultnetstreamdrivercertfile", ImportOutcome.Translated, "Tls:CertificateFile of relays and listeners over TLS"),
        ("defaultnetstreamdriverkeyfile", ImportOutcome.Translated, "Tls:KeyFile of relays and listeners over TLS"),
        ("defaultnetstreamdriver", ImportOutcome.NotNeeded, "there is one TLS library, and where it is used is said by mode 1"),
        ("netstreamdriver", ImportOutcome.NotNeeded, "there is one TLS library, and where it is used is said by mode 1"),
        ("actionsendstreamdrivermode", ImportOutcome.Translated, "mode 1 makes the relays after it syslog-tls"),
        ("actionsendstreamdriverauthmode", ImportOutcome.Translated, "how the peers of the relays after it are verified"),
        ("actionsendstreamdriverpermittedpeer", ImportOutcome.Translated, "Tls:ServerName of the relays after it, where it is not their host"),
        ("actionsendstreamdriver", ImportOutcome.NotNeeded, "there is one TLS library, and where it is used is said by mode 1"),
        ("actionexeconlywhenpreviousissuspended", ImportOutcome.Translated, "said of the actions after it"),
        ("actionqueue", ImportOutcome.NotNeeded, Spool),
        ("mainmsgqueue", ImportOutcome.NotNeeded, Spool),
        ("rulesetcreatemainqueue", ImportOutcome.NotNeeded, Spool),
        ("actionresume", ImportOutcome.NotNeeded, "a relay tries again for ever, and nothing is discarded meanwhile"),
        ("actionsendresendlastmsgonreconnect", ImportOutcome.NotNeeded, "what the peer has not acknowledged is sent again after every reconnect"),
        ("actionsendtcprebindinterval", ImportOutcome.NotNeeded, "a connection is kept for as long as it works"),
        ("actionname", ImportOutcome.NotNeeded, "outputs have names of their own"),
        ("actionwriteallmarkmessages", ImportOutcome.NotNeeded, "there are no mark messages"),
        ("actionfileenablesync", ImportOutcome.NotNeeded, "Spool:Durability says what a crash may cost"),
        ("omfile", ImportOutcome.NotNeeded, "files are written in batches, and at once when nothing waits"),
        ("resetconfigvariables", ImportOutcome.NotSupported, "settings before it go on to hold"),
        ("dynafilecachesize", ImportOutcome.NotNeeded, "there are no dynamic file names"),
        ("workdirectory", ImportOutcome.NotNeeded, $"the queue is kept in Spool:Directory, {SpoolOptions.DefaultDirectory}; name another disk's folder there"),
        ("maxmessagesize", ImportOutcome.Translated, "MaxMessageSize of the listeners, where it is more than their own 64 KB or 256 KB"),
        ("privdropto", ImportOutcome.NotNeeded, Unit),
        ("repeatedmsgreduction", ImportOutcome.NotNeeded, "every message is written as it comes"),
        ("repeatedmsgcontainsoriginalmsg", ImportOutcome.NotNeeded, "every message is written as it comes"),
        ("inputunixlistensocketcreatepath", ImportOutcome.NotNeeded, "the folder of the socket is the service unit's matter"),
        ("inputunixlistensocketignoremsgtimestamp", ImportOutcome.NotNeeded, "Outputs.*.Timestamp says whose time is shown"),
        ("inputunixlistensockethostname", ImportOutcome.NotSupported, "messages without a host name carry this host's"),
        ("inputunixlistensocketannotate", ImportOutcome.NotSupported, "trusted properties are not added"),
        ("inputunixlistensocket", ImportOutcome.NotNeeded, "a listener reads all that comes"),
        ("imuxsockratelimit", ImportOutcome.NotNeeded, "dropped: no message is lost for coming fast"),
        ("compatibility.", ImportOutcome.NotNeeded, "it decides what rsyslog takes of its own language and of insecure defaults: there are none of either here"),
        ("permitslashinprogramname", ImportOutcome.NotSupported, "the name of a program ends at a slash: routes with Program see the whole"),
        ("abortonuncleanconfig", ImportOutcome.NotNeeded, "a configuration with a mistake is never started"),
        ("systemlog", ImportOutcome.NotNeeded, HostLog),
        ("omitlocallogging", ImportOutcome.NotNeeded, HostLog),
        ("klog", ImportOutcome.NotNeeded, HostLog),
        ("debugprintkernelsymbols", ImportOutcome.NotNeeded, HostLog),
        ("imjournal", ImportOutcome.NotNeeded, HostLog),
        ("markmessageperiod", ImportOutcome.NotNeeded, "there are no mark messages"),
        ("udpserveraddress", ImportOutcome.Translated, "the address of the UDP listeners after it"),
        ("udpservertimerequery", ImportOutcome.NotNeeded, "the clock is read once a batch"),
        ("imudpscheduling", ImportOutcome.NotNeeded, "each datagram socket has a thread that does nothing else"),
        ("inputudpserverbindruleset", ImportOutcome.Translated, "the rules for the UDP listeners after it"),
        ("inputtcpserverbindruleset", ImportOutcome.Translated, "the rules for the TCP listeners after it"),
        ("inputptcpserverbindruleset", ImportOutcome.Translated, "the rules for the TCP listeners after it"),
        ("inputtcpserverinputname", ImportOutcome.Translated, "the name of the TCP listeners after it"),
        ("inputptcpserverinputname", ImportOutcome.Translated, "the name of the TCP listeners after it"),
        ("inputptcpserverlistenip", ImportOutcome.Translated, "the address of the TCP listeners after it"),
        ("inputtcpserverstreamdrivermode", ImportOutcome.Translated, "mode 1 makes the TCP listeners after it tls"),
        ("inputtcpserverstreamdriverauthmode", ImportOutcome.Translated, "how the clients of the TLS listeners after it are verified"),
        ("inputtcpserverstreamdriverpermittedpeer", ImportOutcome.NotSupported, "clients are admitted by the authority of their certificate, not by its name"),
        ("inputtcpserverkeepalive", ImportOutcome.NotNeeded, "TCP keep-alive is always on"),
        ("inputtcpservernotifyonconnectionclose", ImportOutcome.NotNeeded, "connections are counted on /metrics"),
        ("inputtcpmaxsessions", ImportOutcome.NotNeeded, "a listener takes 10,000 connections; MaxConnections sets another bound"),
        ("inputtcpmaxlisteners", ImportOutcome.NotNeeded, "there may be any number of listeners"),
        ("inputtcpflowcontrol", ImportOutcome.NotNeeded, "a listener reads all that comes"),
        ("escape", ImportOutcome.NotNeeded, "files show control characters as rsyslog does, relays send what came"),
        ("droptrailinglfonreception", ImportOutcome.NotNeeded, "line ends are always taken off"),
        ("preservefqdn", ImportOutcome.NotNeeded, "a host name is kept as the message has it"),
        ("local.debug", ImportOutcome.NotNeeded, "the server's own log says what happens"),
        ("debug", ImportOutcome.NotNeeded, "the server's own log says what happens"),
        ("processinternalmessages", ImportOutcome.NotNeeded, "the server's own log goes to the journal"),
        ("net.enabledns", ImportOutcome.NotNeeded, "no sender is looked up in DNS"),
        ("controlcharacterescapeprefix", ImportOutcome.NotNeeded, "files show control characters as rsyslog does, relays send what came"),
        ("template", ImportOutcome.Translated, "known by its name to the actions that use it"),
        ("ruleset", ImportOutcome.Translated, "the rules up to the next such line"),
        ("defaultruleset", ImportOutcome.NotSupported, "inputs that name no ruleset go on to the default one"),
        ("allowedsender", ImportOutcome.NotSupported, "everybody may send: limit the senders in the firewall, or take routes with Sender"),
        ("optimizeforuniprocessor", ImportOutcome.NotNeeded, "the program measures the machine itself"),
        ("parser.escapecontrolcharacters", ImportOutcome.NotNeeded, "files show control characters as rsyslog does, relays send what came"),
        ("parser.droptrailinglfonreception", ImportOutcome.NotNeeded, "line ends are always taken off"),
        ("internalmsg", ImportOutcome.NotNeeded, "the server's own log goes to the journal"),
        ("shutdown.", ImportOutcome.NotNeeded, "ShutdownTimeout bounds a clean stop"),
    ];

    /// <summary>The outcome of a setting; null if it is unknown.</summary>
    public static (ImportOutcome Outcome, string Sentence)? Find(string name, string value)
    {
        if (name.Equals("FileOwner", StringComparison.OrdinalIgnoreCase) && value == "root")
        {
            return (ImportOutcome.NotNeeded, "new files belong to the user that the service runs as");
        }
        string small = name.ToLowerInvariant();
        foreach ((string beginning, ImportOutcome outcome, string sentence) in Known)
        {
            if (small.StartsWith(beginning, StringComparison.Ordinal)) return (outcome, sentence);
        }
        return null;
    }
}
