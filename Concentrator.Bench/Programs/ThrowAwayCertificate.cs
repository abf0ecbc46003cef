using System.Security.Cryptography.X509Certificates;
using Concentrator.Tools.Demo;

namespace Concentrator.Bench.Programs;

/// <summary>A server certificate of a throw-away CA, as files and for our own side. Valid for a day.</summary>
internal sealed class ThrowAwayCertificate : IDisposable
{
    private ThrowAwayCertificate(string caFile, string certificateFile, string keyFile)
    {
        CaFile = caFile;
        DemoCertificate.Write(caFile, certificateFile, keyFile);
        Certificate = X509Certificate2.CreateFromPemFile(certificateFile, keyFile);
    }

    /// <summary>The name in the certificate.</summary>
    public static string ServerName => DemoCertificate.ServerName;

    public string CaFile { get; }

    public X509Certificate2 Certificate { get; }

    public static ThrowAwayCertificate In(BenchDirectory directory) =>
        new(directory["ca.crt"], directory["server.crt"], directory["server.key"]);

    public void Dispose() => Certificate.Dispose();
}
