using Concentrator.Bench.Programs;
using Concentrator.Tools.Rehearsal;

namespace Concentrator.Bench.Compare;

/// <summary>
/// rsyslogd, run from its own directory. As Sekoia ships it: the template strips leading blanks with a regular expression, and batches have
/// rsyslog's default size. Tuned: a plain template and large batches, the best settings that were found.
/// </summary>
internal sealed class RsyslogSubject(bool tuned) : Subject
{
    private static readonly string[] Libraries =
        ["/usr/lib/x86_64-linux-gnu/rsyslog", "/usr/lib/aarch64-linux-gnu/rsyslog", "/usr/lib/rsyslog", "/usr/lib64/rsyslog"];

    private readonly string? _program = InstalledProgram.Find("rsyslogd");

    public override string Name => tuned ? "rsyslog, tuned" : "rsyslog, as Sekoia ships it";

    public override string? Missing =>
        _program is null ? "rsyslogd is not installed (apt-get install rsyslog rsyslog-openssl)"
        : Driver is null ? "rsyslogd has no TLS driver (apt-get install rsyslog-openssl)"
        : null;

    private static string? Driver => HasLibrary("lmnsd_ossl.so") ? "ossl" : HasLibrary("lmnsd_gtls.so") ? "gtls" : null;

    public override ChildProcess Start(TrialPlace place) =>
        new(_program!, ["-n", "-f", place.Write("rsyslog.conf", Configuration(place)), "-i", place.In("rsyslog.pid")], place.Directory);

    private static bool HasLibrary(string name) => Libraries.Any(folder => File.Exists(Path.Combine(folder, name)));

    private string Configuration(TrialPlace place)
    {
        string text = tuned ? "%msg%" : "%msg:R,ERE,1,FIELD:^[ \\t]*(.*)$--end%";
        string frame = "<%pri%>1 %timegenerated:::date-rfc3339% %hostname% %app-name% %procid% LOG "
            + $"[SEKOIA@53288 intake_key=\\\"{Incumbents.IntakeKey}\\\"] {text}";
        string mainQueue = tuned
            ? $"main_queue(queue.type=\"FixedArray\" queue.size=\"{Incumbents.QueueLength}\" queue.dequeueBatchSize=\"1024\")"
            : "main_queue(queue.type=\"LinkedList\" queue.size=\"100000\")";
        string actionQueue = tuned
            ? $"queue.type=\"FixedArray\" queue.size=\"{Incumbents.QueueLength}\" queue.dequeueBatchSize=\"1024\""
            : "queue.type=\"LinkedList\" queue.size=\"100000\"";
        string file = tuned ? "ioBufferSize=\"256k\" flushOnTXEnd=\"off\"" : "";
        return $"""
            global(workDirectory="{place.Directory}" net.enableDNS="off" maxMessageSize="64k"
              defaultNetstreamDriver="{Driver}" defaultNetstreamDriverCAFile="{place.CaFile}")
            {mainQueue}
            module(load="imuxsock" sysSock.use="off")
            module(load="imudp")
            module(load="imtcp")
            input(type="imuxsock" socket="{place.Socket}" rateLimit.interval="0" usePIDFromSystem="off")
            input(type="imudp" address="127.0.0.1" port="{place.UdpPort}")
            input(type="imtcp" address="127.0.0.1" port="{place.TcpPort}")
            template(name="sekoia" type="string" string="{frame}")
            action(type="omfile" file="{place.LogFile}" template="RSYSLOG_TraditionalFileFormat" {file})
            action(type="omfwd" target="127.0.0.1" port="{place.Intake}" protocol="tcp" TCP_Framing="octet-counted" template="sekoia"
              streamDriver="{Driver}" streamDriverMode="1" streamDriverAuthMode="x509/name"
              streamDriverPermittedPeers="{ThrowAwayCertificate.ServerName}" action.resumeRetryCount="-1" action.resumeInterval="1"
              {actionQueue})

            """;
    }
}
