namespace Concentrator.Configuration.Intakes;

/// <summary>
/// Checks once a second whether the content of an <c>intakes.yaml</c> has changed, and reports a change when two checks in a row saw
/// the same new content, so that a file still being written is left alone. Contents are compared because a file mounted into a
/// container may be rewritten in place, replaced or remounted, which no notification reports in every case. Disposing ends its timer.
/// </summary>
internal sealed class IntakesWatch : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly string _file;
    private readonly Action _changed;
    private readonly Lock _gate = new();
    private readonly ITimer _timer;
    private byte[] _known;
    private byte[] _last;

    /// <param name="file">Its path.</param>
    /// <param name="known">The content already read from it.</param>
    /// <param name="changed">Called on a thread of the pool; must return at once.</param>
    /// <param name="time">The clock.</param>
    public IntakesWatch(string file, byte[] known, Action changed, TimeProvider time)
    {
        _file = file;
        _known = _last = known;
        _changed = changed;
        _timer = time.CreateTimer(_ => Look(), null, Period, Period);
    }

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        lock (_gate)
        {
            byte[] now = Loading.WholeFile.ReadConfiguration(_file, "").TryGet(out byte[]? content, out _) ? content : [];
            bool isSteady = now.AsSpan().SequenceEqual(_last);
            _last = now;
            if (!isSteady || now.AsSpan().SequenceEqual(_known)) return;
            _known = now;
            _changed();
        }
    }
}
