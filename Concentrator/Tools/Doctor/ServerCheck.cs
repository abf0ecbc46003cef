using Concentrator.Configuration.Options;

namespace Concentrator.Tools.Doctor;

/// <summary>What the running server reports about itself (<c>/readyz</c>): ready, or why not.</summary>
/// <param name="monitoring">Where its status pages are.</param>
/// <param name="traffic">The server's answers.</param>
/// <param name="start">The command that starts the server.</param>
internal sealed class ServerCheck(MonitoringAddress monitoring, Traffic traffic, string start)
{
    private const string Subject = "server";

    public IEnumerable<Diagnosis> Look()
    {
        if (!traffic.IsMeasured) return [Diagnosis.Warn(Subject, $"no server answers at {monitoring}", start)];
        if (traffic.NotReady.Count > 0)
            return traffic.NotReady.Select(static problem => Diagnosis.Fail(Subject, $"is not ready: {problem}", "journalctl -u concentrator -n 20"));
        return [Diagnosis.Ok(Subject, FormattableString.Invariant($"answers at {monitoring}, is ready, receives {traffic.Total:#,0} msg/s"))];
    }
}
