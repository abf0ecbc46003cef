using Concentrator.Tests.Equipment;

namespace Concentrator.Tests.Faults.EverySender;

/// <summary>Senders to sockets that outlive the server: what the kernel takes is promised.</summary>
internal static class PromisedDatagrams
{
    /// <summary>The largest message of a small sender, its kernel's bookkeeping included, has room many times over.</summary>
    private const int SendBuffer = 4 << 20;

    /// <summary>As HAProxy does, without ever waiting; but a number that found no room is tried again.</summary>
    public static void LikeHAProxy(string path, Series series, SteadyPace pace, Func<Series, byte[]> next, int most = int.MaxValue)
    {
        using DatagramSender sender = DatagramSender.LikeHAProxy(path, SendBuffer);
        while (series.Sent < most && pace.Wait()) Send(sender, series, next(series));
    }

    public static void One(string path, Series series, byte[] message)
    {
        using DatagramSender sender = DatagramSender.LikeHAProxy(path, SendBuffer);
        Send(sender, series, message);
    }

    public static void Udp(int port, Series series, SteadyPace pace)
    {
        using DatagramSender sender = DatagramSender.Udp(port);
        while (pace.Wait())
        {
            sender.Send(SoakText.Local(series));
            series.Went();
        }
    }

    private static void Send(DatagramSender sender, Series series, ReadOnlySpan<byte> message)
    {
        while (!sender.TrySend(message))
        {
            if (sender.Failed > 0) throw new InvalidOperationException("there is no socket, though it is held");
            Thread.Sleep(1);
        }
        series.Went();
    }
}
