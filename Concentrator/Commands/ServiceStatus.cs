using Concentrator.Configuration;
using Concentrator.Telemetry;

namespace Concentrator.Commands;

/// <summary>
/// Keeps the service manager told how the server is: whoever knows of a change calls <see cref="Tell"/>, on any thread. Until
/// <see cref="Serve"/> nothing is said.
/// </summary>
/// <param name="systemd">Not owned.</param>
/// <param name="ledger">How listeners and outputs are.</param>
/// <param name="pagesProblem">Why the status pages are not served; null = they are, or are not wanted.</param>
internal sealed class ServiceStatus(SystemdNotifier systemd, Ledger ledger, Func<string?> pagesProblem)
{
    private volatile ServerOptions? _options;

    /// <summary>These options run from now on; null = the server stops, and says so itself.</summary>
    public void Serve(ServerOptions? options)
    {
        _options = options;
        Tell();
    }

    public void Tell()
    {
        if (systemd.IsHeard && _options is { } options)
            systemd.Status(StatusLine.Of(options, ledger.Listeners(), ledger.Outputs(), pagesProblem()));
    }
}
