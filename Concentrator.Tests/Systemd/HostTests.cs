using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Systemd;

/// <summary>Tests on a Debian host of each suite, booted for each test and gone after it. Nothing of ours is on it at first.</summary>
/// <param name="suite">Of Debian.</param>
[TestFixture("bookworm")]
[TestFixture("trixie")]
internal abstract class HostTests(string suite)
{
    protected LoggingHost Host { get; private set; } = null!;

    protected SystemdRoot Root => Host.Root;

    [SetUp]
    public void Boot() => Host = new LoggingHost(suite);

    [TearDown]
    public void End() => Host?.Dispose();

    /// <summary>As many requests a second as the host can log; the first second's are answered.</summary>
    protected RequestLoad UnderLoad()
    {
        RequestLoad load = Host.StartRequests(Host.BusyRate);
        load.GoesOn();
        return load;
    }
}
