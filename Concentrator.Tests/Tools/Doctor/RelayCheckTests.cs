using Concentrator.Configuration.Options;
using Concentrator.Targets.Relays;
using Concentrator.Tests.Equipment;
using Concentrator.Tools.Doctor;
using NUnit.Framework;

namespace Concentrator.Tests.Tools.Doctor;

/// <summary>A relay's endpoint with each of its faults: name, TCP, TLS, chain, name of the certificate, days left.</summary>
internal sealed class RelayCheckTests
{
    private static readonly RelayDeadlines Deadlines = new() { Handshake = TimeSpan.FromMilliseconds(500) };

    private TempDirectory _temp = null!;

    [SetUp]
    public void MakeDirectory() => _temp = new TempDirectory();

    [TearDown]
    public void RemoveDirectory() => _temp.Dispose();

    [Test]
    public async Task An_endpoint_with_a_good_certificate_is_well_and_its_days_and_round_trip_are_told()
    {
        using TlsIntake intake = new(TestCertificates.Authority.IssueServer(TestCertificates.ServerNames, validUntilDays: 20));
        Diagnosis found = await Look(intake.Port);
        found.IsWell();
        Assert.That(found.Finding, Does.Contain("valid for 19 more days").And.Match(@"round trip [0-9.]+ ms$").And.StartWith("TLS 1."));
        Assert.That(intake.FrameCount + intake.FramingErrors, Is.Zero, "nothing was sent");
    }

    [Test]
    public async Task Few_days_left_are_warned_of()
    {
        using TlsIntake intake = new(TestCertificates.Authority.IssueServer(TestCertificates.ServerNames, validUntilDays: 13));
        (await Look(intake.Port)).Says(Verdict.Warn, "valid for 12 more days", $"openssl s_client -connect localhost:{intake.Port}");
    }

    [Test]
    public async Task An_expired_certificate_fails()
    {
        using TlsIntake intake = new(TestCertificates.Expired);
        (await Look(intake.Port)).Says(Verdict.Fail, "it is not valid now; presented: CN=localhost", "renewed by whoever runs localhost, if this host's clock is right: timedatectl");
    }

    [Test]
    public async Task A_certificate_for_another_name_fails()
    {
        using TlsIntake intake = new(TestCertificates.WrongName);
        (await Look(intake.Port)).Says(Verdict.Fail, "names elsewhere.example", "\"ServerName\": \"NAME\"");
    }

