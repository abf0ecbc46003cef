using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Concentrator.Tools.Switch;

/// <summary>A line that looks like HAProxy's and that no other line equals: sent to a socket, and looked for in files.</summary>
internal sealed class Mark
{
    private readonly string _text = $"concentrator switch: mark {Convert.ToHexString(RandomNumberGenerator.GetBytes(8))}";

    private readonly List<FileGrowth> _files;
    private string? _foundIn;

    /// <param name="files">Where it is looked for, behind what they hold now; those that do not exist may come.</param>
    public Mark(IEnumerable<string> files) => _files = [.. files.Select(static file => new FileGrowth(file))];

    /// <summary>Sends it as one datagram; waits some seconds for room in the socket, as HAProxy does not.</summary>
    /// <exception cref="SwitchFailure">The socket does not take it.</exception>
    public void SendTo(UnixDomainSocketEndPoint socket)
    {
        DateTime now = DateTime.Now;
        string line = string.Create(
            CultureInfo.InvariantCulture, $"<134>{now:MMM} {now.Day,2} {now:HH:mm:ss} haproxy[{Environment.ProcessId}]: {_text}\n");
        using Socket sender = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { SendTimeout = 5000 };
        try
        {
            sender.SendTo(Encoding.ASCII.GetBytes(line), socket);
        }
        catch (SocketException e)
        {
            throw new SwitchFailure($"{socket} takes no line: {e.Message}");
        }
    }

    /// <summary>The first of the files that has it; null where none has. A file that was rotated meanwhile is read from its beginning.</summary>
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
            // It is not there yet.
            return false;
        }
    }
}
