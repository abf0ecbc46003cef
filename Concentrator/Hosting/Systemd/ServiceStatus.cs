using Concentrator.Configuration.Options;
using Concentrator.Hosting.Status;
using Concentrator.Hosting.Views;

namespace Concentrator.Hosting.Systemd;

/// <summary>
/// Reports the server's state to the service manager. Code that changes the state calls <see cref="Tell"/>, on any thread. Nothing is
/// sent before <see cref="Serve"/>.
/// </summary>
/// <param name="systemd">Not owned.</param>
/// <param name="view">The state of listeners and outputs; receives the running configuration.</param>
/// <param name="pagesProblem">Why the status pages are not served; null = they are, or are not wanted.</param>
internal sealed class ServiceStatus(SystemdNotifier systemd, ServerView view, Func<string?> pagesProblem)
{
    private volatile bool _serves;

    /// <summary>Sets the options that run from now on; null = the server is stopping and reports its state itself.</summary>
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
