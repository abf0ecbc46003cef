using Concentrator.Configuration.Options;

namespace Concentrator.Configuration.Loading;

/// <summary>Reads the credentials for NATS servers, of an output or a listener: one kind of them, or none.</summary>
internal static class NatsCredentialsReader
{
    private const string UserKey = "User", CredentialsFileKey = "CredentialsFile";

    public static readonly string[] Keys = [UserKey, "Password", "PasswordFile", "Token", "TokenFile", "NKey", "NKeyFile", CredentialsFileKey];

    private static readonly SecretReader Passwords = new("Password", "PasswordFile", "password", "/etc/concentrator/nats.password");
    private static readonly SecretReader Tokens = new("Token", "TokenFile", "token", "/etc/concentrator/nats.token");
    private static readonly SecretReader Seeds = new("NKey", "NKeyFile", "NKey seed", "/etc/concentrator/nats.nk");

    public static NatsCredentials Read(SectionReader section)
    {
        string? user = section.Text(UserKey);
        Secret? password = Passwords.Read(section, static (_, _) => true);
        NatsCredentials credentials = new()
        {
            User = user,
            Password = password,
            Token = Tokens.Read(section, static (_, _) => true),
            NKey = Seeds.Read(section, (source, seed) => IsSeed(section, source, seed)),
            CredentialsFile = ReadFile(section),
        };
        if (user is not null && password is null) section.Missing("PasswordFile", $"is required with {UserKey}; name a file with the password and nothing else");
        if (user is null && password is not null) section.Missing(UserKey, "is required with a password; write the user's name");
        string[] kinds =
        [
            .. credentials.User is null ? (string[])[] : [UserKey], .. credentials.Token is null ? (string[])[] : ["Token"],
            .. credentials.NKey is null ? (string[])[] : ["NKey"], .. credentials.CredentialsFile is null ? (string[])[] : [CredentialsFileKey],
        ];
        if (kinds.Length > 1) section.Error(kinds[1], $"is set together with {kinds[0]}; keep only one kind of credentials");
        return credentials;
    }

    /// <summary>A user's seed: base 32 with a checksum, which the server's answer proves better than a check here.</summary>
    private static bool IsSeed(SectionReader section, string source, string seed)
    {
        if (seed.StartsWith("SU", StringComparison.Ordinal) && seed.Length == 58 && seed.All(static c => c is (>= 'A' and <= 'Z') or (>= '2' and <= '7'))) return true;
        section.Error(source, "is not the seed of a user's NKey, 58 letters and digits that begin with SU; \"nk -gen user\" makes one");
        return false;
    }

    private static string? ReadFile(SectionReader section)
    {
        if (section.Text(CredentialsFileKey) is not { } name) return null;
        string file = section.Context.FullPath(name);
        if (!WholeFile.ReadText(file).TryGet(out string? text, out string? problem))
        {
            section.Error(CredentialsFileKey, $"the file {Values.Problem.Quote(name)} {problem}; name a .creds file, as \"nsc generate creds\" writes it");
            return null;
        }
        section.Context.HasRead(section.PathOf(CredentialsFileKey), file);
        if (!text.Contains("BEGIN NATS USER JWT", StringComparison.Ordinal) || !text.Contains("BEGIN USER NKEY SEED", StringComparison.Ordinal))
            section.Error(CredentialsFileKey, $"the file {Values.Problem.Quote(name)} holds no JWT and seed; name a .creds file, as \"nsc generate creds\" writes it");
        SecretFileMode.WarnIfOpenToAll(section, CredentialsFileKey, file);
        return file;
    }
}
