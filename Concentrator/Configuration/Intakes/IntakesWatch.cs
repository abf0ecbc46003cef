namespace Concentrator.Configuration.Intakes;

/// <summary>
/// Looks once a second whether an <c>intakes.yaml</c> holds something else, and says so when it has held that for two looks: a
/// file that is still being written is left alone. Contents are compared, because a file mounted alone into a container may be
/// rewritten in place, replaced or mounted anew, which no notification reports in every case. Its timer ends when it is disposed.
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
    /// <param name="known">What was read from it.</param>
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
            byte[] now = Loading.SourceFile.Read(_file, "").TryGet(out byte[]? content, out _) ? content : [];
            bool isSteady = now.AsSpan().SequenceEqual(_last);
            _last = now;
            if (!isSteady || now.AsSpan().SequenceEqual(_known)) return;
            _known = now;
            _changed();
        }
    }
}
