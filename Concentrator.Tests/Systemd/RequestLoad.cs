using System.Globalization;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Systemd;

/// <summary>HTTP requests to a HAProxy in a container, each over a connection of its own and with a path that no other has.</summary>
internal sealed class RequestLoad : IDisposable
{
    /// <summary>Ends when its stdin does; says each path that was answered with 200.</summary>
    private const string Program = """
        import http.client, select, sys, time
        rate, port = float(sys.argv[1]), int(sys.argv[2])
        begin, number = time.monotonic(), 0
        while not select.select([sys.stdin], [], [], max(0, begin + number / rate - time.monotonic()))[0]:
            path = f"/id-{number:07d}."
            try:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
                connection.request("GET", path)
                if connection.getresponse().status == 200: print(path, flush=True)
                connection.close()
            except OSError:
                pass
            number += 1
        """;

    /// <summary>Bytes of stdout that are kept: a million paths.</summary>
    public const int OutputLimit = 16 << 20;

    private readonly int _rate;
    private readonly PeerProcess _process;

    /// <param name="root">Where HAProxy runs.</param>
    /// <param name="port">Of its frontend.</param>
    /// <param name="rate">Requests a second.</param>
    public RequestLoad(SystemdRoot root, int port, int rate)
    {
        _rate = rate;
        _process = root.StartInNetwork(new PeerStart
        {
            Path = Peer.Require("python3", "python3"),
            Arguments = ["-c", Program, rate.ToString(CultureInfo.InvariantCulture), port.ToString(CultureInfo.InvariantCulture)],
            KeepInput = true,
            OutputLimit = OutputLimit,
        });
    }

    /// <summary>The paths that were answered so far.</summary>
    public IReadOnlyList<string> Answered() => _process.Output.Text().Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Waits until so many more are answered.</summary>
    public void WaitForMore(int count)
    {
        int enough = Answered().Count + count;
        Eventually.Holds(() => Answered().Count >= enough, $"{count} more requests are answered", Deadline.Process, _process.Describe);
    }

    /// <summary>The load goes on: a second's requests more are answered.</summary>
    public void GoesOn() => WaitForMore(_rate);

    /// <summary>Ends the requests and returns the paths that were answered.</summary>
    public IReadOnlyList<string> End()
    {
        _process.Input.Close();
        _process.WaitForExit();
        Assert.That(_process.Output.WaitForEnd(Deadline.Reaction), "its output ends");
        return Answered();
    }

    public void Dispose() => _process.Dispose();
}