    [Test]
    public async Task A_certificate_of_an_unknown_issuer_fails_and_the_remedy_is_the_CA_file()
    {
        using TlsIntake intake = new(TestCertificates.UnknownAuthority);
        (await Look(intake.Port)).Says(Verdict.Fail, "its issuer is not trusted", $"into {_temp["ca.crt"]} (\"CaFile\")");
        (await Look(intake.Port, tls: new RelayTlsOptions())).Says(Verdict.Fail, "its issuer is not trusted", "\"relay\": { \"Tls\": { \"CaFile\": \"/etc/concentrator/ca.pem\" } }");
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task An_intermediate_certificate_as_the_CA_file_is_an_authority_to_trust(bool isPresented)
    {
        CertificateAuthority intermediate = TestCertificates.Stranger.Intermediate("Strange Intermediate");
        IssuedCertificate whole = intermediate.IssueServer(TestCertificates.ServerNames, validUntilDays: 20);
        using TlsIntake intake = new(isPresented ? whole : new IssuedCertificate(whole.Certificate, []));

        // The remedy: the issuer's certificate, which is what a peer shows.
        RelayTlsOptions nobody = new() { CaFile = TestCertificates.Authority.WritePem(_temp.Path, "ca.crt") };
        (await Look(intake.Port, tls: nobody)).Says(Verdict.Fail, "its issuer is not trusted", $"put the issuer's certificate into {_temp["ca.crt"]}");
        (await Look(intake.Port, tls: new RelayTlsOptions { CaFile = intermediate.WritePem(_temp.Path, "issuer.crt") })).IsWell();
    }

    [Test]
    public async Task An_intermediate_that_is_trusted_vouches_for_no_other_time_name_or_key()
    {
        CertificateAuthority intermediate = TestCertificates.Stranger.Intermediate("Strange Intermediate");
        RelayTlsOptions tls = new() { CaFile = intermediate.WritePem(_temp.Path, "issuer.crt") };
        using TlsIntake expired = new(intermediate.IssueServer(TestCertificates.ServerNames, validFromDays: -20, validUntilDays: -10));
        (await Look(expired.Port, tls: tls)).Says(Verdict.Fail, "it is not valid now", "renewed");
        using TlsIntake elsewhere = new(intermediate.IssueServer(["elsewhere.example"]));
        (await Look(elsewhere.Port, tls: tls)).Says(Verdict.Fail, "names elsewhere.example", "\"ServerName\"");
        using TlsIntake forged = new(TestCertificates.Forge(intermediate.Certificate));
        (await Look(forged.Port, tls: tls)).Says(Verdict.Fail, "certificate is refused", "openssl s_client");
        using TlsIntake cousin = new(TestCertificates.Stranger.IssueServer(TestCertificates.ServerNames));
        (await Look(cousin.Port, tls: tls)).Says(Verdict.Fail, "its issuer is not trusted", "issuer's certificate");
    }

    [Test]
    public async Task A_relay_that_verifies_nothing_is_warned_of()
    {
        using TlsIntake intake = new(TestCertificates.Expired);
        (await Look(intake.Port, tls: new RelayTlsOptions { Insecure = true })).Says(Verdict.Warn, "is not verified (Tls:Insecure)", "\"Insecure\": false");
    }

    [Test]
    public async Task A_port_that_refuses_fails()
    {
        int port = FreePort.Next();
        (await Look(port)).Says(Verdict.Fail, "no TCP connection", $"nothing listens there: correct the host or the port, or start the receiver, then: nc -vz localhost {port}");
    }

    [Test]
    public async Task A_name_that_does_not_exist_fails() =>
        (await Look(1, "nobody.invalid")).Says(Verdict.Fail, "cannot resolve the name", "getent hosts nobody.invalid");

    [TestCase(true)]
    [TestCase(false)]
    public async Task A_peer_that_speaks_no_TLS_or_nothing_fails(bool silent)
    {
        using TlsIntake intake = new(TestCertificates.Server) { IgnoreHandshake = silent, AnswerWithGarbage = !silent };
        (await Look(intake.Port)).Says(Verdict.Fail, "TLS handshake", $"openssl s_client -connect localhost:{intake.Port} -servername localhost");
    }

    [Test]
    public async Task Plain_TCP_is_well_and_said_to_be_readable()
    {
        using TlsIntake intake = new(certificate: null);
        RelayOutputOptions options = Options(intake.Port, "localhost") with { Tls = null };
        Diagnosis found = await new RelayCheck(options, options.Endpoints.List[0], Deadlines).LookAsync(CancellationToken.None);
        found.IsWell();
        Assert.That(found.Finding, Does.Contain("readable on the way"));
    }

    private Task<Diagnosis> Look(int port, string host = "localhost", RelayTlsOptions? tls = null)
    {
        RelayOutputOptions options = Options(port, host);
        if (tls is not null) options = options with { Tls = tls };
        return new RelayCheck(options, options.Endpoints.List[0], Deadlines).LookAsync(CancellationToken.None);
    }

    private RelayOutputOptions Options(int port, string host) => new()
    {
        Name = "relay",
        Endpoints = new RelayEndpoints([new RelayEndpoint(host, port)]),
        Tls = new RelayTlsOptions { CaFile = TestCertificates.Authority.WritePem(_temp.Path, "ca.crt") },
    };
}
