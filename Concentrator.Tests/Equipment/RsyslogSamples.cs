namespace Concentrator.Tests.Equipment;

/// <summary>Whole rsyslog configurations in the form that packages and documentation give them.</summary>
internal static class RsyslogSamples
{
    public const string Key = "zQ7intakeKey0Never1Shown";

    /// <summary>What Debian's haproxy package puts into <c>/etc/rsyslog.d</c>: the package's own where it is installed.</summary>
    public static string Debian => File.Exists("/etc/rsyslog.d/49-haproxy.conf")
        ? File.ReadAllText("/etc/rsyslog.d/49-haproxy.conf")
        : """
          # An additional socket in haproxy's chroot.
          $AddUnixListenSocket /var/lib/haproxy/dev/log

          :programname, startswith, "haproxy" {
            /var/log/haproxy.log
            stop
          }
          """;

    /// <summary>A host that relays HAProxy's logs to Sekoia.io.</summary>
    public const string SekoiaHaproxy =
        $$"""
        # The authority of the intake's certificate
        $DefaultNetstreamDriverCAFile /etc/ssl/certs/ca-certificates.crt
        $ActionSendStreamDriver gtls # the library
        $ActionSendStreamDriverMode 1 # always TLS
        $ActionSendStreamDriverAuthMode x509/name
        $ActionQueueType LinkedList
        $ActionQueueFileName sekoia
        $ActionResumeRetryCount -1

        module(load="imuxsock" SysSock.Use="off")
        input(type="imuxsock" Socket="/var/lib/haproxy/dev/log")

        template(name="Haproxy" type="string" string="<%pri%>1 %timestamp:::date-rfc3339% %hostname% %app-name% %procid% LOG [SEKOIA@53288 intake_key=\"{{Key}}\"] %msg%\n")

        if ($programname startswith 'haproxy') then {
            action(
                type="omfwd"
                protocol="tcp"
                target="intake.sekoia.io"
                port="10514"
                TCP_Framing="octet-counted"
                StreamDriver="gtls"
                StreamDriverMode="1"
                StreamDriverAuthMode="x509/name"
                StreamDriverPermittedPeers="intake.sekoia.io"
                template="Haproxy"
                queue.type="LinkedList" queue.filename="haproxy" queue.maxDiskSpace="1g"
                action.resumeRetryCount="-1"
            )
            stop
        }

        """;

    /// <summary>A forwarder: one port and one key an intake.</summary>
    public const string SekoiaForwarder =
        $$"""
        global(workDirectory="/tmp" defaultNetstreamDriverCAFile="/etc/ssl/certs/ca-certificates.crt" maxMessageSize="250k")
        main_queue(queue.type="LinkedList" queue.size="10000")
        module(load="imudp")
        module(load="imtcp" keepAlive="on")
        template(name="first" type="string" string="<%pri%>1 %timegenerated:::date-rfc3339% %hostname% %app-name% %procid% LOG [SEKOIA@53288 intake_key=\"{{Key}}\"] %msg:R,ERE,1,FIELD:^[ \t]*(.*)$--end%\n")
        template(name="second" type="list") {
          constant(value="<") property(name="pri") constant(value=">1 ") property(name="timegenerated" dateFormat="rfc3339") constant(value=" ")
          property(name="hostname") constant(value=" ") property(name="app-name") constant(value=" ") property(name="procid")
          constant(value=" LOG [SEKOIA@53288 intake_key=\"Second{{Key}}\"] ") property(name="msg")
        }
        input(type="imtcp" port="20516" ruleset="first" name="first")
        input(type="imudp" port="20517" ruleset="second" name="second")
        ruleset(name="first" queue.type="LinkedList") {
          action(type="omfwd" name="output-first" target="intake.sekoia.io" port="10514" protocol="tcp" TCP_Framing="octet-counted" template="first"
            StreamDriver="gtls" StreamDriverMode="1" StreamDriverAuthMode="x509/name" StreamDriverPermittedPeers="intake.sekoia.io")
        }
        ruleset(name="second") {
          action(type="omfwd" target="intake.sekoia.io" port="10514" protocol="tcp" TCP_Framing="octet-counted" template="second"
            StreamDriver="gtls" StreamDriverMode="1" StreamDriverAuthMode="x509/name" StreamDriverPermittedPeers="intake.sekoia.io")
          stop
        }

        """;

    /// <summary>The old language, as it is still found on hosts.</summary>
    public const string Legacy =
        """
        $ModLoad imudp
        $UDPServerAddress 127.0.0.1
        $UDPServerRun 514
        $ModLoad imtcp
        $InputTCPServerRun 10514
        $ActionFileDefaultTemplate RSYSLOG_TraditionalFileFormat
        $FileCreateMode 0644
        $Umask 0022
        $WorkDirectory /tmp
        local0.* /var/log/haproxy.log
        & stop
        local1.*;local1.!=debug -/var/log/local1.log
        *.info;mail.none;authpriv.none -/var/log/messages
        kern.=warn /var/log/kernel.log
        *.* @@logs.example:601
        *.* @@(o)[2001:db8::1]:602;RSYSLOG_SyslogProtocol23Format

        """;

    /// <summary>A relay to Sekoia.io in the old language.</summary>
    public const string LegacySekoia =
        $$"""
        $ModLoad imuxsock
        $OmitLocalLogging on
        $AddUnixListenSocket /var/lib/haproxy/dev/log
        $DefaultNetstreamDriverCAFile /etc/ssl/certs/ca-certificates.crt
        $ActionSendStreamDriver gtls
        $ActionSendStreamDriverMode 1
        $ActionSendStreamDriverAuthMode x509/name
        $ActionSendStreamDriverPermittedPeer *.sekoia.io
        $template Old,"<%pri%>1 %timestamp:::date-rfc3339% %hostname% %app-name% %procid% LOG [SEKOIA@53288 intake_key=\"{{Key}}\"] %msg%\n"
        if $programname startswith 'haproxy' then @@(o)intake.sekoia.io:10514;Old

        """;
}
