using Concentrator.Telemetry.Log;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Telemetry;

/// <summary>What the program says that it is.</summary>
internal sealed class ProgramVersionTests
{
    [TestCase("0.1.0+fe9bac7cca0349c522afbd337e2a89e49d8f7cf5", "0.1.0 (fe9bac7cca03)")]
    [TestCase("1.2.3-rc1+fe9bac7", "1.2.3-rc1 (fe9bac7)")]
    [TestCase("0.1.0", "0.1.0")]
    [TestCase("0.1.0+", "0.1.0")]
    public void The_commit_is_shown_where_the_build_knew_it(string informational, string expected) =>
        Assert.That(ProgramVersion.Parse(informational).ToString(), Is.EqualTo(expected));

    [Test]
    public void A_build_in_a_git_checkout_knows_its_commit()
    {
        if (!Path.Exists(Repository.PathOf(".git"))) Assert.Ignore("no git checkout");
        Assert.That(ProgramVersion.Current.Commit, Does.Match("^[0-9a-f]{12}$"));
    }
}
