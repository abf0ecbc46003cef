using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Concentrator.Configuration.Options;

/// <summary>
/// The certificates of a <c>CaFile</c> or <c>ClientCaFile</c>, each an authority to trust, as OpenSSL has it with X509_V_FLAG_PARTIAL_CHAIN
/// and rsyslog with either of its TLS drivers. .NET takes only those for anchors that have signed themselves: an intermediate, which is
/// what a peer shows as the issuer of its certificate, would be refused for ever.
/// </summary>
internal static class TrustAnchors
{
    /// <summary>How a chain is to be built that may end at one of them. Nothing is asked of the network.</summary>
    /// <param name="file">PEM, read here; null = the system's authorities.</param>
    /// <exception cref="CryptographicException">It is not readable, or holds no certificate: a file that is just being written.</exception>
    public static X509ChainPolicy PolicyFor(string? file)
    {
        X509ChainPolicy policy = new()
        {
            RevocationMode = X509RevocationMode.NoCheck,

            // A chain that is not sent whole is a fault of the peer's; fetching the rest could block for long.
            DisableCertificateDownloads = true,
        };
        if (file is null) return policy;
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.CustomTrustStore.ImportFromPemFile(file);
        if (policy.CustomTrustStore.Count == 0) throw new CryptographicException($"{file} holds no certificate");
        return policy;
    }

    /// <summary>
    /// Whether the only thing wrong with a chain is that it does not end with a root that is trusted, and it comes by one of the
    /// authorities before: names, times, usages and signatures below that one are all right.
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
