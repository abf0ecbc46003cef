using Concentrator.Configuration.Options;

namespace Concentrator.Hosting.Status;

/// <summary>The status server cannot bind its address; the message is one line for the operator (exit code 2).</summary>
internal sealed class StatusListenException(MonitoringAddress address, string problem, Exception inner)
    : Exception($"Monitoring:Address: cannot bind {address}: {problem}", inner)
{
    public MonitoringAddress Address { get; } = address;
}
