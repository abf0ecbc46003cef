using System.Net.Sockets;
using System.Security.Authentication;
using Concentrator.Tests.Equipment;

namespace Concentrator.Tests.Faults.EverySender;

/// <summary>How a sender ends its connection.</summary>
internal enum Farewell
{
    /// <summary>It ends its direction, and waits for the server to end the other.</summary>
    InOrder,

    /// <summary>It closes, whatever there may be to read.</summary>
    AtOnce,

    /// <summary>It resets the connection, when its kernel has sent everything, in the middle of a message.</summary>
    ResetInMessage,

    /// <summary>It says something where an octet count must be, and is cut.</summary>
    BrokenCount,
}

/// <summary>Connections of a stream sender, one after another, each a series.</summary>
internal sealed class Conversations(SeriesBook book, string kind, SteadyPace pace, Func<StreamSender> connect)
{
    /// <summary>Where nobody listens, because the server was killed.</summary>
    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromMilliseconds(50);

    /// <summary>The last message of a connection is sent without its end.</summary>
    public bool LeavesLastOpen { get; init; }

    /// <summary>
    /// A unix stream's peer cannot tell the end of a process from that of a conversation: in order is then only what ended while its
    /// server was not being killed.
    /// </summary>
    public bool OverUnix { get; init; }

    public required Func<Series, byte[]> Next { get; init; }

    public void Hold(Func<int> messages, Func<Farewell> farewell)
    {
        while (!pace.IsOver) HoldOne(messages(), farewell());
    }

    private void HoldOne(int messages, Farewell farewell)
    {
        Series series = book.BeginConnection(kind);
        StreamSender sender;
        try
        {
            sender = connect();
        }
        catch (Exception refused) when (refused is SocketException or IOException or AuthenticationException)
        {
            Thread.Sleep(BetweenAttempts);
            return;
        }
        using (sender)
        {
            // Made to a later server than it is booked on: it says nothing there.
            if (book.Lives.Current != series.Life) return;
            try
            {
                for (int i = 0; i < messages && pace.Wait(); i++)
                {
                    byte[] message = Next(series);
                    if (LeavesLastOpen && i == messages - 1) sender.SendRaw(message);
                    else sender.Send(message);
                    series.Went();
                }
                End(sender, series, farewell);
            }
            catch (Exception ended) when (ended is SocketException or IOException or InvalidOperationException or AggregateException)
            {
                // The server was killed. What it had got of this connection nobody can know.
            }
        }
    }

    private void End(StreamSender sender, Series series, Farewell farewell)
    {
        switch (farewell)
        {
            case Farewell.InOrder:
                sender.FinishSending();
                series.IsKept = series.EndedAsMeant = sender.WaitForOrderlyEnd(Deadline.Transfer) && (!OverUnix || book.Lives.KillsBegun == series.Life);
                break;
            case Farewell.ResetInMessage:
                byte[] unfinished = Next(series);
                series.Unfinished = series.Attempted - 1;
                sender.SendUnfinished(unfinished);
                series.EndedAsMeant = sender.WaitUntilSent(Deadline.Transfer);
                sender.Reset();
                break;
            case Farewell.BrokenCount:
                sender.SendRaw("x1 no count\n"u8);
                series.EndedAsMeant = sender.WaitForClose(Deadline.Transfer);
                break;
            default:
                series.EndedAsMeant = true;
                break;
        }
    }
}
