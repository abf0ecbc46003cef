using Concentrator.Configuration.Options;
using Concentrator.Telemetry.Log;
using Microsoft.Extensions.Logging;

namespace Concentrator.Queues.Totals;

/// <summary>
/// Where listeners keep totals: <c>.totals</c> in the spool directory, a file for each. Whoever holds the lock of the spool's memory is the only
/// process that uses it. With <c>Durability: memory</c>, or without a directory, totals are the process's.
/// </summary>
internal sealed class TotalsFolder
{
    private const string FolderName = ".totals";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly string? _path;
    private readonly TimeProvider _time;
    private readonly ILogger _log;

    /// <param name="spool">Null = no totals outlive the process.</param>
    public TotalsFolder(SpoolOptions? spool, TimeProvider time, ILogger log)
    {
        _path = spool is { Durability: not Durability.Memory } ? Path.Combine(spool.Directory, FolderName) : null;
        _time = time;
        _log = log;
    }

    /// <summary>Opens the totals of a listener. Never fails.</summary>
    /// <param name="name">Name of the listener.</param>
    /// <param name="purpose">As of <see cref="TotalsFile.Open"/>.</param>
    /// <param name="words">Number of words.</param>
    public TotalsFile Open(string name, string purpose, int words)
    {
        string? path = _path is null ? null : Path.Combine(_path, name);
        try
        {
            if (_path is not null) Directory.CreateDirectory(_path, OwnerOnly);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _log.TotalsEndWithProcess(path!, e.Message);
            path = null;
        }
        return TotalsFile.Open(path, purpose, words, _time, _log);
    }
}
