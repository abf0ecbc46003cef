using Concentrator.Bench.Programs;
using Concentrator.Configuration.Options;

namespace Concentrator.Bench.Compare;

/// <summary>The upper bound: a <c>recvmmsg</c> loop that discards what it reads, in its own process.</summary>
internal sealed class BareSubject : Subject
{
    public override string Name => "bare recvmmsg loop";

    public override string? Missing => null;

    public override bool Relays => false;

    public override bool Takes(Scenario scenario) => scenario.IsFlood && scenario.Transport == Transport.UnixDatagram;

    public override ChildProcess Start(TrialPlace place) =>
        new(ServerBinary.Dotnet, [typeof(BareSubject).Assembly.Location, BareReader.CommandName, place.Socket], place.Directory);
}
