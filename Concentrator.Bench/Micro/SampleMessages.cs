using System.Text;

namespace Concentrator.Bench.Micro;

/// <summary>The message every benchmark uses: an httplog line of about 300 bytes, as HAProxy sends it.</summary>
internal static class SampleMessages
{
    private const string Line =
        "192.0.2.10:51124 [22/Nov/2026:06:13:25.103] www~ be_app/app1 0/0/1/18/19 200 5120 - - ---- 12/12/3/1/0 0/0 "
        + "{www.example.test|Mozilla/5.0 (X11; Linux x86_64)|203.0.113.7} {application/json} "
        + "\"GET /products/list?page=4&sort=price&order=ascending HTTP/1.1\"";

    public static byte[] Local { get; } = Encoding.ASCII.GetBytes("<134>Nov 22 06:13:25 haproxy[32177]: " + Line + "\n");

    public static byte[] Rfc5424 { get; } =
        Encoding.ASCII.GetBytes("<134>1 2026-11-22T06:13:25.123456+00:00 edge haproxy 32177 - - " + Line + "\n");
}
