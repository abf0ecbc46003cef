using System.Security.Cryptography.X509Certificates;

namespace Concentrator.Tests.Equipment;

/// <summary>Verification against a test's own root instead of the system's.</summary>
internal static class Trust
{
    public static X509ChainPolicy Only(CertificateAuthority authority) => new()
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        CustomTrustStore = { authority.Certificate },
        RevocationMode = X509RevocationMode.NoCheck,
        DisableCertificateDownloads = true,
    };
}
