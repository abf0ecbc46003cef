using System.Security.Cryptography;
using System.Text;
using Concentrator.Configuration.Options;

namespace Concentrator.Hosting.Access;

/// <summary>
/// Whether a request shows the token of <c>Monitoring:Token</c>: as a bearer token (RFC 6750, scrapers and our own commands) or as the
/// password of any user (RFC 7617, which browsers ask for). Takes as long for a wrong token as for the right one. Any thread may call.
/// </summary>
/// <param name="token">Null = every request is allowed.</param>
internal sealed class TokenRule(Secret? token)
{
    /// <summary>What an answer without the token says of how to show it.</summary>
    public const string Challenge = "Basic realm=\"concentrator\", charset=\"UTF-8\"";

    private const string Bearer = "Bearer ";
    private const string Basic = "Basic ";

    private readonly byte[]? _digest = token is null ? null : Digest(token.Reveal());

    /// <summary>Whether a token is asked for at all.</summary>
    public bool IsSet => _digest is not null;

    /// <param name="authorization">The header's value; null or empty if there is none.</param>
    public bool Allows(string? authorization) =>
        _digest is null || (Shown(authorization) is { } shown && CryptographicOperations.FixedTimeEquals(Digest(shown), _digest));

    private static string? Shown(string? authorization)
    {
        if (authorization is null) return null;
        if (authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)) return authorization[Bearer.Length..].Trim();
        if (!authorization.StartsWith(Basic, StringComparison.OrdinalIgnoreCase)) return null;
        string encoded = authorization[Basic.Length..].Trim();
        byte[] pair = new byte[encoded.Length];
        if (!Convert.TryFromBase64String(encoded, pair, out int length)) return null;
        string text = Encoding.UTF8.GetString(pair, 0, length);
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? null : text[(colon + 1)..];
    }

    private static byte[] Digest(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
