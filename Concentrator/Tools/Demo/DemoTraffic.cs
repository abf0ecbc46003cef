using System.Globalization;
using System.Text;
using Concentrator.Messages.FrameScanning;
using Concentrator.Messages.Parsing;

namespace Concentrator.Tools.Demo;

/// <summary>
/// Generates what a busy HAProxy logs: httplog lines, occasional servers that go down or up, and hostile requests of clients. Each message
/// has its number (<see cref="MessageNumber"/>) in its request path or after its text. Not thread-safe.
/// </summary>
internal sealed class DemoTraffic(SenderPlan plan)
{
    private const string Local0Notice = "<133>";
    private const string Local0Alert = "<129>";
    private const string Local0Info = "<134>";

    private static readonly string[] Paths = ["/", "/products", "/products/42", "/cart", "/checkout", "/api/v2/orders", "/static/app.js"];
    private static readonly string[] Methods = ["GET", "GET", "GET", "GET", "POST", "PUT", "HEAD"];
    private static readonly int[] Statuses = [200, 200, 200, 200, 200, 304, 302, 404, 500, 503];

    // Each sender has its own fixed seed, so every run sends the same requests.
    private readonly Random _random = new(plan.Letter);

    /// <summary>Renders message number <paramref name="number"/>, without framing.</summary>
    /// <param name="number">From 0, in order.</param>
    /// <param name="isMalformed">Whether it has no valid header, so that the listener must count it as malformed.</param>
    public byte[] Render(int number, out bool isMalformed)
    {
        isMalformed = false;
        string mark = MessageNumber.Of(plan.Letter, number);
        switch (number % 500)
        {
            case 100:
                return Text($"{Header(Local0Alert)}Server shop/app2 is DOWN, reason: Layer4 connection problem, info: "
                    + "\"Connection refused\", check duration: 0ms. 2 active and 0 backup servers left. "
                    + $"11 sessions active, 0 requeued, 0 remaining in queue. {mark}");
            case 150:
                return Text($"{Header(Local0Notice)}Server shop/app2 is UP, reason: Layer7 check passed, code: 200, check duration: 3ms. "
                    + $"3 active and 0 backup servers online. 0 sessions requeued, 0 total in queue. {mark}");
            case 200:
                return Text($"{Header(Local0Info)}{Client()} [{Accepted()}] web web/<NOSRV> -1/-1/-1/-1/0 400 0 - - PR-- 7/7/0/0/0 0/0 "
                    + $"\"<BADREQ>\" {mark}");
            case 250:
                isMalformed = true;
                return Text($"<BADREQ> {mark}");
            case 300:
                isMalformed = true;
                return Text($"<999>{Header("")}a priority that no syslog has {mark}");
            case 350:
                return plan.Framing == Framing.Lf ? LooksLikeACount(mark, out isMalformed) : ForgedLine(mark);
            case 400:
                return Binary(mark);
            default:
                return Text($"{Header(Local0Info)}{Client()} [{Accepted()}] web shop/app{_random.Next(1, 4)} {Timers()} - - ---- "
                    + $"{_random.Next(20, 60)}/{_random.Next(10, 20)}/4/2/0 0/0 \"{Pick(Methods)} {Pick(Paths)}?{mark} HTTP/1.1\"");
        }
    }

    /// <summary>HAProxy's own notice of a ring overflow. On a stream it could be mistaken for an octet count.</summary>
    private static byte[] LooksLikeACount(string mark, out bool isMalformed)
    {
        isMalformed = true;
        return Text($"116 events dropped {mark}");
    }

    /// <summary>A client's decoded %0A in a path, followed by a message that the client wants to forge.</summary>
    private byte[] ForgedLine(string mark) =>
        Text($"{Header(Local0Info)}{Client()} [{Accepted()}] web shop/app1 {Timers()} - - ---- 9/9/1/1/0 0/0 \"GET /\n"
            + $"<128>1 2026-01-01T00:00:00Z bank sshd 1 - - Accepted password for root {mark} HTTP/1.1\"");

    /// <summary>Every byte value, except LF on an LF-framed stream.</summary>
    private byte[] Binary(string mark)
    {
        byte[] all = [.. Enumerable.Range(0, 256).Select(static i => (byte)i)];
        IEnumerable<byte> allowed = plan.Framing == Framing.Lf ? all.Where(static b => b != '\n') : all;
        return [.. Text(Header(Local0Info)), .. allowed, .. Text($" {mark}")];
    }

    private string Header(string priority)
    {
        DateTimeOffset now = DateTimeOffset.Now;
        return plan.Header == HeaderFormat.Local
            ? string.Create(CultureInfo.InvariantCulture, $"{priority}{now:MMM} {now.Day,2} {now:HH:mm:ss} haproxy[1871]: ")
            : string.Create(CultureInfo.InvariantCulture, $"{priority}1 {now:yyyy-MM-dd'T'HH:mm:ss.ffffffzzz} edge1 haproxy 1871 - - ");
    }

    private string Client() =>
        string.Create(CultureInfo.InvariantCulture, $"203.0.113.{_random.Next(1, 255)}:{_random.Next(1024, 65536)}");

    private static string Accepted() => DateTimeOffset.Now.ToString("dd/MMM/yyyy:HH:mm:ss.fff", CultureInfo.InvariantCulture);

    private string Timers()
    {
        int connect = _random.Next(3), response = _random.Next(2, 180);
        return string.Create(
            CultureInfo.InvariantCulture, $"0/0/{connect}/{response}/{connect + response} {Pick(Statuses)} {_random.Next(180, 90_000)}");
    }

    private T Pick<T>(T[] from) => from[_random.Next(from.Length)];

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);
}
