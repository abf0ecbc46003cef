using Concentrator.Tests.Equipment;
using NATS.NKeys;
using NUnit.Framework;

namespace Concentrator.Tests.JetStream;

/// <summary>Every kind of credentials, with a real server that asks for it: of an edge, and of a relay that shares its server.</summary>
internal sealed class NatsCredentialsTests : NatsOutputBase
{
    [Test]
    public void A_token_is_shown_to_the_server_and_to_nobody_else()
    {
        NatsServer nats = NewServer($$"""authorization { token: "{{Password}}" }""");
        AssertArrives(nats, "TokenFile", Secret("token", Password), Password);
    }

    [Test]
    public void A_user_signs_with_its_NKey()
    {
        using KeyPair user = KeyPair.CreatePair(PrefixByte.User);
        NatsServer nats = NewServer($$"""authorization { users: [ { nkey: {{user.GetPublicKey()}} } ] }""");
        AssertArrives(nats, "NKeyFile", Secret("user.nk", user.GetSeed()), user.GetSeed());
    }

    [Test]
    public void A_user_of_an_operator_signs_with_its_creds_file()
    {
        using NatsOperator @operator = new();
        NatsServer nats = NewServer(@operator.Configuration);
        string credentials = @operator.NewCredentials();
        string seed = credentials.Split('\n').Single(static line => line.StartsWith("SU", StringComparison.Ordinal));
        AssertArrives(nats, "CredentialsFile", Secret("user.creds", credentials), seed);
    }

    [Test]
    public void The_creds_file_of_another_operator_is_refused()
    {
        using NatsOperator one = new(), other = new();
        NatsServer nats = NewServer(one.Configuration);
        ServerProcess server = StartEdge([nats.Address], new() { ["CredentialsFile"] = Secret("user.creds", other.NewCredentials()) });
        Assert.That(server.WaitForLine("cannot connect to")[0], Does.Contain("authorization violation").IgnoreCase);
    }

    private string Secret(string name, string text)
    {
        string file = Directory.Write(name, text);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return file;
    }

    private void AssertArrives(NatsServer nats, string key, string file, string secret)
    {
        Dictionary<string, object> credentials = new() { [key] = file };
        ServerProcess edge = StartEdge([nats.Address], credentials);
        Send(0, 1_000);
        WaitForDelivered(edge, 1_000);
        using TempDirectory elsewhere = new();
        ServerProcess relay = Start(
            new
            {
                Listeners = new Dictionary<string, object>
                {
                    ["stream"] = new Dictionary<string, object>(credentials) { ["Address"] = $"nats://{nats.Address}", ["Stream"] = "LOGS", ["Consumer"] = "relays" },
                },
                Outputs = new { file = LogFile(elsewhere) },
            },
            elsewhere);
        Assert.That(SequenceLedger.Of(WaitForLines(elsewhere["out.log"], 1_000)).Missing(1_000), Is.Empty);
        Assert.That(edge.Log + edge.StatusDocument() + relay.Log + relay.StatusDocument(), Does.Not.Contain(secret));
        Assert.That(edge.Stop() + relay.Stop(), Is.Zero);
    }
}
