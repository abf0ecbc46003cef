using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Concentrator.Configuration.Options;

namespace Concentrator.Targets.Relays;

/// <summary>
/// Validates the certificate that a peer presents, and records what was wrong with it: what was presented, what was
/// expected. One object per handshake.
/// </summary>
internal sealed class PeerCertificate(string expectedName, string? caFile, bool insecure)
{
    /// <summary>Parts of <see cref="Problem"/>, one for each possible fault.</summary>
    public const string NotValidNow = "it has expired or is not yet valid";

    public const string NotTrusted = "its issuer is not trusted";

    public const string NotFor = "it is not valid for";

    /// <summary>What was wrong; null when nothing was.</summary>
    public string? Problem { get; private set; }

    /// <summary>Subject, names, issuer and validity of the certificate presented.</summary>
    public string Presented { get; private set; } = "no certificate";

    /// <summary>Description of a certificate that would be accepted.</summary>
    public string Expected => $"a valid certificate for '{expectedName}', issued by {caFile ?? "an authority the system trusts"}";

    /// <summary>The subject presented, for the log.</summary>
    public string? Subject { get; private set; }

    /// <summary>End of the presented certificate's validity, local time.</summary>
    public DateTime? ValidUntil { get; private set; }

    /// <summary>The callback for <see cref="SslClientAuthenticationOptions"/>.</summary>
    public bool Validate(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        using X509Certificate2? presented = certificate is null ? null : X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
        Subject = presented?.Subject;
        ValidUntil = presented?.NotAfter;
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) && TrustAnchors.Include(chain))
            errors &= ~SslPolicyErrors.RemoteCertificateChainErrors;
        if (errors == SslPolicyErrors.None) return true;
        if (presented is not null) Presented = Describe(presented);
        Problem = presented is null ? "the peer presented none" : WhatIsWrong(chain, errors);
        return insecure;
    }

    private string WhatIsWrong(X509Chain? chain, SslPolicyErrors errors)
    {
        List<string> wrong = [];
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch)) wrong.Add($"{NotFor} '{expectedName}'");
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors))
        {
            // A partial chain and an untrusted root mean the same to the reader: no trusted authority has signed it.
            X509ChainStatusFlags flags = (chain?.ChainStatus ?? []).Aggregate(X509ChainStatusFlags.NoError, static (all, s) => all | s.Status);
            if (flags.HasFlag(X509ChainStatusFlags.NotTimeValid)) wrong.Add(NotValidNow);
            if ((flags & (X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain)) != 0)
                wrong.Add(NotTrusted);
            if (wrong.Count == 0) wrong.Add($"its chain was not accepted ({flags})");
        }
        return string.Join(", ", wrong);
    }

    private static string Describe(X509Certificate2 presented) =>
        $"{presented.Subject}, names {Names(presented)}, issued by {presented.Issuer}, valid {Day(presented.NotBefore)} to {Day(presented.NotAfter)}";

    private static string Names(X509Certificate2 certificate)
    {
        X509SubjectAlternativeNameExtension? names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        if (names is null) return "none";
        string[] all = [.. names.EnumerateDnsNames(), .. names.EnumerateIPAddresses().Select(static a => a.ToString())];
        return all.Length == 0 ? "none" : string.Join(' ', all);
    }

    private static string Day(DateTime moment) => moment.ToUniversalTime().ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture);
}
