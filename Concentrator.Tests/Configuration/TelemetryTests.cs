using Concentrator.Configuration;
using Concentrator.Configuration.Options;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Configuration;

/// <summary>The keys of <c>Telemetry</c>.</summary>
internal sealed class TelemetryTests
{
    private ConfigurationFolder _folder = null!;

    [SetUp]
    public void CreateFolder() => _folder = new ConfigurationFolder();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [TestCase("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/metrics")]
    [TestCase("https://collector.example.net/", "https://collector.example.net/v1/metrics")]
    [TestCase("https://collector.example.net/otlp/v1/metrics", "https://collector.example.net/otlp/v1/metrics")]
    public void An_endpoint_without_a_path_is_a_collectors(string endpoint, string address)
    {
        OtlpOptions otlp = _folder.Load(Snippets.Root($$""" "Telemetry": { "Otlp": { "Endpoint": "{{endpoint}}", "Interval": "00:00:10", "Authorization": "Bearer x" } }""")).Options!.Otlp!;
        Assert.That(otlp, Is.EqualTo(new OtlpOptions(new Uri(address)) { Interval = TimeSpan.FromSeconds(10), Authorization = new Secret("Bearer x") }));
    }

    [Test]
    public void Without_an_endpoint_nothing_is_pushed() =>
        Assert.That(_folder.Load(Snippets.Root(""" "Telemetry": { "Otlp": { } }""")).Options!.Otlp, Is.Null);

    [TestCase(""" "Endpoint": "collector:4317" """, "Telemetry:Otlp:Endpoint: \"collector:4317\" is not the address of an OTLP receiver over HTTP; write, for example, \"http://127.0.0.1:4318\"")]
    [TestCase(""" "Endpoint": "http://user:secret-word@host" """, "Telemetry:Otlp:Endpoint: ")]
    [TestCase(""" "Endpoint": "http://host", "CaFile": "x" """, "Telemetry:Otlp:CaFile: ")]
    [TestCase(""" "Endpoint": "http://host", "Interval": "0" """, "Telemetry:Otlp:Interval: ")]
    [TestCase(""" "Endpoint": "http://host", "Authorization": "a\tb" """, "Telemetry:Otlp:Authorization: has a character at position 2")]
    public void What_is_wrong_is_said(string otlp, string problem)
    {
        ConfigurationResult result = _folder.Load(Snippets.Root($$""" "Telemetry": { "Otlp": { {{otlp}} } }"""));
        Assert.That(string.Join('\n', result.Errors), Does.Contain(problem));
    }
}
