using Concentrator.Taps;
using NUnit.Framework;

namespace Concentrator.Tests.Taps;

/// <summary>The request of a tap, as it goes over the control socket.</summary>
[TestFixture]
internal sealed class TapRequestTests
{
    private static readonly TapRequest[] Requests =
    [
        new(),
        new() { Listener = "in", Output = "out", Program = "ha*", Severities = 0b1111, Text = "\"quoted\" ä\n", WithFrame = true, Follows = true, Limit = 7 },
        new() { Text = "", Limit = long.MaxValue },
    ];

    [TestCaseSource(nameof(Requests))]
    public void What_is_asked_arrives_as_asked(object asked)
    {
        Assert.That(TapRequest.TryParse(asked.ToString()!, out TapRequest? request, out string? problem), problem);
        Assert.That(request, Is.EqualTo(asked));
    }

    [Test]
    public void Members_of_a_later_version_are_ignored()
    {
        Assert.That(TapRequest.TryParse("""tap 1 {"color":"red","limit":3}""", out TapRequest? request, out _));
        Assert.That(request, Is.EqualTo(new TapRequest { Limit = 3 }));
    }

    [TestCase("take-over 1")]
    [TestCase("tap 2 {}")]
    [TestCase("tap 1")]
    public void Another_text_is_no_request_of_a_tap(string text)
    {
        Assert.That(TapRequest.IsOne(text), Is.False);
        Assert.That(TapRequest.TryParse(text, out _, out string? problem), Is.False);
        Assert.That(problem, Is.EqualTo("the request is not one of a tap"));
    }

    [TestCase("tap 1 ", "cannot be read")]
    [TestCase("tap 1 [1]", "cannot be read")]
    [TestCase("tap 1 {", "cannot be read")]
    [TestCase("""tap 1 {"limit":"ten"}""", "cannot be read")]
    [TestCase("""tap 1 {"limit":1e99}""", "cannot be read")]
    [TestCase("""tap 1 {"severities":256}""", "cannot be read")]
    [TestCase("""tap 1 {"frame":true}""", "names none")]
    [TestCase("""tap 1 {"listener":7}""", "cannot be read")]
    public void A_malformed_request_is_refused_with_the_reason_on_one_line(string text, string reason)
    {
        Assert.That(TapRequest.TryParse(text, out _, out string? problem), Is.False);
        Assert.That(problem, Does.Contain(reason).And.Not.Contain("\n"));
    }
}
