using Concentrator.Configuration.Options;
using Concentrator.Hosting.Status;

namespace Concentrator.Hosting.Systemd;

/// <summary>
/// Keeps the service manager told how the server is: whoever knows of a change calls <see cref="Tell"/>, on any thread. Until
/// <see cref="Serve"/> nothing is said.
/// </summary>
/// <param name="systemd">Not owned.</param>
/// <param name="view">How listeners and outputs are; told which configuration runs.</param>
/// <param name="pagesProblem">Why the status pages are not served; null = they are, or are not wanted.</param>
internal sealed class ServiceStatus(SystemdNotifier systemd, ServerView view, Func<string?> pagesProblem)
{
    private volatile bool _serves;

    /// <summary>These options run from now on; null = the server stops, and says so itself.</summary>
    public void Serve(ServerOptions? options)
    {
        if (options is not null) view.Options = options;
        _serves = options is not null;
        Tell();
    }

    public void Tell()
    {
        if (systemd.IsHeard && _serves && view.Options is { } options)
            systemd.Status(StatusLine.Of(options, view.Ledger.Listeners(), view.Ledger.Outputs(), pagesProblem()));
    }
}
