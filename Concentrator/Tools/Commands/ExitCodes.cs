namespace Concentrator.Tools.Commands;

/// <summary>The exit codes of the process; systemd units and scripts rely on them.</summary>
internal static class ExitCodes
{
    public const int Success = 0;

    /// <summary>The configuration is wrong. Nothing was bound.</summary>
    public const int Configuration = 1;

    /// <summary>An argument cannot be used, or an address cannot be bound.</summary>
    public const int Unusable = 2;
}
