using System.Net.Sockets;
using System.Text.Json;
using Concentrator.Tools.Doctor;
using Concentrator.Tools.Trace;

namespace Concentrator.Tools.Switch;

/// <summary>Sends a line to the socket that a HAProxy worker sees at a place.</summary>
internal sealed class SocketProbe(SwitchPlace place, HaproxyProcess worker) : TraceProbe
{
    public override string Hint => $"nobody here reads what HAProxy (pid {worker.Pid}) sends to {place.Address}";

    /// <exception cref="SwitchFailure">The socket does not accept the line.</exception>
    public override Task<TraceStation> SendAsync(JsonElement hello, CancellationToken stop)
    {
        UnixDomainSocketEndPoint socket = place.SeenBy(worker);
        DateTimeOffset now = DateTimeOffset.Now;
        MarkedLine.Send(Mark.LocalLine("haproxy", now.LocalDateTime), socket);
        return Task.FromResult(new TraceStation("sent", null, now, $"to {socket}"));
    }
}
