using Concentrator.Configuration;
using Concentrator.Configuration.Options;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Configuration;

/// <summary>The keys of a relay's proxy, and the variables that stand in for them.</summary>
internal sealed class ProxyConfigurationTests
{
    private ConfigurationFolder _folder = null!;

    [SetUp]
    public void CreateFolder() => _folder = new ConfigurationFolder();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [TestCase("http://proxy.example.net:3128", "http://proxy.example.net:3128")]
    [TestCase("http://proxy.example.net:3128/", "http://proxy.example.net:3128")]
    [TestCase("socks5://10.0.0.1:1080", "socks5://10.0.0.1:1080")]
    [TestCase("socks5h://[::1]:1080", "socks5://[::1]:1080")]
    [TestCase("off", null)]
    public void A_proxy_is_named_by_its_address(string value, string? shown) =>
        Assert.That(Relay($""" "Proxy": "{value}" """).Proxy?.ToString(), Is.EqualTo(shown));

    [Test]
    public void Its_credentials_are_in_a_file()
    {
        string file = _folder.Write("credentials", "user:pass:word\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead);
        Assert.That(
            Relay(""" "Proxy": "http://p:1", "ProxyCredentialsFile": "credentials" """).Proxy!.Credentials, Is.EqualTo(new ProxyCredentials("user", new Secret("pass:word"))));
    }

    [TestCase(""" "Proxy": "proxy:3128" """, "Outputs:relay:Proxy: is not the address of a proxy; write \"http://proxy.example.net:3128\"")]
    [TestCase(""" "Proxy": "https://proxy:3128" """, "Outputs:relay:Proxy: is not the address of a proxy")]
    [TestCase(""" "Proxy": "http://proxy" """, "Outputs:relay:Proxy: \"proxy\" has no port; add a colon and the port number, for example \"http://proxy.example.net:3128\"")]
    [TestCase(""" "Proxy": "http://user:hidden-word@proxy:3128" """, "Outputs:relay:Proxy: has credentials; write them as user:password into a file, and name it in ProxyCredentialsFile")]
    [TestCase(""" "ProxyCredentials": "user:hidden-word" """, "Outputs:relay:ProxyCredentials: needs Proxy")]
    [TestCase(""" "Proxy": "http://p:1", "ProxyCredentials": "hidden-word" """, "Outputs:relay:ProxyCredentials: is not user:password, each of 1 to 255 bytes")]
    public void What_is_wrong_is_said_and_the_password_never(string keys, string problem)
    {
        ConfigurationResult result = Load(keys);
        string errors = string.Join('\n', result.Errors);
        Assert.That(errors, Does.Contain(problem).And.Not.Contain("hidden-word"));
    }

    [TestCase("HTTPS_PROXY")]
    [TestCase("https_proxy")]
    public void Without_the_key_the_environment_says(string variable)
    {
        _folder.Variables[variable] = "http://us%40er:pass@proxy:3128/";
        _folder.Variables["NO_PROXY"] = "localhost";
        RelayProxy proxy = Relay("").Proxy!;
        Assert.That(proxy, Is.EqualTo(new RelayProxy(ProxyProtocol.Http, new RelayEndpoint("proxy", 3128))
        {
            Credentials = new ProxyCredentials("us@er", new Secret("pass")),
            Exceptions = "localhost",
        }));
        Assert.That(Relay(""" "Proxy": "off" """).Proxy, Is.Null);
        Assert.That(Relay(""" "Proxy": "http://other:1" """).Proxy!.Address.Host, Is.EqualTo("other"));
    }

    [Test]
    public void A_variable_that_is_no_proxy_is_warned_of()
    {
        _folder.Variables["HTTPS_PROXY"] = "http://hidden-word@";
        ConfigurationResult result = Load("");
        Assert.That(result.Options!.Warnings.Single(), Does.Contain("environment variable HTTPS_PROXY: is not the address of a proxy, so Outputs:relay:Proxy is off").And.Not.Contain("hidden"));
    }

    [Test]
    public void An_unencrypted_relay_asks_nothing_of_the_environment()
    {
        _folder.Variables["HTTPS_PROXY"] = "http://proxy:3128";
        string relay = """ "relay": { "Type": "syslog-tcp", "Endpoint": "peer:514" } """;
        Assert.That(((RelayOutputOptions)_folder.Load(Snippets.Whole(Snippets.Haproxy, relay)).Options!.Outputs[0]).Proxy, Is.Null);
    }

    private RelayOutputOptions Relay(string keys)
    {
        ConfigurationResult result = Load(keys);
        Assert.That(result.Errors, Is.Empty);
        return (RelayOutputOptions)result.Options!.Outputs[0];
    }

    private ConfigurationResult Load(string keys)
    {
        string more = string.IsNullOrWhiteSpace(keys) ? "" : $", {keys}";
        return _folder.Load(Snippets.Whole(
            Snippets.Haproxy, $$""" "relay": { "Type": "syslog-tls", "Endpoint": "peer:6514", "IntakeKey": "{{Snippets.Key}}"{{more}} } """));
    }
}
