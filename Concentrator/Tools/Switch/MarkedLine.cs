using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Concentrator.Tools.Switch;

/// <summary>A unique line in HAProxy's format, to send to a socket and to find in files.</summary>
internal sealed class MarkedLine
{
    private readonly string _text = $"concentrator switch: mark {Convert.ToHexString(RandomNumberGenerator.GetBytes(8))}";

    private readonly List<FileGrowth> _files;
    private string? _foundIn;

    /// <param name="files">The files to search, beyond their present length. They need not exist yet.</param>
    public MarkedLine(IEnumerable<string> files) => _files = [.. files.Select(static file => new FileGrowth(file))];

    /// <summary>Sends the line as one datagram. Unlike HAProxy, waits some seconds for room in the socket.</summary>
    /// <exception cref="SwitchFailure">The socket does not accept it.</exception>
    public void SendTo(UnixDomainSocketEndPoint socket)
    {
        DateTime now = DateTime.Now;
        Send(Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture, $"<134>{now:MMM} {now.Day,2} {now:HH:mm:ss} haproxy[{Environment.ProcessId}]: {_text}\n")), socket);
    }

    /// <summary>As <see cref="SendTo"/>, for another line.</summary>
    public static void Send(ReadOnlySpan<byte> line, UnixDomainSocketEndPoint socket)
    {
        using Socket sender = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { SendTimeout = 5000 };
        try
        {
            sender.SendTo(line, socket);
        }
        catch (SocketException e)
        {
            // ENOENT has the name of another error in .NET.
            string reason = e.SocketErrorCode == SocketError.AddressNotAvailable ? "there is no such socket" : e.Message;
            throw new SwitchFailure($"cannot send a line to {socket}: {reason}");
        }
    }

    /// <summary>The first file with the line; null when none has it. A file that was rotated meanwhile is read in full.</summary>
    public string? FoundIn() => _foundIn ??= _files.Find(IsIn)?.File;

    private bool IsIn(FileGrowth file)
    {
        try
        {
            using StreamReader reader = new(file.Open(), Encoding.Latin1);
            return reader.ReadToEnd().Contains(_text, StringComparison.Ordinal);
        }
        catch (IOException)
        {
            // The file does not exist yet.
            return false;
        }
    }
}
