using Concentrator.Configuration.Options;
using Concentrator.Telemetry.Log;
using NUnit.Framework;

namespace Concentrator.Tests.Telemetry;

internal sealed class KeyMaskTests
{
    private const string Key = "zQ7intakeKey0Never1Shown";

    private static readonly RelayEndpoints Somewhere = new([new RelayEndpoint("localhost", 1)]);

    [TestCase("nothing of it", "nothing of it")]
    [TestCase("", "")]
    [TestCase($"key={Key}, and {Key}!", "key=zQ7i…, and zQ7i…!")]
    [TestCase(Key, "zQ7i…")]
    [TestCase("cut: zQ7intakeKey0Ne", "cut: zQ7i…")]
    [TestCase("cut: zQ7in", "cut: zQ7i…")]
    [TestCase("cut: zQ7i", "cut: zQ7i")]
    [TestCase("zQ7intake, another text", "zQ7i…, another text")]
    [TestCase("a route's: rQ9routeKey0NeverShown", "a route's: rQ9r…")]
    public void A_key_or_what_is_left_of_one_shows_four_characters(string line, string shown) =>
        Assert.That(Taught(Key, "rQ9routeKey0NeverShown").Hide(line), Is.EqualTo(shown));

    [Test]
    public void A_short_key_is_looked_for_as_a_whole()
    {
        KeyMask mask = Taught("haproxy-key", null);
        Assert.That(mask.Hide("haproxy says haproxy-key"), Is.EqualTo("haproxy says hapr…"));
        Assert.That(Taught("secret", null).Hide("a secret"), Is.EqualTo("a …"), "of a very short one nothing is shown");
    }

    [TestCase("a", "what it says", "what it says")]
    [TestCase("pass-word-9", "with pass-word-9", "with pass…")]
    public void The_password_of_a_proxy_is_hidden_unless_it_may_be_any_word(string password, string line, string shown)
    {
        RelayProxy proxy = new(ProxyProtocol.Http, Somewhere.List[0]) { Credentials = new ProxyCredentials("user", new Secret(password)) };
        KeyMask mask = new();
        mask.Learn(Options(Key, null) with { Outputs = [new RelayOutputOptions { Name = "relay", Endpoints = Somewhere, Proxy = proxy }] });
        Assert.That(mask.Hide(line), Is.EqualTo(shown));
    }

    [Test]
    public void A_key_of_an_earlier_configuration_stays_hidden()
    {
        KeyMask mask = Taught(Key, null);
        mask.Learn(Options("another0Key0Of0Another0Day", null));
        Assert.That(mask.Hide($"{Key} another0Key0Of0Another0Day"), Is.EqualTo("zQ7i… anot…"));
    }

    private static KeyMask Taught(string key, string? routeKey)
    {
        KeyMask mask = new();
        mask.Learn(Options(key, routeKey));
        return mask;
    }

    private static ServerOptions Options(string key, string? routeKey) => new()
    {
        Listeners = [],
        Outputs = [new RelayOutputOptions { Name = "a", Endpoints = Somewhere, IntakeKey = new Secret(key) }, new FileOutputOptions { Name = "b", Path = "/b" }],
        Routes = [new RouteOptions { Index = 0, To = ["a"], IntakeKey = routeKey is null ? null : new Secret(routeKey) }],
    };
}
