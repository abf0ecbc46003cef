using Concentrator.Configuration;
using Concentrator.Configuration.Options;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Configuration;

/// <summary>The keys of an output to Sekoia.io's HTTPS intake.</summary>
internal sealed class HttpsConfigurationTests
{
    private const string Key = "\"IntakeKey\": \"0123456789abcdef\"";

    private ConfigurationFolder _folder = null!;

    [SetUp]
    public void CreateFolder() => _folder = new ConfigurationFolder();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [TestCase("\"Region\": \"FRA1\"", "intake.sekoia.io:443", "")]
    [TestCase("\"Region\": \"fra2\"", "intake.fra2.sekoia.io:443", "/api/v1/intake-http")]
    [TestCase("\"Region\": \"MCO1\"", "intake.mco1.sekoia.io:443", "/api/v1/intake-http")]
    [TestCase("\"Region\": \"UAE1\"", "intake.uae1.sekoia.io:443", "/api/v1/intake-http")]
    [TestCase("\"Region\": \"USA1\"", "intake.usa1.sekoia.io:443", "/api/v1/intake-http")]
    [TestCase("\"Region\": \"SGP1\"", "intake.sgp1.sekoia.io:443", "/api/v1/intake-http")]
    [TestCase("\"Url\": \"https://intake.sekoia.io\"", "intake.sekoia.io:443", "")]
    [TestCase("\"Url\": \"https://intake.sgp1.sekoia.io/\"", "intake.sgp1.sekoia.io:443", "")]
    [TestCase("\"Url\": \"https://gateway.example.net:8443/sekoia/\"", "gateway.example.net:8443", "/sekoia")]
    [TestCase("\"Url\": \"https://[::1]:8443\"", "[::1]:8443", "")]
    public void A_region_or_a_URL_says_where_it_is(string keys, string endpoint, string path)
    {
        RelayOutputOptions output = Output(keys);
        Assert.That((output.Endpoints.List.Single().ToString(), output.Https!.UrlPath), Is.EqualTo((endpoint, path)));
        Assert.That((output.Type, output.Format, output.ReplayTail, output.Tls), Is.EqualTo(("sekoia-https", RelayFormat.Sekoia, TimeSpan.Zero, new RelayTlsOptions())));
    }

    [Test]
    public void What_is_not_written_has_the_defaults_of_the_reference() => Assert.That(
        Output("\"Region\": \"FRA1\"").Https! with { Keys = new IntakeKeys([]) },
        Is.EqualTo(new HttpsIntakeOptions { BatchSize = 1 << 20, BatchEvents = 1000, BatchAge = TimeSpan.FromSeconds(1), Requests = 4, Gzip = true }));

    [Test]
    public void Batches_requests_and_compression_are_read() => Assert.That(
        Output("\"Region\": \"FRA1\", \"BatchSize\": \"512KB\", \"BatchEvents\": 50, \"BatchAge\": \"00:00:00.250\", \"Requests\": 1, \"Compression\": \"none\"").Https! with { Keys = new IntakeKeys([]) },
        Is.EqualTo(new HttpsIntakeOptions { BatchSize = 512 * 1024, BatchEvents = 50, BatchAge = TimeSpan.FromSeconds(0.25), Requests = 1, Gzip = false }));

    [Test]
    public void The_place_of_every_key_is_known()
    {
        string file = _folder.Write("key", "fedcba9876543210");
        File.SetUnixFileMode(file, UnixFileMode.UserRead);
        ConfigurationResult result = _folder.Load($$"""
            {
              "Listeners": { "in": { "Address": "udp://127.0.0.1:0" } },
              "Outputs": { "sekoia": { "Type": "sekoia-https", "Region": "FRA1", {{Key}} } },
              "Routes": [ { "Program": "a", "To": "sekoia", "IntakeKeyFile": "key", "Stop": true }, { "To": "sekoia" } ]
            }
            """);
        IntakeKeys keys = ((RelayOutputOptions)result.Options!.Outputs.Single()).Https!.Keys;
        Assert.That(keys.PlaceOf("0123456789abcdef"), Does.StartWith("Outputs:sekoia:IntakeKey (").And.Contain(":3)"));
        Assert.That(keys.PlaceOf("fedcba9876543210"), Does.StartWith("Routes:0:IntakeKeyFile (").And.EndsWith($", the file {file}"));
        Assert.That(keys.PlaceOf("another"), Is.Null);
    }

