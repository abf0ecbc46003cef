using System.Globalization;
using Concentrator.Configuration.Options;
using Concentrator.Targets.Relays;
using Concentrator.Targets.Relays.Connections;
using Microsoft.Extensions.Logging.Abstractions;

namespace Concentrator.Tools.Doctor;

/// <summary>
/// Checks one endpoint of a relay by connecting as the relay does: name resolution, TCP, TLS, certificate chain and name, the days until
/// expiry, and the round trip. Sends no message.
/// </summary>
internal sealed class RelayCheck(RelayOutputOptions options, RelayEndpoint endpoint, RelayDeadlines deadlines)
{
    /// <summary>Let's Encrypt renews 30 days before expiry. Fewer days than these mean that a renewal has failed.</summary>
    public const int FewDays = 14;

    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(2);

    private string Subject => $"relay {options.Name}, {endpoint}";

    /// <summary>Where the first connection goes: to the proxy, where there is one.</summary>
    private RelayEndpoint First => options.ProxyFor(endpoint)?.Address ?? endpoint;

    private string ServerName => options.Tls?.ServerName ?? endpoint.Host;

    public async Task<Diagnosis> LookAsync(CancellationToken stop)
    {
        // In a configuration only the first endpoint counts; here each is checked.
        RelayConnector connector = new(options, deadlines, TimeProvider.System, NullLogger.Instance, static () => { });
        (RelayConnection? connection, ConnectFailure? failure) = await connector.ConnectAsync(endpoint, stop).ConfigureAwait(false);
        if (connection is null) return Explain(failure!);
        await using (connection.ConfigureAwait(false))
        {
            Diagnosis diagnosis = Judge(connection);
            await connection.CloseAsync(Farewell).ConfigureAwait(false);
            return diagnosis;
        }
    }

    private Diagnosis Judge(RelayConnection connection)
    {
        string trip = connection.RoundTrip is { } time ? string.Create(CultureInfo.InvariantCulture, $", round trip {time.TotalMilliseconds:0.#} ms") : "";
        if (options.Tls is not { } tls) return Diagnosis.Ok(Subject, $"connected over plain TCP: readable by anyone on the network path{trip}");
        if (tls.Insecure)
        {
            return Diagnosis.Warn(
                Subject, "its certificate is not verified (Tls:Insecure): anyone on the network path can read the messages and impersonate the peer",
                $"\"{options.Name}\": {{ \"Tls\": {{ \"Insecure\": false }} }}");
        }
        DateTime end = connection.PeerValidUntil ?? DateTime.MaxValue;
        int days = (int)(end.ToUniversalTime() - DateTime.UtcNow).TotalDays;
        string finding = string.Create(
            CultureInfo.InvariantCulture, $"{connection.Protocol}, certificate of {ServerName} valid for {days} more days (to {end.ToUniversalTime():yyyy-MM-dd}){trip}");
        return days >= FewDays
            ? Diagnosis.Ok(Subject, finding)
            : Diagnosis.Warn(
                Subject, finding,
                $"ask the operator of {endpoint.Host} to renew it; to see it: {ShowCertificate()}");
    }

    private Diagnosis Explain(ConnectFailure failure) => failure.Phase switch
    {
        ConnectPhase.Resolve => Diagnosis.Fail(Subject, failure.Reason, $"getent hosts {First.Host}    (the name servers are in /etc/resolv.conf)"),
        ConnectPhase.Connect => Diagnosis.Fail(
            Subject, $"no TCP connection: {failure.Reason}", string.Create(CultureInfo.InvariantCulture, $"allow outgoing TCP to {First} in the firewall, then: nc -vz {First.Host} {First.Port}")),
        ConnectPhase.Refused => Diagnosis.Fail(
            Subject, $"no TCP connection: {failure.Reason}",
            string.Create(CultureInfo.InvariantCulture, $"no process listens there: correct the host or the port, or start the {(First == endpoint ? "receiver" : "proxy")}, then: nc -vz {First.Host} {First.Port}")),
        ConnectPhase.Proxy => Diagnosis.Fail(
            Subject, failure.Reason, $"ask the operator of the proxy to allow connections to {endpoint}, then: curl -v --proxytunnel --proxy {options.ProxyFor(endpoint)} telnet://{endpoint}"),
        ConnectPhase.Certificate => Diagnosis.Fail(
            Subject, $"its certificate was rejected: {failure.Reason}; presented: {failure.Certificate?.Presented}", CertificateRemedy(failure.Reason)),
        _ when failure.Remedy is { } remedy => Diagnosis.Fail(Subject, failure.Reason, remedy),
        _ => Diagnosis.Fail(Subject, failure.Reason, $"openssl s_client -connect {endpoint} -servername {ServerName}"),
    };

    private string CertificateRemedy(string reason)
    {
        List<string> remedies = [];
        if (reason.Contains(PeerCertificate.NotValidNow, StringComparison.Ordinal))
            remedies.Add($"ask the operator of {endpoint.Host} to renew it, if this host's clock is right: timedatectl");
        if (reason.Contains(PeerCertificate.NotTrusted, StringComparison.Ordinal))
        {
            remedies.Add(options.Tls?.CaFile is { } file
                ? $"add the issuer's certificate to {file} (\"CaFile\"): {ShowCertificate()}"
                : $"\"{options.Name}\": {{ \"Tls\": {{ \"CaFile\": \"/etc/concentrator/ca.pem\" }} }} containing the issuer's certificate, or, for a public issuer: apt-get install --reinstall ca-certificates");
        }
        if (reason.Contains(PeerCertificate.NotFor, StringComparison.Ordinal))
            remedies.Add($"\"{options.Name}\": {{ \"Tls\": {{ \"ServerName\": \"NAME\" }} }} with one of the names presented, if this is the right peer");
        return remedies.Count > 0 ? string.Join('\n', remedies) : ShowCertificate();
    }

    private string ShowCertificate() => $"openssl s_client -connect {endpoint} -servername {ServerName} -showcerts </dev/null";
}
