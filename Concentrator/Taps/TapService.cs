using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Telemetry.Log;
using Microsoft.Extensions.Logging;

namespace Concentrator.Taps;

/// <summary>
/// Opens taps for clients of the control socket, <see cref="TapPoint.Most"/> at a time, and ends them when the server stops. Any thread may
/// call.
/// </summary>
/// <param name="point">Where the taps are attached.</param>
/// <param name="ledger">The counters of listeners and outputs.</param>
/// <param name="keys">Hides intake keys.</param>
/// <param name="options">The running configuration.</param>
internal sealed class TapService(
    TapPoint point, Ledger ledger, KeyMask keys, Func<ServerOptions> options, TimeProvider time, ILogger log) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<TapConversation> _running = [];
    private bool _isStopped;

    /// <summary>
    /// Opens a tap: from now on messages are gathered for it. The caller sends <see cref="TapRequest.Accepted"/> and then starts the
    /// conversation, or abandons it. False, with the reason for people in one line, if there is no tap; the caller then keeps the socket.
    /// </summary>
    /// <param name="peer">The client.</param>
    /// <param name="text">Its request.</param>
    public bool TryOpen(
        Socket peer, string text, [NotNullWhen(true)] out TapConversation? conversation, [NotNullWhen(false)] out string? reason)
    {
        conversation = null;
        if (!TapRequest.TryParse(text, out TapRequest? request, out reason)) return false;
        reason = Unknown("listener", request.Listener, options().Listeners.Select(static l => l.Name))
            ?? Unknown("output", request.Output, options().Outputs.Select(static o => o.Name));
        if (reason is not null) return false;
        Tap tap = new(request, time);
        if (!point.TryAdd(tap))
        {
            reason = $"{TapPoint.Most} taps are open, which is the most; end one of them";
            return false;
        }
        conversation = new TapConversation(peer, tap, ledger, keys, time, Ended);
        return true;
    }

    /// <summary>Starts a conversation that was opened.</summary>
    /// <param name="pid">The client's process.</param>
    public void Start(TapConversation conversation, int pid)
    {
        lock (_gate)
        {
            if (_isStopped)
            {
                Abandon(conversation);
                return;
            }
            _running.Add(conversation);
        }
        log.TapBegan(pid, conversation.Tap.Request.ToString());
        conversation.Start(options());
    }

    /// <summary>Gives up a conversation that was opened and not started.</summary>
    public void Abandon(TapConversation conversation)
    {
        point.Remove(conversation.Tap);
        conversation.Dispose();
    }

    /// <summary>Ends all conversations and waits for them; none waits for its client.</summary>
    public void Dispose()
    {
        TapConversation[] running;
        lock (_gate)
        {
            _isStopped = true;
            running = [.. _running];
        }
        foreach (TapConversation conversation in running) conversation.Stop();
        foreach (TapConversation conversation in running) conversation.Join();
    }

    private static string? Unknown(string kind, string? name, IEnumerable<string> known)
    {
        string[] names = [.. known];
        return name is null || names.Contains(name, StringComparer.OrdinalIgnoreCase)
            ? null
            : $"the running server has no {kind} \"{name}\"; it has {string.Join(", ", names)}";
    }

    private void Ended(TapConversation conversation)
    {
        point.Remove(conversation.Tap);
        lock (_gate) _running.Remove(conversation);
        log.TapEnded(conversation.Shown, conversation.Tap.Counts.PassedOver);
    }
}
