using System.Text.RegularExpressions;
using Concentrator.Bench.Programs;

namespace Concentrator.Bench.Compare;

/// <summary>syslog-ng, run from its own directory.</summary>
internal sealed partial class SyslogNgSubject : Subject
{
    private readonly string? _program = InstalledProgram.Find("syslog-ng");

    public override string Name => "syslog-ng";

    public override string? Missing => _program is null ? "syslog-ng is not installed (apt-get install syslog-ng-core)" : null;

    public override ChildProcess Start(TrialPlace place) => new(
        _program!,
        [
            "--foreground", "--no-caps", "--cfgfile", place.Write("syslog-ng.conf", Configuration(place)),
            "--persist-file", place.In("persist"), "--pidfile", place.In("pid"), "--control", place.In("control"),
        ],
        place.Directory);

    private string Configuration(TrialPlace place)
    {
        string version = string.Join('\n', ChildProcess.Run(_program!, ["--version"], TimeSpan.FromSeconds(10)).Lines);
        Match match = VersionNumber().Match(version);
        return $$"""
            @version: {{(match.Success ? match.Value : "current")}}
            options {
              threaded(yes); use-dns(no); keep-hostname(yes); stats-freq(0); flush-lines(1000); log-fifo-size({{Incumbents.QueueLength}});
              log-msg-size(65536);
            };
            source unix { unix-dgram("{{place.Socket}}"); };
            source udp { network(ip("127.0.0.1") port({{place.UdpPort}}) transport("udp")); };
            source tcp { syslog(ip("127.0.0.1") port({{place.TcpPort}}) transport("tcp")); };
            destination file { file("{{place.LogFile}}"); };
            destination intake {
              network("127.0.0.1" port({{place.Intake}}) transport("tls") tls(ca-file("{{place.CaFile}}") peer-verify(optional-untrusted))
                template("$(length \"${FRAME}\") ${FRAME}"));
            };
            rewrite frame {
              set("<$PRI>1 $R_ISODATE $HOST $PROGRAM $PID LOG [SEKOIA@53288 intake_key=\"{{Incumbents.IntakeKey}}\"] $MSG" value("FRAME"));
            };
            log { source(unix); source(udp); source(tcp); destination(file); rewrite(frame); destination(intake); };

            """;
    }

    [GeneratedRegex(@"\d+\.\d+")]
    private static partial Regex VersionNumber();
}
