using Concentrator.Bench.Programs;
using Concentrator.Tools.Rehearsal;

namespace Concentrator.Bench.Compare;

/// <summary>The server as HAProxy's log receiver: everything goes to a file and to an intake.</summary>
internal sealed class ConcentratorSubject(ServerBinary binary, string name = "concentrator", int? monitoringPort = null, bool isHttps = false) : Subject
{
    public ServerBinary Binary { get; } = binary;

    public override string Name => name;

    public override string? Missing => null;

    public override bool IsHttps => isHttps;

    public override ChildProcess Start(TrialPlace place)
    {
        string configuration = place.Write(
            "concentrator.json",
            $$"""
            {
              "Listeners": {
                "haproxy": { "Address": "unix-dgram:{{place.Socket}}" },
                "udp": { "Address": "udp://127.0.0.1:{{place.UdpPort}}" },
                "tcp": { "Address": "tcp://127.0.0.1:{{place.TcpPort}}" }
              },
              "Outputs": {
                "haproxy.log": { "Type": "file", "Path": "{{place.LogFile}}", "Format": "traditional" },
                "sekoia": {
                  {{(isHttps ? $"\"Type\": \"sekoia-https\", \"Url\": \"https://127.0.0.1:{place.Intake}\"" : $"\"Type\": \"syslog-tls\", \"Endpoint\": \"127.0.0.1:{place.Intake}\"")}}, "IntakeKey": "{{Incumbents.IntakeKey}}",
                  "Tls": { "CaFile": "{{place.CaFile}}", "ServerName": "{{ThrowAwayCertificate.ServerName}}" }
                }
              },
              "Spool": { "Directory": "{{place.In("spool")}}" },
              "Monitoring": { "Address": "{{(monitoringPort is null ? "off" : $"127.0.0.1:{monitoringPort}")}}" }
            }
            """);
        return Binary.Start(configuration, [], place.Directory);
    }
}
