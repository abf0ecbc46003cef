using Concentrator.Configuration;
using Concentrator.Configuration.Loading;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Configuration;

/// <summary>Every kind of mistake gets one line: where, what is wrong, what would be right.</summary>
[TestFixture]
internal sealed class ConfigurationErrorTests
{
    private const string Tls = "\"Address\": \"tls://0.0.0.0:0\", \"Tls\": ";
    private ConfigurationFolder _folder = null!;

    [OneTimeSetUp]
    public void CreateFolder()
    {
        _folder = new ConfigurationFolder();
        _folder.WriteCertificate("one");
        _folder.WriteCertificate("two");
        _folder.WriteCertificate("old", validUntilDays: -1);
        _folder.Write("empty", " \n");
        _folder.Write("text", "no PEM here");
        _folder.Write("secret.key", "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n");
        _folder.Write("damaged.crt", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        _folder.Write("blank.key", "abc def");
    }

    [OneTimeTearDown]
    public void DeleteFolder() => _folder.Dispose();

    private static IEnumerable<TestCaseData> Mistakes()
    {
        static TestCaseData Case(string json, string path, params string[] fragments) =>
            new TestCaseData(json, path, fragments).SetArgDisplayNames(path, fragments[0], json.Length > 160 ? $"…{json[^110..]}" : json);
        static TestCaseData In(string body, string key, params string[] fragments) =>
            Case(Snippets.Listener(body), $"Listeners:in{key}", fragments);
        static TestCaseData Out(string body, string key, params string[] fragments) =>
            Case(Snippets.Output(body), $"Outputs:out{key}", fragments);
        static TestCaseData Route(string body, string key, params string[] fragments) =>
            Case(Snippets.Route(body), $"Routes:0{key}", fragments);
        static TestCaseData Root(string member, string path, params string[] fragments) =>
            Case(Snippets.Root(member), path, fragments);
        static TestCaseData Address(string address, params string[] fragments) => In($"\"Address\": \"{address}\"", ":Address", fragments);
        static TestCaseData File(string more, string key, params string[] fragments) =>
            Out($"\"Type\": \"file\", \"Path\": \"/var/log/x\", {more}", key, fragments);
        static TestCaseData Relay(string more, string key, params string[] fragments) =>
            Out($"\"Type\": \"syslog-tls\", \"Endpoint\": \"peer:1\", {more}", key, fragments);

        // Unknown keys, at every level.
        yield return Root("\"Listener\": {}", "Listener", "not a known key", "\"Listeners\"");
        yield return Root("\"Spool\": { \"MaxSiez\": 1 }", "Spool:MaxSiez", "\"MaxSize\"");
        yield return Root("\"Monitoring\": { \"Adress\": \"off\" }", "Monitoring:Adress", "\"Address\"");
        yield return In("\"Address\": \"tcp://127.0.0.1:0\", \"Framming\": \"lf\"", ":Framming", "\"Framing\"");
        yield return In("\"Adress\": \"tcp://127.0.0.1:0\"", ":Adress", "\"Address\"");
        yield return In(
            Tls + "{ \"CertificateFile\": \"one.crt\", \"KeyFile\": \"one.key\", \"CaFile\": \"one.crt\" }",
            ":Tls:CaFile", "not a known key", "ClientCaFile");
        yield return File("\"Pth\": 1", ":Pth", "\"Path\"");
        yield return Relay("\"Endpoints\": \"a:1\"", ":Endpoints", "\"Endpoint\"");
        yield return Relay("\"Tls\": { \"Verify\": false }", ":Tls:Verify", "not a known key");
        yield return Route("\"Too\": 1, \"To\": \"file\"", ":Too", "\"To\"");

        // Shapes.
        yield return Case("{}", "Listeners", "missing or empty", "at least one listener");
        yield return Case("{}", "Outputs", "missing or empty", "at least one output");
        yield return Case("{ \"Listeners\": \"x\" }", "Listeners", "single value", "{ … }");
        yield return Case("{ \"Outputs\": [] }", "Outputs", "missing or empty");
        yield return Root("\"Spool\": 5", "Spool", "single value");
        yield return Root("\"Routes\": { \"first\": { \"To\": \"file\" } }", "Routes:first", "as a list");
        yield return Root("\"ShutdownTimeout\": [ \"00:00:01\" ]", "ShutdownTimeout", "write one value");
        yield return Root("\"ShutdownTimeout\": \"\"", "ShutdownTimeout", "is empty");
        yield return Case(
            Snippets.Whole(" \"a b\": { \"Address\": \"tcp://127.0.0.1:0\" } ", Snippets.LogFile), "Listeners:a b", "not a name");
        yield return Case(
            Snippets.Whole(Snippets.Haproxy, " \"../x\": { \"Type\": \"file\", \"Path\": \"/x\" } "), "Outputs:../x", "not a name");

        // Addresses.
        yield return In("\"Format\": \"auto\"", ":Address", "missing", "unix-dgram:");
        yield return In("", ":Address", "missing");
        yield return Address("514", "not an address", "udp://IP:PORT");
        yield return Address("http://0.0.0.0:80", "not an address");
        yield return Address("udp://0.0.0.0", "no port", "udp://0.0.0.0:514");
        yield return Address("udp://localhost:514", "host names are not resolved", "0.0.0.0");
        yield return Address("tcp://:514", "has no address", "[::]");
        yield return Address("tcp://*:514", "has no address");
        yield return Address("tcp://0.0.0.0:65536", "not a port", "65535");
        yield return Address("tcp://0.0.0.0:-1", "not a port");
        yield return Address("tcp://127.1:514", "not an IP address");
        yield return Address("tcp://::1:514", "brackets");
        yield return Address("tcp://[::1]", "brackets", "port");
        yield return Address("tcp://[127.0.0.1]:5", "not an IPv6 address");
        yield return Address("unix-dgram:run/log", "absolute path");
        yield return Address("unix-dgram://run/log", "absolute path");
        yield return Address("unix-stream:/run/", "absolute path");
        yield return Address("unix-stream:/" + new string('x', 106), "107 bytes", "106");
        yield return Address("unix-dgram:abns@", "names no abstract socket", "unix-dgram:abns@haproxy");
        yield return Address("unix-stream:abnsz@" + new string('x', 108), "108 bytes", "allows at most 107");
        yield return Address("unix-dgram:abns@" + new string('é', 54), "108 bytes", "allows at most 107");
        yield return Address("unix-dgram:@conc", "which kind of abstract socket", "unix-dgram:abns@conc", "unix-dgram:abnsz@conc");
        yield return Address("unix-dgram:abs@conc", "absolute path");
        yield return Case(
            Snippets.Whole("\"a\": { \"Address\": \"unix-dgram:abns@x\" }, \"in\": { \"Address\": \"unix-dgram:abns@x\" }", Snippets.LogFile),
            "Listeners:in:Address", "already used by listener \"a\"");
        yield return Case(
            Snippets.Whole("""
                "a": { "Address": "tcp://127.0.0.1:514" }, "in": { "Address": "tls://127.0.0.1:514",
                "Tls": { "CertificateFile": "one.crt", "KeyFile": "one.key" } }
                """, Snippets.LogFile), "Listeners:in:Address", "already used by listener \"a\"");
        yield return Case(
            Snippets.Whole("\"a\": { \"Address\": \"unix-dgram:/x\" }, \"in\": { \"Address\": \"unix-stream:/x\" }", Snippets.LogFile),
            "Listeners:in:Address", "already used by listener \"a\"");
        yield return Case(
            Snippets.Whole("\"in\": { \"Address\": \"tcp://127.0.0.1:9514\" }", Snippets.LogFile),
            "Monitoring:Address", "already used by listener \"in\"");

        // What a listener may not have.
        yield return In("\"Address\": \"udp://127.0.0.1:0\", \"Mode\": \"0666\"", ":Mode", "unix sockets only", "remove");
        yield return In("\"Address\": \"tcp://127.0.0.1:0\", \"Owner\": \"root\"", ":Owner", "unix sockets only");
        yield return In("\"Address\": \"tcp://127.0.0.1:0\", \"Group\": \"root\"", ":Group", "unix sockets only");
        yield return In("\"Address\": \"tcp://127.0.0.1:0\", \"Takeover\": true", ":Takeover", "unix sockets only");
        yield return In("\"Address\": \"unix-dgram:abns@x\", \"Mode\": \"0600\"", ":Mode", "sockets with a path only", "is not a file", "remove");
        yield return In("\"Address\": \"unix-stream:abns@x\", \"Owner\": \"root\"", ":Owner", "is not a file");
        yield return In("\"Address\": \"unix-dgram:abnsz@x\", \"Group\": \"root\"", ":Group", "is not a file");
        yield return In("\"Address\": \"unix-dgram:abns@x\", \"Takeover\": true", ":Takeover", "cannot be taken from the process", "remove");
        yield return In("\"Address\": \"tcp://127.0.0.1:0\", \"Tls\": { \"KeyFile\": \"one.key\" }", ":Tls", "tls only");
        yield return In("\"Address\": \"udp://127.0.0.1:0\", \"Framing\": \"lf\"", ":Framing", "streams");
        yield return In("\"Address\": \"unix-dgram:/x\", \"MaxConnections\": 3", ":MaxConnections", "streams");
        yield return In("\"Address\": \"unix-dgram:/x\", \"IdleTimeout\": \"00:00:01\"", ":IdleTimeout", "streams");
        yield return In("\"Address\": \"tcp://127.0.0.1:0\", \"ReceiveBuffer\": \"1MB\"", ":ReceiveBuffer", "udp only");

        // What a listener may have, badly written.
        yield return In("\"Address\": \"unix-dgram:/x\", \"Mode\": \"rw\"", ":Mode", "file mode", "0666");
        yield return In("\"Address\": \"unix-dgram:/x\", \"Mode\": 438", ":Mode", "file mode", "octal");
        yield return In("\"Address\": \"unix-dgram:/x\", \"Owner\": \"no-such-user\"", ":Owner", "no user \"no-such-user\"", "numeric ID");
        yield return In(
            "\"Address\": \"unix-dgram:/x\", \"Group\": \"no-such-group\"", ":Group", "no group \"no-such-group\"", "numeric ID");
        yield return In("\"Address\": \"unix-dgram:/x\", \"Takeover\": \"yes\"", ":Takeover", "\"true\"");
        yield return In("\"Address\": \"tcp://127.0.0.1:0\", \"Framing\": \"octet-count\"", ":Framing", "did you mean \"octet-counted\"");
        yield return In("\"Address\": \"tcp://127.0.0.1:0\", \"Format\": \"rfc3146\"", ":Format", "did you mean \"rfc3164\"");
        yield return In("\"Address\": \"tcp://127.0.0.1:0\", \"MaxMessageSize\": 479", ":MaxMessageSize", "480B to 16MB");
        yield return In("\"Address\": \"udp://127.0.0.1:0\", \"MaxMessageSize\": \"2MB\"", ":MaxMessageSize", "480B to 1MB");
        yield return In("\"Address\": \"udp://127.0.0.1:0\", \"ReceiveBuffer\": \"2GB\"", ":ReceiveBuffer", "4KB to 1GB");
        yield return In("\"Address\": \"tcp://127.0.0.1:0\", \"MaxConnections\": 0", ":MaxConnections", "from 1 to");
        yield return In("\"Address\": \"tcp://127.0.0.1:0\", \"MaxConnections\": \"many\"", ":MaxConnections", "whole number");
        yield return In("\"Address\": \"tcp://127.0.0.1:0\", \"IdleTimeout\": \"5s\"", ":IdleTimeout", "hours:minutes:seconds");
        yield return In("\"Address\": \"unix-dgram:/x\", \"Insight\": \"on\"", ":Insight", "\"true\"");
        yield return In("\"Address\": \"unix-dgram:/x\", \"StatsSocket\": \"admin.sock\"", ":StatsSocket", "absolute path", "/run/haproxy/admin.sock");
        yield return In($"\"Address\": \"unix-dgram:/x\", \"StatsSocket\": \"/{new string('x', 107)}\"", ":StatsSocket", "more than 107 bytes");
        yield return In("\"Address\": \"tls://127.0.0.1:0\"", ":Tls:CertificateFile", "missing", "server.crt");
        yield return In("\"Address\": \"tls://127.0.0.1:0\"", ":Tls:KeyFile", "missing", "server.key");
        yield return In(Tls + "{ \"CertificateFile\": \"none.crt\", \"KeyFile\": \"one.key\" }", ":Tls:CertificateFile", "does not exist");
        yield return In(Tls + "{ \"CertificateFile\": \"/\", \"KeyFile\": \"one.key\" }", ":Tls:CertificateFile", "is a directory");
        yield return In(
            Tls + "{ \"CertificateFile\": \"text\", \"KeyFile\": \"one.key\" }", ":Tls:CertificateFile", "contains no certificate");
        yield return In(Tls + "{ \"CertificateFile\": \"damaged.crt\", \"KeyFile\": \"one.key\" }", ":Tls:CertificateFile", "damaged");
        yield return In(Tls + "{ \"CertificateFile\": \"one.crt\", \"KeyFile\": \"none.key\" }", ":Tls:KeyFile", "does not exist");
        yield return In(Tls + "{ \"CertificateFile\": \"one.crt\", \"KeyFile\": \"one.crt\" }", ":Tls:KeyFile", "no private key");
        yield return In(Tls + "{ \"CertificateFile\": \"one.crt\", \"KeyFile\": \"two.key\" }", ":Tls:KeyFile", "not the private key");
        yield return In(Tls + "{ \"CertificateFile\": \"one.crt\", \"KeyFile\": \"secret.key\" }", ":Tls:KeyFile", "encrypted", "openssl");
        yield return In(
            Tls + "{ \"CertificateFile\": \"one.crt\", \"KeyFile\": \"one.key\", \"ClientCaFile\": \"text\" }",
            ":Tls:ClientCaFile", "no certificate");
        yield return In(Tls + "{ \"CertificateFile\": \"one.crt\", \"KeyFile\": \"one.key\", \"HandshakeTimeout\": \"00:00:00\" }",
            ":Tls:HandshakeTimeout", "00:00:00.100 to 00:05:00");

        // Outputs.
        yield return Out("\"Path\": \"/x\"", ":Type", "missing", "syslog-tls");
        yield return Out("\"Type\": \"syslog\"", ":Type", "\"syslog-tls\"");
        yield return Out("\"Type\": \"file\"", ":Path", "missing", "/var/log/");
        yield return Out("\"Type\": \"file\", \"Path\": \"log/x\"", ":Path", "absolute file path");
        yield return File("\"Endpoint\": \"a:1\"", ":Endpoint", "does not apply", "file");
        yield return File($"\"IntakeKey\": \"{Snippets.Key}\"", ":IntakeKey", "does not apply");
        yield return File("\"MaxRate\": \"2MB\"", ":MaxRate", "does not apply");
        yield return File("\"ReplayTail\": \"00:00:01\"", ":ReplayTail", "does not apply");
        yield return File("\"Tls\": { \"CaFile\": \"one.crt\" }", ":Tls", "does not apply");
        yield return File("\"Format\": \"sekoia\"", ":Format", "\"traditional\"");
        yield return File("\"Timestamp\": \"recieved\"", ":Timestamp", "did you mean \"received\"");
        yield return File("\"Mode\": \"0888\"", ":Mode", "octal");
        yield return File("\"Owner\": \"no-such-user\"", ":Owner", "no user");
        yield return Relay("\"Path\": \"/x\"", ":Path", "does not apply", "syslog-tls");
        yield return Relay("\"Mode\": \"0600\"", ":Mode", "does not apply");
        yield return Relay("\"MaxRate\": \"2MB/s\"", ":MaxRate", "is not a size");
        yield return Relay("\"MaxRate\": 1000", ":MaxRate", "out of range", "1KB to 1TB");
        yield return Relay("\"MaxFrameSize\": \"1KB\"", ":MaxFrameSize", "out of range", "2KB to 32MB");
        yield return File("\"MaxFrameSize\": \"64KB\"", ":MaxFrameSize", "does not apply");
        yield return Relay("\"MaxMemory\": \"1KB\"", ":MaxMemory", "out of range", "1MB to 64GB");
        yield return Relay("\"ControlCharacters\": \"escaped\"", ":ControlCharacters", "\"escape\", \"keep\"", "did you mean \"escape\"");
        yield return Relay("\"StructuredData\": \"keep\"", ":StructuredData", "\"auto\", \"message\", \"drop\"");
        yield return Relay("\"Format\": \"raw\", \"ControlCharacters\": \"escape\"", ":ControlCharacters", "bytes as received", "remove it");
        yield return Relay("\"Format\": \"rfc5424\", \"StructuredData\": \"drop\"", ":StructuredData", "sekoia only", "remove it");
        yield return File("\"ControlCharacters\": \"keep\"", ":ControlCharacters", "does not apply");
        yield return File("\"StructuredData\": \"auto\"", ":StructuredData", "does not apply");
        yield return Relay("\"Format\": \"traditional\"", ":Format", "\"sekoia\", \"rfc5424\", \"raw\"");
        yield return Out("\"Type\": \"syslog-tls\"", ":Endpoint", "missing", "host:port");
        yield return Out("\"Type\": \"syslog-tls\", \"Endpoint\": []", ":Endpoint", "empty");
        yield return Out("\"Type\": \"syslog-tls\", \"Endpoint\": \"intake.sekoia.io\"", ":Endpoint", "no port", "intake.sekoia.io:10514");
        yield return Out("\"Type\": \"syslog-tls\", \"Endpoint\": \"peer:0\"", ":Endpoint", "not a port", "1 to 65535");
        yield return Out("\"Type\": \"syslog-tls\", \"Endpoint\": \"tls://peer:1\"", ":Endpoint", "scheme");
        yield return Out("\"Type\": \"syslog-tls\", \"Endpoint\": \"pe er:1\"", ":Endpoint", "neither a host name nor");
        yield return Out("\"Type\": \"syslog-tls\", \"Endpoint\": \"300.1.1.1:1\"", ":Endpoint", "neither a host name nor");
        yield return Out("\"Type\": \"syslog-tls\", \"Endpoint\": [\"a:1\", \"b\"]", ":Endpoint:1", "no port");
        yield return Out("\"Type\": \"syslog-tls\", \"Endpoint\": [\"a:1\", \"a:1\"]", ":Endpoint:1", "lists a:1 twice");
        yield return Out("\"Type\": \"syslog-tls\", \"Endpoint\": [\"a:1\", null]", ":Endpoint:1", "empty or not a string");
        yield return Out(
            "\"Type\": \"syslog-tcp\", \"Endpoint\": \"a:1\", \"Tls\": { \"CaFile\": \"one.crt\" }", ":Tls", "not encrypted", "syslog-tls");
        yield return Out(
            "\"Type\": \"relp\", \"Endpoint\": \"a:1\", \"Tls\": { \"CaFile\": \"one.crt\" }", ":Tls", "type relp, which is not encrypted", "\"relp-tls\"");
        yield return Out(
            "\"Type\": \"relp\", \"Endpoint\": \"a:1\", \"ReplayTail\": \"00:00:01\"", ":ReplayTail", "type relp, whose receiver acknowledges", "remove it");
        yield return Out(
            "\"Type\": \"relp-tls\", \"Endpoint\": \"a:1\", \"ReplayTail\": \"00:00:00\"", ":ReplayTail", "type relp-tls, whose receiver", "remove it");
        yield return Out("\"Type\": \"relp-tls\", \"Endpoint\": \"a:1\", \"Path\": \"/x\"", ":Path", "does not apply", "relp-tls");
        yield return Out("\"Type\": \"relp-tls\"", ":Endpoint", "missing", "host:port");
        yield return Out("\"Type\": \"relp-tsl\", \"Endpoint\": \"a:1\"", ":Type", "did you mean \"relp-tls\"");
        yield return Out("\"Type\": \"relp-tls\", \"Endpoint\": \"a:1\", \"Format\": \"lf\"", ":Format", "\"sekoia\", \"rfc5424\", \"raw\"");
        yield return Out("\"Type\": \"relp-tls\", \"Endpoint\": \"a:1\", \"MaxRate\": 1", ":MaxRate", "out of range");
        yield return Out(
            "\"Type\": \"relp-tls\", \"Endpoint\": \"a:1\", \"Tls\": { \"CaFile\": \"none.crt\" }", ":Tls:CaFile", "does not exist");
        yield return Relay("\"Tls\": { \"CaFile\": \"none.crt\" }", ":Tls:CaFile", "does not exist");
        yield return Relay("\"Tls\": { \"CaFile\": \"a\\u0000b\" }", ":Tls:CaFile", "NUL");
        yield return Relay("\"IntakeKeyFile\": \"a\\u0000b\"", ":IntakeKeyFile", "NUL");
        yield return In(Tls + "{ \"CertificateFile\": \"a\\u0000b\", \"KeyFile\": \"one.key\" }", ":Tls:CertificateFile", "NUL");
        yield return In(Tls + "{ \"CertificateFile\": \"one.crt\", \"KeyFile\": \"a\\u0000b\" }", ":Tls:KeyFile", "NUL");
        yield return Relay("\"Tls\": { \"CaFile\": \"text\" }", ":Tls:CaFile", "no certificate");
        yield return Relay("\"Tls\": { \"ServerName\": \"peer:1\" }", ":Tls:ServerName", "without port");
        yield return Relay("\"Tls\": { \"CertificateFile\": \"one.crt\" }", ":Tls:KeyFile", "is required with CertificateFile");
        yield return Relay("\"Tls\": { \"KeyFile\": \"one.key\" }", ":Tls:CertificateFile", "is required with KeyFile");
        yield return Relay(
            "\"Tls\": { \"CertificateFile\": \"two.crt\", \"KeyFile\": \"one.key\" }", ":Tls:KeyFile", "not the private key");
        yield return Relay("\"Tls\": { \"Insecure\": \"maybe\" }", ":Tls:Insecure", "\"true\", \"false\"");
        yield return Case(
            Snippets.Whole(Snippets.Haproxy, $"{Snippets.LogFile}, \"out\": {{ \"Type\": \"file\", \"Path\": \"/var/log/./test.log\" }}"),
            "Outputs:out:Path", "already written by output \"file\"");

        // Intake keys.
        yield return Relay("\"IntakeKey\": \"abc\", \"IntakeKeyFile\": \"empty\"", ":IntakeKeyFile", "keep only one of them");
        yield return Relay("\"IntakeKey\": \"\"", ":IntakeKey", "is empty");
        yield return Relay("\"IntakeKey\": \"a\\\"b\"", ":IntakeKey", "position 2");
        yield return Relay("\"IntakeKey\": \"ab]\"", ":IntakeKey", "position 3");
        yield return Relay("\"IntakeKey\": \"\\\\ab\"", ":IntakeKey", "position 1");
        yield return Relay("\"IntakeKey\": \"a b\"", ":IntakeKey", "position 2");
        yield return Relay("\"IntakeKey\": \"aé\"", ":IntakeKey", "position 2");
        yield return Relay($"\"IntakeKey\": \"{new string('k', 257)}\"", ":IntakeKey", "at most 256");
        yield return Relay("\"IntakeKeyFile\": \"./none\"", ":IntakeKeyFile", "\"./none\" does not exist");
        yield return Relay("\"IntakeKeyFile\": \"empty\"", ":IntakeKeyFile", "is empty");
        yield return Relay("\"IntakeKeyFile\": \"blank.key\"", ":IntakeKeyFile", "position 4");
        yield return Relay("\"Format\": \"sekoia\"", ":Format", "needs an intake key", "Routes:0");
        yield return Route($"\"IntakeKey\": \"{Snippets.Key}\", \"To\": \"file\"", ":IntakeKey", "all outputs of this route are files");

        // Routes.
        yield return Route("\"From\": \"haproxy\"", ":To", "missing", "\"file\"");
        yield return Route("\"To\": null", ":To", "missing");
        yield return Route("\"To\": []", ":To", "is empty", "\"Stop\": true");
        yield return Route("\"To\": [ \"fil\" ]", ":To:0", "\"fil\" is not the name of an output", "did you mean \"file\"");
        yield return Route("\"To\": [ \"file\", \"FILE\" ]", ":To:1", "lists \"file\" twice");
        yield return Route("\"To\": \"file,,relay\"", ":To", "empty");
        yield return Route(
            "\"From\": [ \"haprozy\" ], \"To\": \"file\"", ":From:0", "not the name of a listener", "did you mean \"haproxy\"");
        yield return Route("\"From\": [], \"To\": \"file\"", ":From", "is empty");
        yield return Route("\"Program\": \"\", \"To\": \"file\"", ":Program", "is empty");
        yield return Route("\"Host\": \"\", \"To\": \"file\"", ":Host", "is empty");
        yield return Route("\"Contains\": \"\", \"To\": \"file\"", ":Contains", "is empty");
        yield return Route("\"Contains\": [], \"To\": \"file\"", ":Contains", "is empty");
        yield return Route("\"ContainsAll\": [ \"\" ], \"To\": \"file\"", ":ContainsAll:0", "is empty or not a string");
        yield return Relay("\"Framing\": \"crlf\"", ":Framing", "is not one of \"octet-counted\", \"lf\"");
        yield return Out("\"Type\": \"relp\", \"Endpoint\": \"a:1\", \"Framing\": \"lf\"", ":Framing", "RELP's own framing");
        yield return Route("\"Sender\": \"10.1.2.3/8\", \"To\": \"file\"", ":Sender", "\"10.0.0.0/8\"");
        yield return Route("\"Sender\": \"10.0.0.0/33\", \"To\": \"file\"", ":Sender", "0 to 32");
        yield return Route("\"Sender\": \"web\", \"To\": \"file\"", ":Sender", "not a network");
        yield return Route("\"Severity\": \"inof\", \"To\": \"file\"", ":Severity", "not a severity", "did you mean \"info\"");
        yield return Route("\"Severity\": \"info..emerg..x\", \"To\": \"file\"", ":Severity", "not a range");
        yield return Route("\"Severity\": \"info..\", \"To\": \"file\"", ":Severity", "not a severity");
        yield return Route("\"Severity\": 8, \"To\": \"file\"", ":Severity", "not a severity");
        yield return Route("\"Facility\": \"local8\", \"To\": \"file\"", ":Facility", "not a facility", "did you mean \"local0\"");
        yield return Route("\"Facility\": [ \"auth\", 24 ], \"To\": \"file\"", ":Facility:1", "from 0 to 23");
        yield return Route("\"Facility\": [], \"To\": \"file\"", ":Facility", "is empty");
        yield return Route("\"Stop\": 1, \"To\": \"file\"", ":Stop", "\"true\"");

        // The rest.
        yield return Root("\"Spool\": { \"Directory\": \"spool\" }", "Spool:Directory", "absolute directory path");
        yield return Root("\"Spool\": { \"MaxSize\": \"5 gigs\" }", "Spool:MaxSize", "not a size", "\"5GB\"");
        yield return Root("\"Spool\": { \"MaxSize\": \"9999999999TB\" }", "Spool:MaxSize", "too large");
        yield return Root("\"Spool\": { \"MaxMemory\": 5 }", "Spool:MaxMemory", "1MB to 64GB");
        yield return Root("\"Spool\": { \"Durability\": \"proces\" }", "Spool:Durability", "did you mean \"process\"");
        yield return Root("\"Spool\": { \"WhenFull\": \"drop\" }", "Spool:WhenFull", "\"drop-oldest\"");
        yield return Root("\"Monitoring\": { \"Address\": \"9514\" }", "Monitoring:Address", "no port", "\"off\"");
        yield return Root(
            "\"Monitoring\": { \"Address\": \"localhost:9514\" }", "Monitoring:Address", "not an IP address", "127.0.0.1:9514");
        yield return Root("\"ShutdownTimeout\": \"01:00:01\"", "ShutdownTimeout", "00:00:00 to 01:00:00");
        yield return Root("\"ShutdownTimeout\": 10", "ShutdownTimeout", "hours:minutes:seconds");
    }

    [TestCaseSource(nameof(Mistakes))]
    public void A_mistake_is_reported_with_its_key_path_and_what_would_be_right(string json, string path, string[] fragments)
    {
        ConfigurationResult result = _folder.Load(json);

        Assert.That(result.IsValid, Is.False);
        ConfigurationError[] found = [.. result.Errors.Where(error => error.Path == path)];
        Assert.That(found, Has.Length.EqualTo(1), $"one error at {path}, but there were: {string.Join("\n", result.Errors)}");
        foreach (string fragment in fragments)
        {
            Assert.That(found[0].ToString(), Does.Contain(fragment));
        }
        Assert.That(found[0].ToString(), Does.Not.Contain('\n'));
    }

    [TestCase("Listeners:in", ":Address", 3, TestName = "A missing key has the line of the object that lacks it")]
    [TestCase("Outputs:out:Endpoint", ":1", 11, TestName = "An element of a list has its own line")]
    [TestCase("Outputs:out", ":Format", 13, TestName = "A value on the line after its key has the line of the key")]
    [TestCase("Routes:1", ":To", 18, TestName = "A route has the line where its key stands")]
    public void An_error_has_the_line_of_its_key(string parent, string key, int line)
    {
        ConfigurationResult result = _folder.Load("""
            {
              "Listeners": {
                "in": {
                  // nothing, in
                  /* several
                     lines */
                }
              },
              "Outputs": {
                "out": { "Type": "syslog-tcp", "Endpoint": [ "a:1",
                    "b" ],

                  "Format":
                    "cef" }
              },
              "Routes": [
                { "To": "out" },
                { "From": "in", "To": "put" } ]
            }
            """);

        Assert.That(result.Errors.Single(error => error.Path == parent + key).Origin, Is.EqualTo($"{_folder.In("test.json")}:{line}"));
    }

    [Test]
    public void All_mistakes_come_at_once_in_the_order_of_the_file()
    {
        ConfigurationResult result = _folder.Load("""
            {
              "ShutdownTimeout": "soon",
              "Listeners": {
                "b": { "Address": "udp://localhost:1" },
                "a": { "Address": "tcp://127.0.0.1:0", "Mode": "0666" }
              },
              "Outputs": { "file": { "Type": "file" } },
              "Routes": [
                { "From": "c", "To": "file" },
                { "To": "fle" }
              ],
              "Spol": {}
            }
            """);

        string?[] paths = [.. result.Errors.Select(error => error.Path)];
        string[] expected =
            ["ShutdownTimeout", "Listeners:b:Address", "Listeners:a:Mode", "Outputs:file:Path", "Routes:0:From", "Routes:1:To", "Spol"];
        Assert.That(paths, Is.EqualTo(expected));
        string start = $"{_folder.In("test.json")}:5: Listeners:a:Mode: applies to unix sockets only";
        Assert.That(result.Errors[2].ToString(), Does.StartWith(start));
    }

    [Test]
    public void A_broken_part_causes_no_second_error_where_it_is_named()
    {
        ConfigurationResult result = _folder.Load("""
            {
              "Listeners": { "in": { "Address": "nowhere" } },
              "Outputs": { "out": { "Type": "syslog-tls", "Endpoint": "peer:1", "Format": "sekoia", "IntakeKey": "not a key" } },
              "Routes": [ { "From": "in", "To": "out" } ]
            }
            """);

        string?[] paths = [.. result.Errors.Select(error => error.Path)];
        string[] expected = ["Listeners:in:Address", "Outputs:out:IntakeKey"];
        Assert.That(paths, Is.EqualTo(expected));
    }

    [Test]
    [CancelAfter(20_000)]
    public async Task A_pipe_where_a_key_or_a_certificate_should_be_is_an_error_and_not_waited_for(CancellationToken stop)
    {
        Fifo.Make(_folder.In("pipe"));
        string relay = "\"Type\": \"syslog-tls\", \"Endpoint\": \"peer:1\", \"IntakeKeyFile\": \"pipe\", \"Tls\": { \"CaFile\": \"pipe\" }";
        ConfigurationResult result = await Task.Run(() => _folder.Load(Snippets.Output(relay)), stop).WaitAsync(Deadline.Reaction, stop);
        Assert.That(result.Errors.Select(static error => error.ToString()), Has.Exactly(2).Contains("is a pipe"));
    }

    [Test]
    public void A_line_break_in_a_value_does_not_break_the_error_line()
    {
        string line = _folder.Load(Snippets.Listener("\"Address\": \"udp://a\\nb:1\"")).Errors.Single().ToString();

        Assert.That(line, Does.Contain("a\\u000ab").And.Not.Contain('\n'));
    }
}
