using System.Diagnostics;

namespace Concentrator.Tests.Equipment;

/// <summary>
/// Numbered messages at an even pace over one stream connection, sent by a thread of its own until it is stopped. What could
/// not be sent in time is sent as soon as it can be: the pace is kept on average.
/// </summary>
internal sealed class SteadyLoad : IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(5);

    private readonly StreamSender _sender;
    private readonly NumberedMessage _message;
    private readonly int _perSecond;
    private readonly int _first;
    private readonly Thread _thread;
    private int _sent;
    private volatile bool _stopping;
    private Exception? _failure;

    /// <param name="sender">Becomes the load's own.</param>
    /// <param name="message">Becomes the load's own.</param>
    /// <param name="first">The first message's number.</param>
    public SteadyLoad(StreamSender sender, NumberedMessage message, int perSecond, int first = 0)
    {
        _sender = sender;
        _message = message;
        _perSecond = perSecond;
        _first = first;
        _thread = new Thread(Run) { Name = "steady load", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Ends the sending and its connection in order; how many messages were sent.</summary>
    public int Stop()
    {
        _stopping = true;
        if (!_thread.Join(Deadline.Transfer)) throw new TimeoutException("the server takes nothing from a load's connection");
        if (_failure is not null) throw new InvalidOperationException("a load could not be sent", _failure);
        return _sent;
    }

    public void Dispose()
    {
        _stopping = true;
        _sender.Dispose();
        _thread.Join();
    }

    private void Run()
    {
        long start = Stopwatch.GetTimestamp();
        try
        {
            while (!_stopping)
            {
                int due = (int)(Stopwatch.GetElapsedTime(start).TotalSeconds * _perSecond);
                _sender.Send(_message, _first + _sent, due - _sent);
                _sent = due;
                Thread.Sleep(Tick);
            }
            _sender.FinishSending();
        }
        catch (Exception e)
        {
            _failure = e;
        }
    }
}
