using System.Net;
using Concentrator.Configuration.Options;
using Microsoft.AspNetCore.Http;

namespace Concentrator.Hosting.Access;

/// <summary>
/// Which <c>Host</c> headers are answered. A web page elsewhere can point a name of its own at this server's address and then read the
/// answers (DNS rebinding), but it cannot choose an IP address or a name of this machine. Any thread may call.
/// </summary>
internal sealed class HostRule
{
    private readonly HashSet<string> _names;
    private readonly bool _isAnyAnswered;

    /// <param name="options">A token, or a socket that no browser can reach, makes the rule unnecessary.</param>
    /// <param name="machine">This machine's host name, with or without its domain; both are answered.</param>
    public HostRule(MonitoringOptions options, string machine)
    {
        _names = new HashSet<string>(options.Hosts, StringComparer.OrdinalIgnoreCase) { "localhost", machine, machine.Split('.')[0] };
        if (options.Address.EndPoint is { } at) _names.Add(at.Address.ToString());
        _isAnyAnswered = options.Token is not null || options.Address.Path is not null;
    }

    /// <param name="host">The header; without a value for HTTP/1.0, which no browser speaks.</param>
    public bool Allows(HostString host) =>
        _isAnyAnswered || !host.HasValue || _names.Contains(host.Host.TrimEnd('.')) || IPAddress.TryParse(host.Host, out _);
}
