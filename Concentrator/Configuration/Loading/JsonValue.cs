using System.Text.Json;

namespace Concentrator.Configuration.Loading;

/// <summary>One value of a configuration file.</summary>
/// <param name="Key">Its key in the object, or its number in the array, that it stands in.</param>
/// <param name="Line">The line, from 1, on which the key begins; for an element of an array the element itself.</param>
/// <param name="Kind">The token that it begins with.</param>
/// <param name="Text">
/// As Microsoft.Extensions.Configuration holds it: null for JSON <c>null</c> and an object, an empty text for an array.
/// </param>
internal sealed record JsonValue(string Key, int Line, JsonTokenType Kind, string? Text)
{
    /// <summary>The members of an object or the elements of an array, in their order.</summary>
    public List<JsonValue> Members { get; } = [];
}
