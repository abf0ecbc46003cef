using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Concentrator.Configuration.Options;

/// <summary>
/// The certificates of a <c>CaFile</c> or <c>ClientCaFile</c>, each a trust anchor, as in OpenSSL with X509_V_FLAG_PARTIAL_CHAIN
/// and in rsyslog with either of its TLS drivers. .NET accepts only self-signed certificates as anchors: it would always refuse an
/// intermediate, which is what a peer shows as the issuer of its certificate.
/// </summary>
internal static class TrustAnchors
{
    /// <summary>The policy for building a chain that may end at one of the anchors. It makes no network requests.</summary>
    /// <param name="file">PEM, read here; null = the system's authorities.</param>
    /// <exception cref="CryptographicException">It is unreadable or holds no certificate, as while it is being written.</exception>
    public static X509ChainPolicy PolicyFor(string? file)
    {
        X509ChainPolicy policy = new()
        {
            RevocationMode = X509RevocationMode.NoCheck,

            // An incomplete chain is the peer's fault; downloading the rest could block for long.
            DisableCertificateDownloads = true,
        };
        if (file is null) return policy;
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.CustomTrustStore.ImportFromPemFile(file);
        if (policy.CustomTrustStore.Count == 0) throw new CryptographicException($"{file} contains no certificate");
        return policy;
    }

    /// <summary>Accepts a certificate that has no fault, or none but that its chain ends at one of the anchors: for <c>SslStream</c>, with <see cref="PolicyFor"/>.</summary>
    public static bool Validate(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) =>
        errors == SslPolicyErrors.None || (errors == SslPolicyErrors.RemoteCertificateChainErrors && Include(chain));

    /// <summary>
    /// Whether the chain's only fault is that it does not end in a trusted root, and it contains one of the anchors. Names, times,
    /// usages and signatures below that anchor are then valid.
    /// </summary>
    public static bool Include(X509Chain? chain)
    {
        if (chain is null || chain.ChainPolicy.TrustMode != X509ChainTrustMode.CustomRootTrust) return false;
        foreach (X509ChainElement element in chain.ChainElements)
        {
            foreach (X509ChainStatus status in element.ChainElementStatus)
            {
                if ((status.Status & ~(X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.UntrustedRoot)) != 0) return false;
            }
            foreach (X509Certificate2 authority in chain.ChainPolicy.CustomTrustStore)
            {
                if (authority.RawDataMemory.Span.SequenceEqual(element.Certificate.RawDataMemory.Span)) return true;
            }
        }
        return false;
    }
}
