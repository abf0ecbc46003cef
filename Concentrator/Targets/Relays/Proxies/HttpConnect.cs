using System.Globalization;
using System.Text;
using Concentrator.Configuration.Loading;
using Concentrator.Configuration.Options;
using Concentrator.Configuration.Values;

namespace Concentrator.Targets.Relays.Proxies;

/// <summary>The client side of HTTP CONNECT (RFC 9110 section 9.3.6), with Basic credentials (RFC 7617).</summary>
internal sealed class HttpConnect(Stream stream, ProxyCredentials? credentials)
{
    /// <summary>Bytes of an answer's head; a longer one is not read.</summary>
    private const int LongestHead = 8 * 1024;

    /// <inheritdoc cref="ProxyTunnel.OpenAsync"/>
    public async Task<string?> OpenAsync(RelayEndpoint receiver, CancellationToken stop)
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes(Request(receiver)), stop).ConfigureAwait(false);
        return Judge(await ReadStatusAsync(stop).ConfigureAwait(false), receiver);
    }

    private string Request(RelayEndpoint receiver)
    {
        string authorization = credentials is null ? ""
            : $"Proxy-Authorization: Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{credentials.User}:{credentials.Password.Reveal()}"))}\r\n";
        return $"CONNECT {receiver} HTTP/1.1\r\nHost: {receiver}\r\n{authorization}\r\n";
    }

    /// <summary>The answer's first line; null if it is too long or not HTTP. Byte by byte, because what follows the head is the receiver's.</summary>
    private async Task<string?> ReadStatusAsync(CancellationToken stop)
    {
        byte[] head = new byte[LongestHead];
        for (int length = 0; length < head.Length; length++)
        {
            await stream.ReadExactlyAsync(head.AsMemory(length, 1), stop).ConfigureAwait(false);
            if (head[length] != '\n' || !head.AsSpan(0, length + 1).EndsWith("\r\n\r\n"u8)) continue;
            string text = Encoding.Latin1.GetString(head, 0, length);
            return text.StartsWith("HTTP/1.", StringComparison.Ordinal) ? text[..text.IndexOf('\r', StringComparison.Ordinal)] : null;
        }
        return null;
    }

    private string? Judge(string? status, RelayEndpoint receiver)
    {
        string[] words = status?.Split(' ', 3) ?? [];
        if (words.Length < 2 || !int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out int code)) return "it does not answer as an HTTP proxy does";
        string said = Problem.OneLine($"it answers {code} {(words.Length > 2 ? words[2] : "")}".TrimEnd());
        return code switch
        {
            >= 200 and < 300 => null,
            407 when credentials is null => $"{said}: it asks for credentials; name their file in {ProxyReader.CredentialsFileKey}",
            // Debian 12's tinyproxy answers wrong credentials with 401 (findings/tinyproxy-wrong-password-is-401.sh).
            401 or 407 => $"{said}: it does not accept the user and password of {ProxyReader.CredentialsFileKey}",
            403 or 405 => $"{said}: it has to allow CONNECT to {receiver}",
            502 or 503 or 504 => $"{said}: it does not reach {receiver}",
            _ => said,
        };
    }
}
