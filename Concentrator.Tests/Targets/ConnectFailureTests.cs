using System.Security.Cryptography;
using Concentrator.Configuration.Options;
using Concentrator.Targets.Relays;
using Concentrator.Targets.Relays.Connections;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Targets;

/// <summary>Whatever keeps a relay from connecting is an answer, and no exception: the relay's loop would end the process.</summary>
internal sealed class ConnectFailureTests
{
    private TempDirectory _directory = null!;

    [SetUp]
    public void MakeDirectory() => _directory = new TempDirectory();

    [TearDown]
    public void RemoveDirectory() => _directory.Dispose();

    [Test]
    public async Task A_client_key_that_was_renewed_as_another_kind_is_a_failure_to_connect()
    {
        (string certificate, _) = TestCertificates.Client.WritePem(_directory.Path, "client");
        using ECDsa other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using RSA another = RSA.Create(2048);
        foreach (string pem in new[] { other.ExportPkcs8PrivateKeyPem(), another.ExportPkcs8PrivateKeyPem(), other.ExportECPrivateKeyPem(), another.ExportRSAPrivateKeyPem(), "no key", "" })
        {
            ConnectFailure failure = await FailureAsync(new RelayTlsOptions { CertificateFile = certificate, KeyFile = _directory.Write("other.key", pem) });
            Assert.That(failure.Phase, Is.EqualTo(ConnectPhase.Handshake));
            Assert.That(failure.Reason, Is.Not.Empty.And.Not.Contains("\n"));
        }
    }

    [Test]
    public async Task A_file_that_is_gone_is_a_directory_or_holds_anything_is_a_failure_to_connect()
    {
        string[] files = [_directory["none"], _directory.Path, _directory.Write("text", "text"), _directory.Write("empty", ""), _directory.Write("broken", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")];
        foreach (string file in files)
        {
            await FailureAsync(new RelayTlsOptions { CaFile = file });
            await FailureAsync(new RelayTlsOptions { CertificateFile = file, KeyFile = file });
        }
    }

    /// <summary>The peer is there, and takes the connection.</summary>
    private static async Task<ConnectFailure> FailureAsync(RelayTlsOptions tls)
    {
        using TlsIntake intake = new(TestCertificates.Server);
        using LogCapture log = new();
        RelayEndpoint endpoint = new("localhost", intake.Port);
        RelayOutputOptions options = new() { Name = "relay", Endpoints = new RelayEndpoints([endpoint]), Tls = tls };
        RelayConnector connector = new(options, RelayDeadlines.Default, TimeProvider.System, log.Logger, static () => { });
        (RelayConnection? connection, ConnectFailure? failure) = await connector.ConnectAsync(endpoint, CancellationToken.None);
        if (connection is not null) await connection.DisposeAsync();
        Assert.That((connection, failure?.Endpoint), Is.EqualTo(((RelayConnection?)null, endpoint)));
        return failure!;
    }
}
