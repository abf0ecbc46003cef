using System.Text;
using System.Text.RegularExpressions;
using Concentrator.Routing;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace Concentrator.Tests.Routing;

[TestFixture]
internal sealed class GlobTests
{
    [TestCase("haproxy*", "haproxy", true)]
    [TestCase("haproxy*", "haproxy-edge", true)]
    [TestCase("haproxy*", "HAProxy", false)]
    [TestCase("*", "", true)]
    [TestCase("?", "", false)]
    [TestCase("a*b*c", "a-b-b-c", true)]
    [TestCase("a*b*c", "a-b-b", false)]
    [TestCase("", "", true)]
    [TestCase("", "x", false)]
    public void Stars_match_any_run_and_question_marks_one_byte(string pattern, string text, bool expected) =>
        Assert.That(new Glob(pattern, ignoreCase: false).Matches(Encoding.UTF8.GetBytes(text)), Is.EqualTo(expected));

    [Test]
    public void Host_names_match_whatever_their_case() =>
        Assert.That(new Glob("*.Example.TEST", ignoreCase: true).Matches("LB1.example.test"u8));

    [Test]
    public void Agrees_with_a_regular_expression_that_says_the_same()
    {
        Gen<string> over = Gen.Elements('a', 'b', '*', '?').ArrayOf().Select(static chars => new string(chars));
        Gen<string> text = Gen.Elements('a', 'b').ArrayOf().Select(static chars => new string(chars));
        Prop.ForAll(Arb.From(over), Arb.From(text), static (pattern, subject) =>
        {
            string regex = "^" + Regex.Escape(pattern).Replace("\\*", ".*", StringComparison.Ordinal).Replace("\\?", ".", StringComparison.Ordinal) + "$";
            return new Glob(pattern, ignoreCase: false).Matches(Encoding.ASCII.GetBytes(subject)) == Regex.IsMatch(subject, regex);
        }).QuickCheckThrowOnFailure();
    }

    [Test]
    public void A_hostile_text_costs_pattern_times_text_and_no_more()
    {
        byte[] text = Encoding.ASCII.GetBytes(new string('a', 60_000));
        Assert.That(new Glob("*a*a*a*a*a*a*a*a*b", ignoreCase: false).Matches(text), Is.False);
    }
}
