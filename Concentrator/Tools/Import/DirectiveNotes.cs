using Concentrator.Configuration.Options;

namespace Concentrator.Tools.Import;

/// <summary>Outcomes of legacy lines that open no input, and of the parameters of <c>global</c> with the same names.</summary>
internal static class DirectiveNotes
{
    /// <summary>The sentence for every queue and retry setting of rsyslog.</summary>
    public const string Spool = "undeliverable messages are spooled on disk without a time limit, up to Spool:MaxSize";
    private const string Unit = "the user and its privileges are set in the service unit";
    private const string HostLog = "the host's own log stays with rsyslog or journald";

    /// <summary>Prefixes of names in lower case; the first match decides.</summary>
    private static readonly (string Beginning, ImportOutcome Outcome, string Sentence)[] Known =
    [
        ("actionfiledefaulttemplate", ImportOutcome.Translated, "sets the format of the files after it"),
        ("actionforwarddefaulttemplate", ImportOutcome.Translated, "sets the format of the relays after it"),
        ("fileowner", ImportOutcome.Translated, "sets the owner of new files after it; the service must run as root"),
        ("filegroup", ImportOutcome.Translated, "sets the group of new files after it; the service's user must be a member"),
        ("filecreatemode", ImportOutcome.Translated, "sets the mode of the files after it"),
        ("umask", ImportOutcome.Translated, "applied to the mode of files"),
        ("dircreatemode", ImportOutcome.NotNeeded, "directories are created with the service's umask"),
        ("dirowner", ImportOutcome.NotNeeded, "directories belong to the service's user"),
        ("dirgroup", ImportOutcome.NotNeeded, "directories belong to the service's group"),
        ("createdirs", ImportOutcome.NotNeeded, "missing directories are always created"),
        ("failonchownfailure", ImportOutcome.NotSupported, "a file is not written until its owner and group can be set"),
        ("defaultnetstreamdrivercafile", ImportOutcome.Translated, "Tls:CaFile of relays over TLS, ClientCaFile of listeners that require certificates"),
        ("defaultnetstreamdrivercertfile", ImportOutcome.Translated, "Tls:CertificateFile of relays and listeners over TLS"),
        ("defaultnetstreamdriverkeyfile", ImportOutcome.Translated, "Tls:KeyFile of relays and listeners over TLS"),
        ("defaultnetstreamdriver", ImportOutcome.NotNeeded, "there is only one TLS library; mode 1 enables TLS"),
        ("netstreamdriver", ImportOutcome.NotNeeded, "there is only one TLS library; mode 1 enables TLS"),
        ("actionsendstreamdrivermode", ImportOutcome.Translated, "mode 1 makes the relays after it syslog-tls"),
        ("actionsendstreamdriverauthmode", ImportOutcome.Translated, "sets how the peers of the relays after it are verified"),
        ("actionsendstreamdriverpermittedpeer", ImportOutcome.Translated, "Tls:ServerName of the relays after it, if it differs from their host"),
        ("actionsendstreamdriver", ImportOutcome.NotNeeded, "there is only one TLS library; mode 1 enables TLS"),
        ("actionexeconlywhenpreviousissuspended", ImportOutcome.Translated, "applies to the actions after it"),
        ("actionqueue", ImportOutcome.NotNeeded, Spool),
        ("mainmsgqueue", ImportOutcome.NotNeeded, Spool),
        ("rulesetcreatemainqueue", ImportOutcome.NotNeeded, Spool),
        ("actionresume", ImportOutcome.NotNeeded, "a relay retries without limit, and nothing is discarded meanwhile"),
        ("actionsendresendlastmsgonreconnect", ImportOutcome.NotNeeded, "unacknowledged messages are sent again after every reconnect"),
        ("actionsendtcprebindinterval", ImportOutcome.NotNeeded, "a connection is kept open as long as it works"),
        ("actionname", ImportOutcome.NotNeeded, "outputs have their own names"),
        ("actionwriteallmarkmessages", ImportOutcome.NotNeeded, "there are no mark messages"),
        ("actionfileenablesync", ImportOutcome.NotNeeded, "Spool:Durability determines what a crash can lose"),
        ("omfile", ImportOutcome.NotNeeded, "files are written in batches, and immediately when the queue is empty"),
        ("resetconfigvariables", ImportOutcome.NotSupported, "earlier settings stay in effect"),
        ("dynafilecachesize", ImportOutcome.NotNeeded, "there are no dynamic file names"),
        ("workdirectory", ImportOutcome.NotNeeded, $"the queue is kept in Spool:Directory, by default {SpoolOptions.DefaultDirectory}"),
        ("maxmessagesize", ImportOutcome.Translated, "MaxMessageSize of the listeners, if larger than their default of 64 KB or 256 KB"),
        ("privdropto", ImportOutcome.NotNeeded, Unit),
        ("repeatedmsgreduction", ImportOutcome.NotNeeded, "every message is written individually"),
        ("repeatedmsgcontainsoriginalmsg", ImportOutcome.NotNeeded, "every message is written individually"),
        ("inputunixlistensocketcreatepath", ImportOutcome.NotNeeded, "the socket's directory is set up by the service unit"),
        ("inputunixlistensocketignoremsgtimestamp", ImportOutcome.NotNeeded, "Outputs:*:Timestamp selects which time is shown"),
        ("inputunixlistensockethostname", ImportOutcome.NotSupported, "messages without a host name get this host's name"),
        ("inputunixlistensocketannotate", ImportOutcome.NotSupported, "trusted properties are not added"),
        ("inputunixlistensocket", ImportOutcome.NotNeeded, "a listener accepts everything that arrives"),
        ("imuxsockratelimit", ImportOutcome.NotNeeded, "dropped: there is no rate limit"),
        ("compatibility.", ImportOutcome.NotNeeded, "it controls rsyslog's legacy syntax and insecure defaults, neither of which exists here"),
        ("permitslashinprogramname", ImportOutcome.NotSupported, "a program name ends at a slash in rsyslog; routes with Program match the full name"),
        ("abortonuncleanconfig", ImportOutcome.NotNeeded, "the server never starts with an invalid configuration"),
        ("systemlog", ImportOutcome.NotNeeded, HostLog),
        ("omitlocallogging", ImportOutcome.NotNeeded, HostLog),
        ("klog", ImportOutcome.NotNeeded, HostLog),
        ("debugprintkernelsymbols", ImportOutcome.NotNeeded, HostLog),
        ("imjournal", ImportOutcome.NotNeeded, HostLog),
        ("markmessageperiod", ImportOutcome.NotNeeded, "there are no mark messages"),
        ("udpserveraddress", ImportOutcome.Translated, "sets the address of the UDP listeners after it"),
        ("udpservertimerequery", ImportOutcome.NotNeeded, "the clock is read once per batch"),
        ("imudpscheduling", ImportOutcome.NotNeeded, "each datagram socket has its own thread"),
        ("inputudpserverbindruleset", ImportOutcome.Translated, "sets the rules for the UDP listeners after it"),
        ("inputtcpserverbindruleset", ImportOutcome.Translated, "sets the rules for the TCP listeners after it"),
        ("inputptcpserverbindruleset", ImportOutcome.Translated, "sets the rules for the TCP listeners after it"),
        ("inputtcpserverinputname", ImportOutcome.Translated, "sets the name of the TCP listeners after it"),
        ("inputptcpserverinputname", ImportOutcome.Translated, "sets the name of the TCP listeners after it"),
        ("inputptcpserverlistenip", ImportOutcome.Translated, "sets the address of the TCP listeners after it"),
        ("inputtcpserverstreamdrivermode", ImportOutcome.Translated, "mode 1 makes the TCP listeners after it tls"),
        ("inputtcpserverstreamdriverauthmode", ImportOutcome.Translated, "sets how the clients of the TLS listeners after it are verified"),
        ("inputtcpserverstreamdriverpermittedpeer", ImportOutcome.NotSupported, "clients are authenticated by the issuer of their certificate, not by its name"),
        ("inputtcpserverkeepalive", ImportOutcome.NotNeeded, "TCP keep-alive is always on"),
        ("inputtcpservernotifyonconnectionclose", ImportOutcome.NotNeeded, "connections are counted in /metrics"),
        ("inputtcpmaxsessions", ImportOutcome.NotNeeded, "a listener accepts 10,000 connections; MaxConnections changes the limit"),
        ("inputtcpmaxlisteners", ImportOutcome.NotNeeded, "there may be any number of listeners"),
        ("inputtcpflowcontrol", ImportOutcome.NotNeeded, "a listener accepts everything that arrives"),
        ("escape", ImportOutcome.NotNeeded, "files escape control characters as rsyslog does, relays send what was received"),
        ("droptrailinglfonreception", ImportOutcome.NotNeeded, "line ends are always removed"),
        ("preservefqdn", ImportOutcome.NotNeeded, "a host name is kept as received"),
        ("local.debug", ImportOutcome.NotNeeded, "the server has its own log"),
        ("debug", ImportOutcome.NotNeeded, "the server has its own log"),
        ("processinternalmessages", ImportOutcome.NotNeeded, "the server's own log goes to the journal"),
        ("net.enabledns", ImportOutcome.NotNeeded, "senders are not looked up in DNS"),
        ("controlcharacterescapeprefix", ImportOutcome.NotNeeded, "files escape control characters as rsyslog does, relays send what was received"),
        ("template", ImportOutcome.Translated, "used by the actions that refer to it"),
        ("ruleset", ImportOutcome.Translated, "contains the rules up to the next such line"),
        ("defaultruleset", ImportOutcome.NotSupported, "inputs without a ruleset use the default one"),
        ("allowedsender", ImportOutcome.NotSupported, "every sender is accepted: restrict senders in the firewall, or use routes with Sender"),
        ("optimizeforuniprocessor", ImportOutcome.NotNeeded, "the number of processors is detected automatically"),
        ("parser.escapecontrolcharacters", ImportOutcome.NotNeeded, "files escape control characters as rsyslog does, relays send what was received"),
        ("parser.droptrailinglfonreception", ImportOutcome.NotNeeded, "line ends are always removed"),
        ("internalmsg", ImportOutcome.NotNeeded, "the server's own log goes to the journal"),
        ("shutdown.", ImportOutcome.NotNeeded, "ShutdownTimeout limits the duration of a stop"),
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
