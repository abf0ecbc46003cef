using Concentrator.Configuration.Options;
using Concentrator.Tools.Doctor;
using NUnit.Framework;

namespace Concentrator.Tests.Tools.Doctor;

/// <summary>What tests say of a check's findings.</summary>
internal static class Findings
{
    public static ListenerOptions UnixListener(string path, Transport transport = Transport.UnixDatagram) =>
        new() { Name = "haproxy", Address = new ListenAddress(transport, path, null) };

    /// <summary>The one finding; it is well, and needs no remedy.</summary>
    public static void IsWell(this IEnumerable<Diagnosis> found) => IsWell(One(found));

    public static void IsWell(this Diagnosis found)
    {
        Assert.That(found.Verdict, Is.EqualTo(Verdict.Ok), found.ToString());
        Assert.That(found.Remedy, Is.Null);
    }

    /// <summary>The one finding, its words and its remedy's.</summary>
    public static void Says(this IEnumerable<Diagnosis> found, Verdict verdict, string finding, string remedy) => One(found).Says(verdict, finding, remedy);

    public static void Says(this Diagnosis found, Verdict verdict, string finding, string remedy)
    {
        Assert.Multiple(() =>
        {
            Assert.That(found.Verdict, Is.EqualTo(verdict), found.ToString());
            Assert.That($"{found.Subject}: {found.Finding}", Does.Contain(finding).And.Not.Contain("\n"));
            Assert.That(found.Remedy, Does.Contain(remedy));
        });
    }

    private static Diagnosis One(IEnumerable<Diagnosis> found)
    {
        Diagnosis[] all = [.. found];
        Assert.That(all, Has.Length.EqualTo(1), string.Join('\n', all.Select(static one => one.ToString())));
        return all[0];
    }
}
