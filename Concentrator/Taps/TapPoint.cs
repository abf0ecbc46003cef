namespace Concentrator.Taps;

/// <summary>
/// Where taps are attached to the way of messages. Every listener's lane looks here once a message: with nobody tapping that is one read
/// and one branch. Any thread may call.
/// </summary>
internal sealed class TapPoint
{
    /// <summary>The most taps at a time: enough for some operators in an incident, and a bound on what all of them can cost.</summary>
    public const int Most = 4;

    private readonly Lock _gate = new();
    private Tap[]? _active;

    /// <summary>The taps to offer each message; null = nobody taps.</summary>
    public Tap[]? Active => Volatile.Read(ref _active);

    /// <summary>From now on the tap is offered every message that is routed. False if there are already <see cref="Most"/>.</summary>
    public bool TryAdd(Tap tap)
    {
        lock (_gate)
        {
            if (_active?.Length == Most) return false;
            Volatile.Write(ref _active, [.. _active ?? [], tap]);
            return true;
        }
    }

    /// <summary>Detaches the tap. A thread that has just read <see cref="Active"/> may offer it one more message.</summary>
    public void Remove(Tap tap)
    {
        lock (_gate)
        {
            Tap[] left = [.. (_active ?? []).Where(other => other != tap)];
            Volatile.Write(ref _active, left.Length == 0 ? null : left);
        }
    }
}
