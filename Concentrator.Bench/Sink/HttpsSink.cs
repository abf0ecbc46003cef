using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Text;
using Concentrator.Tools.Rehearsal;

namespace Concentrator.Bench.Sink;

/// <summary>
/// An intake over HTTPS that measures: answers each request with an id for each line of its body. As little of HTTP/1.1 as the server sends:
/// a head, <c>Content-Length</c>, gzip or not. A thread for each connection, so that it costs less than what is measured.
/// </summary>
internal sealed class HttpsSink : Intake, IMeasuringIntake
{
    private const int ChunkSize = 64 * 1024;

    private volatile SinkTally _tally = new();

    private HttpsSink(IssuedCertificate certificate)
        : base(new IPEndPoint(IPAddress.Loopback, 0), certificate)
    {
    }

    public SinkTally Tally
    {
        get => _tally;
        set => _tally = value;
    }

    /// <summary>Starts to listen on a free port of 127.0.0.1.</summary>
    public static HttpsSink OnLoopback(IssuedCertificate certificate)
    {
        HttpsSink sink = new(certificate);
        sink.Listen();
        return sink;
    }

    protected override void Serve(IntakeConnection connection)
    {
        if (!TryOpen(connection)) return;
        byte[] chunk = new byte[ChunkSize];
        MemoryStream received = new();
        int place = 0;
        while (true)
        {
            ReadOnlySpan<byte> bytes = received.GetBuffer().AsSpan(0, (int)received.Length);
            int end = bytes.IndexOf("\r\n\r\n"u8);
            string head = end < 0 ? "" : Encoding.ASCII.GetString(bytes[..end]);
            int bodyAt = end + 4, length = int.Parse(Header(head, "Content-Length") ?? "0", CultureInfo.InvariantCulture);
            if (end < 0 || bytes.Length < bodyAt + length)
            {
                int read = connection.Read(chunk);
                if (read == 0) return;
                received.Write(chunk, 0, read);
                continue;
            }
            byte[] body = bytes.Slice(bodyAt, length).ToArray(), rest = bytes[(bodyAt + length)..].ToArray();
            received.SetLength(0);
            received.Write(rest);
            int events = Record(Header(head, "Content-Encoding") == "gzip" ? Unpack(body) : body, ref place);
            connection.Stream.Write(Answer(events));
        }
    }

    private static string? Header(string head, string name)
    {
        int at = head.IndexOf($"\r\n{name}: ", StringComparison.OrdinalIgnoreCase);
        if (at < 0) return null;
        at += name.Length + 4;
        int end = head.IndexOf('\r', at);
        return end < 0 ? head[at..] : head[at..end];
    }

    private static byte[] Unpack(byte[] body)
    {
        using GZipStream gzip = new(new MemoryStream(body), CompressionMode.Decompress);
        using MemoryStream plain = new(body.Length * 8);
        gzip.CopyTo(plain);
        return plain.ToArray();
    }

    private static byte[] Answer(int events)
    {
        StringBuilder ids = new("{\"event_ids\":[");
        for (int i = 0; i < events; i++) ids.Append(i == 0 ? "" : ",").Append("\"9f3c1d52-0a4b-4c6e-8d7f-1b2a3c4d5e6f\"");
        string body = ids.Append("]}").ToString();
        return Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture, $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}"));
    }

    private int Record(ReadOnlySpan<byte> body, ref int place)
    {
        long now = Stopwatch.GetTimestamp();
        SinkTally tally = _tally;
        int events = 0;
        lock (tally.Gate)
        {
            foreach (Range line in body.Split((byte)'\n'))
            {
                tally.RecordUnsynchronized(body[line], ref place, now);
                events++;
            }
        }
        return events;
    }
}
