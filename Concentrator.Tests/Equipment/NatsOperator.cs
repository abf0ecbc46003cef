using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using NATS.NKeys;

namespace Concentrator.Tests.Equipment;

/// <summary>
/// An operator of NATS with one account, whose users have JSON Web Tokens (<c>.creds</c> files), as <c>nsc</c> makes them: each token is signed by the
/// key above it, and the server knows the operator's and the account's.
/// </summary>
internal sealed class NatsOperator : IDisposable
{
    private readonly KeyPair _operator = KeyPair.CreatePair(PrefixByte.Operator);
    private readonly KeyPair _account = KeyPair.CreatePair(PrefixByte.Account);
    private readonly KeyPair _system = KeyPair.CreatePair(PrefixByte.Account);

    /// <summary>What a server's configuration says of it.</summary>
    public string Configuration => $$"""
        operator: {{Token(_operator, _operator, "operator", new { })}}
        system_account: {{_system.GetPublicKey()}}
        resolver: MEMORY
        resolver_preload: {
          {{_account.GetPublicKey()}}: {{Token(_operator, _account, "account", new { limits = Unlimited(stored: -1) })}}
          {{_system.GetPublicKey()}}: {{Token(_operator, _system, "account", new { limits = Unlimited(stored: 0) })}}
        }
        """;

    /// <summary>The file of a new user of the account.</summary>
    public string NewCredentials()
    {
        using KeyPair user = KeyPair.CreatePair(PrefixByte.User);
        return $"""
            -----BEGIN NATS USER JWT-----
            {Token(_account, user, "user", new { subs = -1, data = -1, payload = -1 })}
            ------END NATS USER JWT------

            -----BEGIN USER NKEY SEED-----
            {user.GetSeed()}
            ------END USER NKEY SEED------

            """;
    }

    public void Dispose()
    {
        _operator.Dispose();
        _account.Dispose();
        _system.Dispose();
    }

    private static object Unlimited(int stored) => new
    {
        subs = -1,
        data = -1,
        payload = -1,
        imports = -1,
        exports = -1,
        wildcards = true,
        conn = -1,
        leaf = -1,
        mem_storage = stored,
        disk_storage = stored,
        streams = stored,
        consumer = stored,
    };

    private static string Token(KeyPair signer, KeyPair subject, string type, object claims)
    {
        Dictionary<string, object> nats = JsonSerializer.Deserialize<Dictionary<string, object>>(JsonSerializer.Serialize(claims))!;
        nats["type"] = type;
        nats["version"] = 2;
        string header = Encode(JsonSerializer.SerializeToUtf8Bytes(new { typ = "JWT", alg = "ed25519-nkey" }));
        string body = Encode(JsonSerializer.SerializeToUtf8Bytes(new
        {
            jti = Convert.ToHexString(RandomNumberGenerator.GetBytes(16)),
            iat = DateTimeOffset.UtcNow.ToUnixTimeSeconds(),
            iss = signer.GetPublicKey(),
            name = type,
            sub = subject.GetPublicKey(),
            nats,
        }));
        byte[] signature = new byte[64];
        signer.Sign(Encoding.ASCII.GetBytes($"{header}.{body}"), signature);
        return $"{header}.{body}.{Encode(signature)}";
    }

    private static string Encode(ReadOnlySpan<byte> bytes) => Base64Url.EncodeToString(bytes);
}
