using Concentrator.Configuration.Loading;
using Concentrator.Configuration.Values;
using Concentrator.Messages;

namespace Concentrator.Tools.Import;

/// <summary>Parses selectors such as <c>*.info;mail,news.none;kern.!=err</c> left to right; later parts override earlier ones.</summary>
internal static class RsyslogSelector
{
    private const int Facilities = 24;

    public static Parsed<FilterSelector> Parse(string text)
    {
        byte[] masks = new byte[Facilities];
        foreach (string part in text.Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            int dot = part.IndexOf('.', StringComparison.Ordinal);
            if (dot <= 0 || dot == part.Length - 1)
            {
                return new Problem($"{Problem.Quote(part)} is not FACILITY.PRIORITY");
            }
            if (!Which(part[..dot]).TryGet(out uint facilities, out string? problem)
                || !Change(part[(dot + 1)..]).TryGet(out Func<byte, byte>? change, out problem))
            {
                return new Problem(problem);
            }
            for (int i = 0; i < Facilities; i++)
            {
                if ((facilities >> i & 1) != 0) masks[i] = change(masks[i]);
            }
        }
        return new FilterSelector(masks);
    }

    private static Parsed<uint> Which(string text)
    {
        uint facilities = 0;
        foreach (string name in text.Split(','))
        {
            if (name == "*")
            {
                facilities = uint.MaxValue;
            }
            else if (FacilityCondition.Parse(name).TryGet(out Facility facility, out _))
            {
                facilities |= 1u << (int)facility;
            }
            else
            {
                return new Problem($"{Problem.Quote(name)} is not a facility");
            }
        }
        return facilities;
    }

    /// <summary>How a priority changes the severities that earlier parts selected.</summary>
    private static Parsed<Func<byte, byte>> Change(string text)
    {
        bool without = text.StartsWith('!');
        string rest = without ? text[1..] : text;
        bool alone = rest.StartsWith('=');
        string name = alone ? rest[1..] : rest;
        byte named;
        if (name == "*")
        {
            named = byte.MaxValue;
        }
        else if (name.Equals("none", StringComparison.OrdinalIgnoreCase))
        {
            named = byte.MaxValue;
            without = !without;
        }
        else if (name.Contains('.', StringComparison.Ordinal) || !SeverityCondition.Parse(alone ? $"{name}..{name}" : name).TryGet(out named, out _))
        {
            return new Problem($"{Problem.Quote(name)} is not a priority");
        }
        return without ? (Func<byte, byte>)(mask => (byte)(mask & ~named)) : mask => (byte)(mask | named);
    }
}
