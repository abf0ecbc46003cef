namespace Concentrator.Configuration.Import;

/// <summary>What there is to say of legacy lines that open no input, and of the parameters of <c>global</c> with the same names.</summary>
internal static class DirectiveNotes
{
    private const string Spool = "the spool keeps what cannot be delivered, on disk, for as long as it takes; its bound is Spool:MaxSize";
    private const string Unit = "the user, and what he may do, is the service unit's matter";
    private const string HostLog = "the host's own log stays with rsyslog or the journal";

    /// <summary>Beginnings of names in small letters; the first that fits decides.</summary>
    private static readonly (string Beginning, Verdict Verdict, string Sentence)[] Known =
    [
        ("actionfiledefaulttemplate", Verdict.Translated, "the format of the files after it"),
        ("actionforwarddefaulttemplate", Verdict.Translated, "the format of the relays after it"),
        ("fileowner", Verdict.Translated, "the owner of new files after it, for which the service must run as root"),
        ("filegroup", Verdict.Translated, "the group of new files after it, of which the service's user must be a member"),
        ("filecreatemode", Verdict.Translated, "the mode of the files after it"),
        ("umask", Verdict.Translated, "taken off the mode of files"),
        ("dircreatemode", Verdict.NotNeeded, "directories are made with the mode of the service's umask"),
        ("dirowner", Verdict.NotNeeded, "directories belong to the service's user"),
        ("dirgroup", Verdict.NotNeeded, "directories belong to the service's group"),
        ("createdirs", Verdict.NotNeeded, "directories of files are always made"),
        ("failonchownfailure", Verdict.NotSupported, "a file whose owner or group cannot be set is not written until it can"),
        ("defaultnetstreamdrivercafile", Verdict.Translated, "Tls:CaFile of the relays over TLS, ClientCaFile of listeners that ask for certificates"),
        ("defaultnetstreamdrivercertfile", Verdict.Translated, "Tls:CertificateFile of relays and listeners over TLS"),
        ("defaultnetstreamdriverkeyfile", Verdict.Translated, "Tls:KeyFile of relays and listeners over TLS"),
        ("defaultnetstreamdriver", Verdict.NotNeeded, "there is one TLS library, and where it is used is said by mode 1"),
        ("netstreamdriver", Verdict.NotNeeded, "there is one TLS library, and where it is used is said by mode 1"),
        ("actionsendstreamdrivermode", Verdict.Translated, "mode 1 makes the relays after it syslog-tls"),
        ("actionsendstreamdriverauthmode", Verdict.Translated, "how the peers of the relays after it are verified"),
        ("actionsendstreamdriverpermittedpeer", Verdict.Translated, "Tls:ServerName of the relays after it, where it is not their host"),
        ("actionsendstreamdriver", Verdict.NotNeeded, "there is one TLS library, and where it is used is said by mode 1"),
        ("actionexeconlywhenpreviousissuspended", Verdict.Translated, "said of the actions after it"),
        ("actionqueue", Verdict.NotNeeded, Spool),
        ("mainmsgqueue", Verdict.NotNeeded, Spool),
        ("rulesetcreatemainqueue", Verdict.NotNeeded, Spool),
        ("actionresume", Verdict.NotNeeded, "a relay tries again for ever, and nothing is discarded meanwhile"),
        ("actionsendresendlastmsgonreconnect", Verdict.NotNeeded, "what the peer has not acknowledged is sent again after every reconnect"),
        ("actionsendtcprebindinterval", Verdict.NotNeeded, "a connection is kept for as long as it works"),
        ("actionname", Verdict.NotNeeded, "outputs have names of their own"),
        ("actionwriteallmarkmessages", Verdict.NotNeeded, "there are no mark messages"),
        ("actionfileenablesync", Verdict.NotNeeded, "Spool:Durability says what a crash may cost"),
        ("omfile", Verdict.NotNeeded, "files are written in batches, and at once when nothing waits"),
        ("resetconfigvariables", Verdict.NotSupported, "settings before it go on to hold"),
        ("dynafilecachesize", Verdict.NotNeeded, "there are no dynamic file names"),
        ("workdirectory", Verdict.NotNeeded, "the queue is kept in Spool:Directory, /var/spool/concentrator; name another disk's folder there"),
        ("maxmessagesize", Verdict.Translated, "MaxMessageSize of the listeners, where it is more than their own 64 KB or 256 KB"),
        ("privdropto", Verdict.NotNeeded, Unit),
        ("repeatedmsgreduction", Verdict.NotNeeded, "every message is written as it comes"),
        ("repeatedmsgcontainsoriginalmsg", Verdict.NotNeeded, "every message is written as it comes"),
        ("inputunixlistensocketcreatepath", Verdict.NotNeeded, "the folder of the socket is the service unit's matter"),
        ("inputunixlistensocketignoremsgtimestamp", Verdict.NotNeeded, "Outputs.*.Timestamp says whose time is shown"),
        ("inputunixlistensockethostname", Verdict.NotSupported, "messages without a host name carry this host's"),
        ("inputunixlistensocketannotate", Verdict.NotSupported, "trusted properties are not added"),
        ("inputunixlistensocket", Verdict.NotNeeded, "a listener reads all that comes"),
        ("imuxsockratelimit", Verdict.NotNeeded, "dropped: no message is lost for coming fast"),
        ("compatibility.", Verdict.NotNeeded, "it decides what rsyslog takes of its own language and of insecure defaults: there are none of either here"),
        ("permitslashinprogramname", Verdict.NotSupported, "the name of a program ends at a slash: routes with Program see the whole"),
        ("abortonuncleanconfig", Verdict.NotNeeded, "a configuration with a mistake is never started"),
        ("systemlog", Verdict.NotNeeded, HostLog),
        ("omitlocallogging", Verdict.NotNeeded, HostLog),
        ("klog", Verdict.NotNeeded, HostLog),
        ("debugprintkernelsymbols", Verdict.NotNeeded, HostLog),
        ("imjournal", Verdict.NotNeeded, HostLog),
        ("markmessageperiod", Verdict.NotNeeded, "there are no mark messages"),
        ("udpserveraddress", Verdict.Translated, "the address of the UDP listeners after it"),
        ("udpservertimerequery", Verdict.NotNeeded, "the clock is read once a batch"),
        ("imudpscheduling", Verdict.NotNeeded, "each datagram socket has a thread that does nothing else"),
        ("inputudpserverbindruleset", Verdict.Translated, "the rules for the UDP listeners after it"),
        ("inputtcpserverbindruleset", Verdict.Translated, "the rules for the TCP listeners after it"),
        ("inputptcpserverbindruleset", Verdict.Translated, "the rules for the TCP listeners after it"),
        ("inputtcpserverinputname", Verdict.Translated, "the name of the TCP listeners after it"),
        ("inputptcpserverinputname", Verdict.Translated, "the name of the TCP listeners after it"),
        ("inputptcpserverlistenip", Verdict.Translated, "the address of the TCP listeners after it"),
        ("inputtcpserverstreamdrivermode", Verdict.Translated, "mode 1 makes the TCP listeners after it tls"),
        ("inputtcpserverstreamdriverauthmode", Verdict.Translated, "how the clients of the TLS listeners after it are verified"),
        ("inputtcpserverstreamdriverpermittedpeer", Verdict.NotSupported, "clients are admitted by the authority of their certificate, not by its name"),
        ("inputtcpserverkeepalive", Verdict.NotNeeded, "TCP keep-alive is always on"),
        ("inputtcpservernotifyonconnectionclose", Verdict.NotNeeded, "connections are counted on /metrics"),
        ("inputtcpmaxsessions", Verdict.NotNeeded, "a listener takes 10,000 connections; MaxConnections sets another bound"),
        ("inputtcpmaxlisteners", Verdict.NotNeeded, "there may be any number of listeners"),
        ("inputtcpflowcontrol", Verdict.NotNeeded, "a listener reads all that comes"),
        ("escape", Verdict.NotNeeded, "files show control characters as rsyslog does, relays send what came"),
        ("droptrailinglfonreception", Verdict.NotNeeded, "line ends are always taken off"),
        ("preservefqdn", Verdict.NotNeeded, "a host name is kept as the message has it"),
        ("local.debug", Verdict.NotNeeded, "the server's own log says what happens"),
        ("debug", Verdict.NotNeeded, "the server's own log says what happens"),
        ("processinternalmessages", Verdict.NotNeeded, "the server's own log goes to the journal"),
        ("net.enabledns", Verdict.NotNeeded, "no sender is looked up in DNS"),
        ("controlcharacterescapeprefix", Verdict.NotNeeded, "files show control characters as rsyslog does, relays send what came"),
        ("template", Verdict.Translated, "known by its name to the actions that use it"),
        ("ruleset", Verdict.Translated, "the rules up to the next such line"),
        ("defaultruleset", Verdict.NotSupported, "inputs that name no ruleset go on to the default one"),
        ("allowedsender", Verdict.NotSupported, "everybody may send: limit the senders in the firewall, or take routes with Sender"),
        ("optimizeforuniprocessor", Verdict.NotNeeded, "the program measures the machine itself"),
        ("parser.escapecontrolcharacters", Verdict.NotNeeded, "files show control characters as rsyslog does, relays send what came"),
        ("parser.droptrailinglfonreception", Verdict.NotNeeded, "line ends are always taken off"),
        ("internalmsg", Verdict.NotNeeded, "the server's own log goes to the journal"),
        ("shutdown.", Verdict.NotNeeded, "ShutdownTimeout bounds a clean stop"),
    ];

    /// <summary>Null where nothing is known of it.</summary>
    public static (Verdict Verdict, string Sentence)? Find(string name, string value)
    {
        if (name.Equals("FileOwner", StringComparison.OrdinalIgnoreCase) && value == "root")
        {
            return (Verdict.NotNeeded, "new files belong to the user that the service runs as");
        }
        string small = name.ToLowerInvariant();
        foreach ((string beginning, Verdict verdict, string sentence) in Known)
        {
            if (small.StartsWith(beginning, StringComparison.Ordinal)) return (verdict, sentence);
        }
        return null;
    }
}
