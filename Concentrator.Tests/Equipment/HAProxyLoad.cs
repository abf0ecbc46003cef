using System.Diagnostics;

namespace Concentrator.Tests.Equipment;

/// <summary>
/// Numbered messages to a unix datagram socket at a steady rate, as HAProxy sends them: never waiting, from a thread of its own
/// that sleeps between portions so that it leaves the machine to the server.
/// </summary>
internal sealed class HAProxyLoad : IDisposable
{
    private readonly DatagramSender _sender;
    private readonly int _perSecond;
    private readonly Thread _thread;
    private volatile bool _enough;

    /// <param name="sendBuffer">SO_SNDBUF; beyond wmem_max where we are root.</param>
    public HAProxyLoad(string path, int perSecond, int sendBuffer)
    {
        _sender = DatagramSender.LikeHAProxy(path, sendBuffer);
        _perSecond = perSecond;
        _thread = new Thread(Run) { IsBackground = true, Name = "HAProxy load" };
        _thread.Start();
    }

    /// <summary>Valid after <see cref="Stop"/>.</summary>
    public DatagramSender Sender => _sender;

    /// <summary>The most of the send buffer that was ever in use.</summary>
    public int MostOutstanding { get; private set; }

    public void Stop()
    {
        _enough = true;
        _thread.Join();
    }

    public void Dispose()
    {
        Stop();
        _sender.Dispose();
    }

    private void Run()
    {
        NumberedMessage message = NumberedMessage.LocalHttpLog;
        long start = Stopwatch.GetTimestamp();
        for (int number = 0; !_enough;)
        {
            // A message that is refused keeps its number: it is lost, and counted as that.
            for (int due = (int)(Stopwatch.GetElapsedTime(start).TotalSeconds * _perSecond); number < due; number++) _sender.TrySend(message.Render(number));
            MostOutstanding = Math.Max(MostOutstanding, _sender.Outstanding);
            Thread.Sleep(1);
        }
    }
}
