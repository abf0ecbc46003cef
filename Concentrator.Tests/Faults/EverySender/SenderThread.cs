namespace Concentrator.Tests.Faults.EverySender;

/// <summary>A sender, or whoever makes trouble, that goes on until it is told to stop. What ends it before is kept for the judge.</summary>
internal sealed class SenderThread : IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan MostOwed = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _over = new();
    private readonly Thread _thread;
    private readonly string _name;
    private Exception? _failure;

    /// <param name="perSecond">The pace that it is given.</param>
    public SenderThread(string name, double perSecond, Action<SteadyPace> send)
    {
        _name = name;
        _thread = new Thread(() =>
        {
            try
            {
                send(new SteadyPace(perSecond, Tick, MostOwed, _over.Token));
            }
            catch (Exception unforeseen)
            {
                _failure = unforeseen;
            }
        })
        { IsBackground = true, Name = name };
        _thread.Start();
    }

    /// <summary>It ends what it is at, and no more.</summary>
    public void TellToStop() => _over.Cancel();

    /// <summary>Waits for the end; what kept it from its work, if anything did.</summary>
    public string? Join(TimeSpan within)
    {
        if (!_thread.Join(within)) return $"{_name} does not end";
        return _failure is null ? null : $"{_name}: {_failure}";
    }

    public void Dispose()
    {
        TellToStop();
        if (_thread.Join(Equipment.Deadline.Process)) _over.Dispose();
    }
}
