using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Peers;

/// <summary>Tests of programs that send to us: each test has a server of its own, and an intake that it may relay to.</summary>
internal abstract class SenderTests
{
    protected TempDirectory Directory { get; private set; } = null!;

    protected TlsIntake Intake { get; private set; } = null!;

    protected ServerProcess Server { get; private set; } = null!;

    [SetUp]
    public void Start()
    {
        Directory = new TempDirectory();
        Intake = new TlsIntake(TestCertificates.Server);
        Server = Configure(new ServerSetup(Directory)).Start();
    }

    [TearDown]
    public void Stop()
    {
        Server?.Dispose();
        Intake?.Dispose();
        Directory?.Dispose();
    }

    /// <summary>The listeners and outputs of the fixture's server.</summary>
    protected abstract ServerSetup Configure(ServerSetup setup);
}
