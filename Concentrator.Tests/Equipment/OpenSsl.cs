using System.Globalization;

namespace Concentrator.Tests.Equipment;

/// <summary><c>openssl s_client</c> as a sender over TLS, with a TLS stack that is not .NET's way of using it.</summary>
internal static class OpenSsl
{
    /// <summary>
    /// Connects to localhost, verifies the server against the authority and the name localhost, sends the bytes and closes.
    /// </summary>
    /// <returns>s_client's exit code and everything it said.</returns>
    public static (int ExitCode, string Said) Send(
        int port, ReadOnlyMemory<byte> bytes, CertificateAuthority authority, IssuedCertificate? client = null, params string[] flags)
    {
        using TempDirectory directory = new();
        List<string> arguments =
        [
            "s_client", "-connect", $"127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}", "-servername", "localhost",
            "-CAfile", authority.WritePem(directory.Path, "ca.crt"), "-verify_return_error", "-verify_hostname", "localhost",
            // -quiet alone would wait for the server's close after our end of file; letters at a line's start are data.
            "-quiet", "-no_ign_eof", "-nocommands",
        ];
        if (client is not null)
        {
            (string certificateFile, string keyFile) = client.WritePem(directory.Path, "client");
            arguments.AddRange(["-cert", certificateFile, "-key", keyFile]);
        }
        arguments.AddRange(flags);
        PeerStart start = new() { Path = Peer.Require("openssl", "openssl"), Arguments = arguments };
        (int exitCode, string output, string errors) = PeerProcess.Run(start, bytes);
        return (exitCode, output + errors);
    }
}
