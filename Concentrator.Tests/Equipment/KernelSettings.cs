using Concentrator.Tests.Equipment;
using NUnit.Framework;

// The namespace of all tests: NUnit runs this once around every one of them.
namespace Concentrator.Tests;

/// <summary>The server raises max_dgram_qlen when it may; the machine gets its own value back after the last test.</summary>
[SetUpFixture]
internal sealed class KernelSettings
{
    private SysctlGuard? _queue;

    [OneTimeSetUp]
    public void Remember() => _queue = new SysctlGuard(SysctlGuard.DatagramQueue);

    [OneTimeTearDown]
    public void Restore() => _queue?.Dispose();
}
