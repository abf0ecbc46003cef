using Concentrator.Ingest.Sockets;

namespace Concentrator.Hosting.HandOver;

/// <summary>
/// A process that asks to take over, between the thread that talks to it and the server's own loop, which decides. The loop
/// calls <see cref="OfferAsync"/> and, when that says taken, <see cref="Finish"/>, once each.
/// </summary>
internal sealed class Successor(int pid)
{
    private readonly TaskCompletionSource<(IReadOnlyList<BoundListener>, TimeSpan)> _offer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<bool> _taken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public int Pid { get; } = pid;

    /// <summary>
    /// Hands the sockets over; both processes then have them. True when the successor has them all: from then on it waits for us
    /// to end, and there is no way back. False when it has gone away: nothing has happened.
    /// </summary>
    /// <param name="timeout">How long the stop after it may take.</param>
    public Task<bool> OfferAsync(IReadOnlyList<BoundListener> listeners, TimeSpan timeout)
    {
        _offer.TrySetResult((listeners, timeout));
        return _taken.Task;
    }

    /// <summary>Everything that the successor needs is free.</summary>
    public void Finish() => _finished.TrySetResult();

    /// <summary>The talking thread's side of <see cref="OfferAsync"/>.</summary>
    public (IReadOnlyList<BoundListener> Listeners, TimeSpan Timeout) WaitForOffer(TimeSpan within, CancellationToken stop) =>
        _offer.Task.Wait((int)within.TotalMilliseconds, stop) ? _offer.Task.Result : throw new IOException("the server is busy with a reload");

    public void SetTaken(bool taken) => _taken.TrySetResult(taken);

    /// <summary>The talking thread's side of <see cref="Finish"/>.</summary>
    public void WaitUntilFinished(TimeSpan within)
    {
        if (!_finished.Task.Wait(within)) throw new IOException("the stop takes too long");
    }
}
