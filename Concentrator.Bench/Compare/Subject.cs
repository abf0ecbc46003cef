using Concentrator.Bench.Programs;
using Concentrator.Tools.Rehearsal;

namespace Concentrator.Bench.Compare;

/// <summary>The addresses and paths that a subject uses in one trial.</summary>
/// <param name="Directory">The subject's own directory, which holds everything that it writes.</param>
/// <param name="Intake">The sink's port on 127.0.0.1.</param>
/// <param name="CaFile">The CA of the sink's certificate, which is for <see cref="ThrowAwayCertificate.ServerName"/>.</param>
internal sealed record TrialPlace(string Directory, int UdpPort, int TcpPort, int Intake, string CaFile)
{
    public string Socket => In("log");

    public string LogFile => In("haproxy.log");

    public string In(string name) => Path.Combine(Directory, name);

    /// <summary>Writes a text file and returns its path.</summary>
    public string Write(string name, string text)
    {
        File.WriteAllText(In(name), text);
        return In(name);
    }
}

/// <summary>
/// A program to compare. It listens on the unix socket, UDP and TCP of a <see cref="TrialPlace"/>, writes the file, and relays to the
/// intake in Sekoia's format.
/// </summary>
internal abstract class Subject
{
    /// <summary>The name in tables, the same for every trial.</summary>
    public abstract string Name { get; }

    /// <summary>Null when the program can run; otherwise one line that says what is missing.</summary>
    public abstract string? Missing { get; }

    /// <summary>False for the bare loop, which only receives.</summary>
    public virtual bool Relays => true;

    /// <summary>Whether it relays to an HTTPS intake in place of syslog over TLS.</summary>
    public virtual bool IsHttps => false;

    public virtual bool Takes(Scenario scenario) => true;

    public abstract ChildProcess Start(TrialPlace place);
}
