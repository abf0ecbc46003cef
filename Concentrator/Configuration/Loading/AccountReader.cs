using Concentrator.Configuration.Values;
using Concentrator.Native;

namespace Concentrator.Configuration.Loading;

/// <summary>Reads the <c>Owner</c> and <c>Group</c> of a socket or a file.</summary>
internal static class AccountReader
{
    public const string OwnerKey = "Owner";

    public const string GroupKey = "Group";

    public static string? Owner(SectionReader section) => section.Value<string?>(OwnerKey, ParseOwner, null);

    public static string? Group(SectionReader section) => section.Value<string?>(GroupKey, ParseGroup, null);

    private static Parsed<string?> ParseOwner(string text) =>
        Accounts.TryFindUser(text, out _)
            ? text
            : new Problem($"there is no user {Problem.Quote(text)} on this machine; create it, or use another name or a numeric ID");

    private static Parsed<string?> ParseGroup(string text) =>
        Accounts.TryFindGroup(text, out _)
            ? text
            : new Problem($"there is no group {Problem.Quote(text)} on this machine; create it, or use another name or a numeric ID");
}