    [TestCase("", "Outputs:sekoia:Region: is missing; write one of \"FRA1\", \"FRA2\", \"MCO1\", \"UAE1\", \"USA1\", \"SGP1\", or \"Url\": \"https://intake.sekoia.io\"")]
    [TestCase("\"Region\": \"FRA1\", \"Url\": \"https://intake.sekoia.io\"", "Outputs:sekoia:Url: is set together with Region; keep only one of them")]
    [TestCase("\"Region\": \"FRA3\"", "Outputs:sekoia:Region: \"FRA3\" is not a region")]
    [TestCase("\"Url\": \"intake.sekoia.io\"", "Outputs:sekoia:Url: \"intake.sekoia.io\" is not the URL of an intake")]
    [TestCase("\"Url\": \"http://intake.sekoia.io\"", "Outputs:sekoia:Url: \"http://intake.sekoia.io\" is not encrypted; write an https URL")]
    [TestCase("\"Url\": \"https://user:hidden-word@intake.sekoia.io\"", "Outputs:sekoia:Url: has credentials; remove them")]
    [TestCase("\"Url\": \"https://intake.sekoia.io/plain/batch\"", "Outputs:sekoia:Url: \"https://intake.sekoia.io/plain/batch\" ends with /plain/batch, which is added to it; write \"https://intake.sekoia.io\"")]
    [TestCase("\"Url\": \"https://intake.sekoia.io/?intake_key=x\"", "has a query or a fragment; remove it")]
    [TestCase("\"Region\": \"FRA1\", \"Endpoint\": \"intake.sekoia.io:443\"", "Outputs:sekoia:Endpoint: does not apply to an output of type sekoia-https; write \"Region\": \"FRA1\", or \"Url\":")]
    [TestCase("\"Region\": \"FRA1\", \"Framing\": \"lf\"", "Outputs:sekoia:Framing: does not apply to an output of type sekoia-https")]
    [TestCase("\"Region\": \"FRA1\", \"ReplayTail\": \"00:00:05\"", "Outputs:sekoia:ReplayTail: does not apply to an output of type sekoia-https")]
    [TestCase("\"Region\": \"FRA1\", \"Format\": \"rfc5424\"", "Outputs:sekoia:Format: can only be \"sekoia\"")]
    [TestCase("\"Region\": \"FRA1\", \"ControlCharacters\": \"keep\"", "Outputs:sekoia:ControlCharacters: can only be \"escape\" in an output of type sekoia-https: a line feed would end the event; remove it")]
    [TestCase("\"Region\": \"FRA1\", \"Timestamp\": \"message\"", "Outputs:sekoia:Timestamp: can only be \"received\"")]
    [TestCase("\"Region\": \"FRA1\", \"BatchSize\": \"8MB\"", "the allowed range is 16KB to 4MB")]
    [TestCase("\"Region\": \"FRA1\", \"BatchAge\": \"00:01:00\"", "the allowed range is 00:00:00 to 00:00:10")]
    [TestCase("\"Region\": \"FRA1\", \"Requests\": 17", "\"17\" is not a whole number from 1 to 16")]
    [TestCase("\"Region\": \"FRA1\", \"Compression\": \"zstd\"", "\"zstd\" is not one of \"gzip\", \"none\"")]
    [TestCase("\"Region\": \"FRA1\", \"Path\": \"/x\"", "Outputs:sekoia:Path: does not apply to an output of type sekoia-https")]
    public void What_is_wrong_is_said_in_one_line(string keys, string problem)
    {
        string errors = string.Join('\n', Load(keys.Length == 0 ? Key : $"{keys}, {Key}").Errors);
        Assert.That(errors, Does.Contain(problem).And.Not.Contain("hidden-word").And.Not.Contain("\n"));
    }

    [Test]
    public void Without_a_key_it_is_said_which_route_has_none() => Assert.That(
        string.Join('\n', Load("\"Region\": \"FRA1\"").Errors), Does.Contain("Outputs:sekoia:Type: is \"sekoia-https\", which needs an intake key, but none applies to messages routed by Routes:0"));

    [TestCase("syslog-tls")]
    [TestCase("relp-tls")]
    public void Its_keys_apply_to_no_other_type(string type) => Assert.That(
        string.Join('\n', _folder.Load(Document($"\"Type\": \"{type}\", \"Endpoint\": \"a:1\", \"Region\": \"FRA1\"")).Errors),
        Does.Contain($"Outputs:sekoia:Region: does not apply to an output of type {type}"));

    private RelayOutputOptions Output(string keys)
    {
        ConfigurationResult result = Load($"{keys}, {Key}");
        Assert.That(result.Errors, Is.Empty);
        return (RelayOutputOptions)result.Options!.Outputs.Single();
    }

    private ConfigurationResult Load(string keys) => _folder.Load(Document($"\"Type\": \"sekoia-https\", {keys}"));

    private static string Document(string output) =>
        $$"""{ "Listeners": { "in": { "Address": "udp://127.0.0.1:0" } }, "Outputs": { "sekoia": { {{output}} } } }""";
}
