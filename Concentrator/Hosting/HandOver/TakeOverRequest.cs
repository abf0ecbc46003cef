using Concentrator.Ingest.Sockets;

namespace Concentrator.Hosting.HandOver;

/// <summary>
/// A process that asks to take over; connects the thread that talks to it with the server's own loop, which decides. The loop
/// calls <see cref="OfferAsync"/> and, if that returns true, <see cref="Finish"/>, once each.
/// </summary>
internal sealed class TakeOverRequest(int pid)
{
    private readonly TaskCompletionSource<(IReadOnlyList<ListenerSocket>, TimeSpan)> _offer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<bool> _taken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public int Pid { get; } = pid;

    /// <summary>
    /// Hands the sockets over; both processes then have them. True if the successor has them all: it then waits for this process
    /// to end, and the hand-over cannot be undone. False if the successor has gone away: nothing has changed.
    /// </summary>
    /// <param name="timeout">How long the stop that follows may take.</param>
    public Task<bool> OfferAsync(IReadOnlyList<ListenerSocket> listeners, TimeSpan timeout)
    {
        _offer.TrySetResult((listeners, timeout));
        return _taken.Task;
    }

    /// <summary>Reports that everything the successor needs has been released.</summary>
    public void Finish() => _finished.TrySetResult();

    /// <summary>The talking thread's side of <see cref="OfferAsync"/>.</summary>
    public (IReadOnlyList<ListenerSocket> Listeners, TimeSpan Timeout) WaitForOffer(TimeSpan within, CancellationToken stop) =>
        _offer.Task.Wait((int)within.TotalMilliseconds, stop) ? _offer.Task.Result : throw new IOException("the server is reloading its configuration");

    public void SetTaken(bool taken) => _taken.TrySetResult(taken);

    /// <summary>The talking thread's side of <see cref="Finish"/>.</summary>
    public void WaitUntilFinished(TimeSpan within)
    {
        if (!_finished.Task.Wait(within)) throw new IOException("the server did not stop in time");
    }
}
