using Concentrator.Configuration.Options;

namespace Concentrator.Tools.Doctor;

/// <summary>
/// Checks the server's two units when systemd runs it: the service runs and restarts, and the socket unit holds HAProxy's socket meanwhile.
/// Without the socket unit, lines are lost at each restart. Both must be enabled for the next boot.
/// </summary>
/// <param name="host">The host that the remedies are for.</param>
/// <param name="service">The state of the service unit.</param>
/// <param name="socket">The state of the socket unit.</param>
/// <param name="listeners">The server's listeners.</param>
/// <param name="lastError">The last log line of the service; null when it is unavailable.</param>
internal sealed class UnitCheck(ExaminedHost host, UnitState service, UnitState socket, IReadOnlyList<ListenerOptions> listeners, string? lastError)
{
    /// <summary>Queries systemd; null when it does not run.</summary>
    public static async Task<UnitCheck?> AskAsync(ExaminedHost host, IReadOnlyList<ListenerOptions> listeners, CancellationToken stop)
    {
        if (await UnitState.AskAsync(host.Systemctl, [UnitNames.Service, UnitNames.Socket], stop).ConfigureAwait(false) is not [{ } service, { } socket]) return null;
        string? last = !service.IsLoaded || service.IsActive ? null : service.StatusText.Length > 0 ? service.StatusText
            : await LastLineAsync(host, service, "--priority=err", stop).ConfigureAwait(false) ?? await LastLineAsync(host, service, "--priority=debug", stop).ConfigureAwait(false);
        return new UnitCheck(host, service, socket, listeners, last);
    }

    /// <summary>The last line that its last start logged with that priority or worse; null for none.</summary>
    private static async Task<string?> LastLineAsync(ExaminedHost host, UnitState service, string priority, CancellationToken stop)
    {
        string of = service.Invocation.Length > 0 ? $"_SYSTEMD_INVOCATION_ID={service.Invocation}" : $"_SYSTEMD_UNIT={UnitNames.Service}";
        string? said = await ProgramOutput.OfAsync(host.Journalctl, [of, priority, "--lines=1", "--output=cat", "--no-pager", "--quiet"], stop).ConfigureAwait(false);
        return said?.Trim().ReplaceLineEndings(" ") is { Length: > 0 } line ? line : null;
    }

    /// <summary>Whether the socket unit has a socket for a listener. It has none when all addresses are ports or abstract.</summary>
    private bool NeedsSocket => socket.IsLoaded && socket.Listens.Any(address => listeners.Any(listener => IsAt(listener.Address, address)));

    /// <summary>Whether these findings report that the server does not run, and why.</summary>
    public bool TellsWhyNot => service.IsLoaded && !service.IsActive;

    /// <summary>Empty when systemd does not run the server.</summary>
    public IEnumerable<Diagnosis> Look() => service.IsLoaded ? [OfService(), .. NeedsSocket ? [OfSocket()] : Array.Empty<Diagnosis>()] : [];

    private Diagnosis OfService()
    {
        const string Journal = "journalctl -u concentrator -n 20";
        string why = lastError is null ? "" : $": {lastError}";
        if (service.HasFailed) return Diagnosis.Fail(UnitNames.Service, $"{service.Shown}{why}", $"{Journal}; once that is fixed: {host.RestartServer}");
        if (service.IsTriedAgain)
            return Diagnosis.Fail(UnitNames.Service, $"{service.Shown}: it fails to start and is restarted repeatedly{why}", $"{Journal}    (once that is fixed, it starts by itself)");
        if (!service.IsActive)
        {
            return socket.IsActive
                ? Diagnosis.Warn(UnitNames.Service, $"{service.Shown}: no server is reading, and messages wait in the socket until it is full", host.StartServer)
                : Diagnosis.Fail(UnitNames.Service, $"{service.Shown}: no server is reading, and messages are lost{why}", host.StartServer);
        }
        return service.IsDisabled && (!NeedsSocket || socket.IsDisabled)
            ? Diagnosis.Fail(UnitNames.Service, "is not enabled: after the next boot no server will be reading", $"systemctl enable {Enabled}")
            : Diagnosis.Ok(UnitNames.Service, service.Shown);
    }

    private Diagnosis OfSocket()
    {
        if (!socket.IsActive)
            return Diagnosis.Fail(UnitNames.Socket, $"{socket.Shown}: systemd does not hold the socket while the server restarts, so each restart loses messages", host.RestartServer);
        return socket.IsDisabled
            ? Diagnosis.Fail(UnitNames.Socket, "is not enabled: after the next boot systemd will not hold the socket while the server restarts", $"systemctl enable {Enabled}")
            : Diagnosis.Ok(UnitNames.Socket, socket.Shown);
    }

    private string Enabled => NeedsSocket ? $"{UnitNames.Socket} {UnitNames.Service}" : UnitNames.Service;

    private static bool IsAt(ListenAddress listener, string address) =>
        listener.Path == address || (listener.Abstract is { IsPadded: false } name && address == $"@{name.Text}") || listener.EndPoint?.ToString() == address;
}
