using System.Text.Json;
using Concentrator.Tools.Status;

namespace Concentrator.Tools.Top;

/// <summary>Asks the server and compares each answer with the one before. One caller at a time.</summary>
internal sealed class ReadingSource(StatusQuery query, CancellationToken stop)
{
    private ServerReading? _before;

    /// <summary>The next frame, or why there is none. The next frame after a failure has no rates.</summary>
    public async Task<(RatedReading? Frame, StatusProblem? Problem)> NextAsync()
    {
        ServerReading? before = _before;
        _before = null;
        (_, JsonDocument? document, StatusProblem? problem) = await query.AskAsync(stop).ConfigureAwait(false);
        if (document is null) return (null, problem);
        using (document)
        {
            try
            {
                _before = ServerReading.Of(document.RootElement);
            }
            catch (Exception e) when (StatusQuery.IsMalformed(e))
            {
                return (null, query.Stranger);
            }
        }
        return (RatedReading.Between(before, _before), null);
    }
}
