namespace Concentrator.Tools.Commands;

/// <summary>What the process says when it ends; systemd units and scripts rely on these.</summary>
internal static class ExitCodes
{
    public const int Success = 0;

    /// <summary>The configuration is wrong. Nothing was bound.</summary>
    public const int Configuration = 1;

    /// <summary>An argument cannot be used, or an address cannot be bound.</summary>
    public const int Unusable = 2;
}
