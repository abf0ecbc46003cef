using System.Net;

namespace Concentrator.Tools.Doctor;

/// <summary>What the running server says of itself: that it is ready, or what stands against that (<c>/readyz</c>).</summary>
/// <param name="monitoring">Where it serves its pages.</param>
/// <param name="traffic">What it was asked.</param>
/// <param name="start">The command that starts it.</param>
internal sealed class ServerCheck(IPEndPoint monitoring, Traffic traffic, string start)
{
    private const string Subject = "server";

    public IEnumerable<Diagnosis> Look()
    {
        if (!traffic.IsMeasured) return [Diagnosis.Warn(Subject, $"none answers at {monitoring}", start)];
        if (traffic.NotReady.Count > 0)
            return traffic.NotReady.Select(static problem => Diagnosis.Fail(Subject, $"is not ready: {problem}", "journalctl -u concentrator -n 20"));
        return [Diagnosis.Ok(Subject, FormattableString.Invariant($"answers at {monitoring}, is ready, receives {traffic.Total:#,0} msg/s"))];
    }
}
