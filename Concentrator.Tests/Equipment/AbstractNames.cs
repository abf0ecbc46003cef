using System.Globalization;

namespace Concentrator.Tests.Equipment;

/// <summary>Names in Linux's abstract namespace of unix sockets, which all processes of a network namespace share.</summary>
internal static class AbstractNames
{
    private const int BytesBehindTheFirst = 107;

    private static int _given;

    /// <summary>A name that no other test has.</summary>
    public static string Next() =>
        string.Create(CultureInfo.InvariantCulture, $"concentrator-test-{Environment.ProcessId}-{Interlocked.Increment(ref _given)}");

    /// <summary>The whole name, as a socket is bound to it: HAProxy's <c>abns@NAME</c> has all of sun_path, <c>abnsz@NAME</c> what is needed.</summary>
    /// <param name="kind"><c>abns@</c> or <c>abnsz@</c>.</param>
    /// <param name="name">ASCII.</param>
    public static string Whole(string kind, string name) => "\0" + (kind == "abns@" ? name.PadRight(BytesBehindTheFirst, '\0') : name);

    /// <summary>How many sockets of that type (<c>1</c> stream, <c>2</c> datagram) the kernel shows under exactly that name.</summary>
    public static int Count(string whole, int type)
    {
        string shown = whole.Replace('\0', '@');
        return File.ReadLines("/proc/net/unix").Select(static line => line.Split(' ', 8, StringSplitOptions.RemoveEmptyEntries))
            .Count(fields => fields.Length == 8 && fields[7] == shown && fields[4] == string.Create(CultureInfo.InvariantCulture, $"{type:0000}"));
    }
}
