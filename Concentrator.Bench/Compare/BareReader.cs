using System.CommandLine;
using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Concentrator.Tools.Commands;
using static Concentrator.Native.DatagramCalls;

namespace Concentrator.Bench.Compare;

/// <summary>Reads a unix datagram socket until cancelled, then reports the number of datagrams.</summary>
internal static unsafe class BareReader
{
    public const string CommandName = "receive";

    /// <summary>The prefix of the line with the number.</summary>
    public const string Answer = "received ";

    private const int BatchSize = 64;
    private const int SlotSize = 66 * 1024;

    /// <summary>A hidden command that <c>compare</c> starts.</summary>
    public static Command Create(TextWriter output)
    {
        Argument<string> path = new("PATH");
        Command command = new(CommandName, "Receive datagrams and discard them.") { path };
        command.Hidden = true;
        command.SetAction((parsed, stop) => Task.Run(() => Execute(parsed.GetValue(path)!, output, stop), CancellationToken.None));
        return command;
    }

    private static int Execute(string path, TextWriter output, CancellationToken stop)
    {
        using Socket socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        byte* slots = (byte*)NativeMemory.AllocZeroed(BatchSize, SlotSize);
        MessageHeader* headers = stackalloc MessageHeader[BatchSize];
        IoVector* vectors = stackalloc IoVector[BatchSize];
        for (int i = 0; i < BatchSize; i++)
        {
            vectors[i] = new IoVector { Base = slots + ((nint)i * SlotSize), Length = SlotSize };
            headers[i] = new MessageHeader { Vectors = vectors + i, VectorCount = 1 };
        }
        long received = 0;
        PollEntry wait = new() { FileDescriptor = (int)socket.SafeHandle.DangerousGetHandle(), Events = PollIn };
        while (!stop.IsCancellationRequested)
        {
            int count = ReceiveMany(socket.SafeHandle, headers, BatchSize, DontWait, 0);
            if (count > 0) received += count;
            else _ = Poll(&wait, 1, 50);
        }
        NativeMemory.Free(slots);
        File.Delete(path);
        output.WriteLine(Answer + received.ToString(CultureInfo.InvariantCulture));
        output.Flush();
        return ExitCodes.Success;
    }
}
