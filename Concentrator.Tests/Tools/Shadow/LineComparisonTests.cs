using Concentrator.Tools.Shadow;
using NUnit.Framework;

namespace Concentrator.Tests.Tools.Shadow;

internal sealed class LineComparisonTests
{
    private const string Head = "Nov 22 06:13:25 lb1 haproxy[7]:";

    [TestCase(Head + " GET /", Head + " GET /")]
    [TestCase(Head + " GET /", "Nov 22 06:13:26 lb1 haproxy[7]: GET /", Difference.Time)]
    [TestCase(Head + " GET /", "2026-11-22T06:13:25.123456+00:00 lb1 haproxy[7]: GET /", Difference.TimeForm)]
    [TestCase(Head + " GET /", "Nov 22 06:13:25 lb2 haproxy[7]: GET /", Difference.Host)]
    [TestCase(Head + " GET /", "Nov 22 06:13:25 lb1 haproxy[7] GET /", Difference.ColonAfterTag)]
    [TestCase(Head + " GET /", "Nov 22 06:13:25 lb1 haproxy[8]: GET /", Difference.Text)]
    [TestCase(Head + " GET /", Head + "   GET /", Difference.LeadingBlanks)]
    [TestCase(Head + " GET /a", Head + " GET /", Difference.TheirsIsCut)]
    [TestCase(Head + " GET /", Head + " GET /a", Difference.OursIsCut)]
    [TestCase(Head + " GET /#011x", Head + " GET /\tx", Difference.ControlBytes)]
    [TestCase(Head + " GET /#011xy", Head + " GET /\tx", Difference.ControlBytes, Difference.TheirsIsCut)]
    [TestCase(Head + " GET /", Head + " PUT /", Difference.Text)]
    [TestCase(Head + " GET /", Head + "", Difference.Text)]
    [TestCase(Head + " GET /b", "Nov 22 06:13:26 lb2 haproxy[7]  GET /", Difference.Time, Difference.Host, Difference.ColonAfterTag, Difference.LeadingBlanks, Difference.TheirsIsCut)]
    [TestCase("no header at all", "no header at all!", Difference.OursIsCut)]
    public void Each_way_to_differ_is_named(string ours, string theirs, params Difference[] expected) =>
        Assert.That(LineComparison.Compare(WrittenLine.Parse(ours), WrittenLine.Parse(theirs)), Is.EqualTo(expected));

    [TestCase(Head + " GET /", "Nov 22 06:13:25 localhost haproxy[7]: GET /")]
    [TestCase(Head + " GET /", "Nov 22 06:13:25 127.0.0.1 haproxy[7]: GET /")]
    [TestCase(Head + " GET /", "Nov 22 06:13:25 ::1 haproxy[7]: GET /")]
    [TestCase(Head + " GET /#177x#177", Head + " GET /\u007Fx\u007F")]
    [TestCase(Head + " GET /#177x", "Nov 22 06:13:25 localhost haproxy[7]: GET /\u007F")]
    public void What_rsyslog_writes_in_its_own_way_is_known(string ours, string theirs)
    {
        IReadOnlyList<Difference> found = LineComparison.Compare(WrittenLine.Parse(ours), WrittenLine.Parse(theirs));
        Assert.That(found, Is.Not.Empty.And.All.Matches<Difference>(static difference => difference.IsExpected()));
    }

    [TestCase("")]
    [TestCase(" ")]
    [TestCase("Nov 22 06:13:25")]
    [TestCase("Nov 22 06:13:25 lb1")]
    [TestCase("Nov 22 06:13:25 lb1 ")]
    [TestCase("Nov 22 06:13:25 lb1 haproxy")]
    public void A_line_without_the_parts_is_equal_to_itself_and_different_from_others(string line)
    {
        Assert.That(LineComparison.Compare(WrittenLine.Parse(line), WrittenLine.Parse(line)), Is.Empty);
        Assert.That(LineComparison.Compare(WrittenLine.Parse(line), WrittenLine.Parse(line + "x y")), Is.Not.Empty);
    }
}
