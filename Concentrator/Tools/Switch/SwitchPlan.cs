using Concentrator.Configuration.Options;
using Concentrator.Tools.Doctor;

namespace Concentrator.Tools.Switch;

/// <summary>The steps of a switch, in order. Undoing runs them in reverse.</summary>
internal static class SwitchPlan
{
    /// <summary>The steps to do; empty = none.</summary>
    /// <param name="host">The host to switch.</param>
    /// <param name="situation">The state of the host as found.</param>
    /// <param name="options">The options of the server.</param>
    /// <param name="edit">Whether HAProxy's files may be changed.</param>
    public static IReadOnlyList<SwitchStep> Steps(SwitchedHost host, SwitchFindings situation, ServerOptions options, bool edit)
    {
        SwitchPlace place = situation.Place;
        ProofStep proof = new(host, place, options);
        List<SwitchStep> steps = [];
        if (!situation.ComesHere)
        {
            if (KernelStep.IsNeeded(host)) steps.Add(new KernelStep(host));
            steps.AddRange(place.Abstract is null ? [new SocketStep(host, place), new PathStep(host, place)] : [new ServiceStep(host, place)]);
            if (place.IsContended && UnitMountCheck.Mounts(host.Examined, place.HostPath)) steps.Add(new DropInStep(host));
            if (!place.IsOwnName) steps.Add(proof);
            if (situation.HasSnippet) steps.AddRange([new RsyslogStep(host, place), proof]);
        }
        if (edit && situation.Changes.Count > 0) steps.AddRange([new HaproxyConfigStep(host, situation.Changes), proof]);
        return steps;
    }

    /// <summary>The step with that name in the journal, for undoing it.</summary>
    /// <exception cref="SwitchFailure">There is no such step: another version wrote the journal.</exception>
    public static SwitchStep Named(string name, SwitchedHost host, SwitchPlace place) => name switch
    {
        KernelStep.StepName => new KernelStep(host),
        SocketStep.StepName => new SocketStep(host, place),
        PathStep.StepName => new PathStep(host, place),
        ServiceStep.StepName => new ServiceStep(host, place),
        DropInStep.StepName => new DropInStep(host),
        RsyslogStep.StepName => new RsyslogStep(host, place),
        HaproxyConfigStep.StepName => new HaproxyConfigStep(host, []),
        ProofStep.StepName => new ProofStep(host, place, new ServerOptions { Listeners = [], Outputs = [], Routes = [] }),
        _ => throw new SwitchFailure($"{host.StateFile}: unknown step {name}"),
    };
}
