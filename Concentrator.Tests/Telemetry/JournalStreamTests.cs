using Concentrator.Telemetry.Log;
using NUnit.Framework;

namespace Concentrator.Tests.Telemetry;

public sealed class JournalStreamTests
{
    [TestCase("8:12345", "socket:[12345]", true)]
    [TestCase("8:12345", "socket:[1234]", false)]
    [TestCase("8:12345", "/dev/null", false)]
    [TestCase("8:12345", "pipe:[12345]", false)]
    [TestCase("8:12345", null, false)]
    [TestCase("12345", "socket:[12345]", false)]
    [TestCase("8:", "socket:[]", false)]
    [TestCase("", "socket:[]", false)]
    public void The_journal_reads_us_when_the_inodes_are_the_same(string variable, string? descriptor, bool expected) =>
        Assert.That(JournalStream.Matches(variable, descriptor), Is.EqualTo(expected));
}
