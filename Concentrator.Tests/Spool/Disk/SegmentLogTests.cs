using System.Text;
using Concentrator.Spool;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Spool.Disk;

/// <summary>The log over a real directory, nothing failing.</summary>
internal sealed class SegmentLogTests
{
    private TempDirectory _temp = null!;

    [SetUp]
    public void CreateDirectory() => _temp = new TempDirectory();

    [TearDown]
    public void RemoveDirectory() => _temp.Dispose();

    [Test]
    public void What_is_appended_is_read_back_in_order_with_its_sequences()
    {
        using SpoolDirectory directory = new(_temp["spool"]);
        using SegmentLog log = SegmentLog.Open(directory, new SegmentLogOptions { SegmentSize = 4096 }, out RecoveryReport report);
        Assert.That(report.IsClean);
        for (int i = 0; i < 100; i++) Assert.That(log.Append(Encoding.ASCII.GetBytes($"payload number {i} {new string('x', i * 3)}"), 3), Is.EqualTo(1 + i * 3));
        LogCursor cursor = log.CursorAt(1);
        for (int i = 0; i < 100; i++)
        {
            Assert.That(log.TryRead(ref cursor, static n => new Block(n), out Block? block));
            Assert.That(Encoding.ASCII.GetString(block!.Bytes.Span), Does.StartWith($"payload number {i} "));
            Assert.That(block.FirstSequence, Is.EqualTo(1 + i * 3));
        }
        Assert.That(log.TryRead(ref cursor, static n => new Block(n), out _), Is.False);
        Assert.That(log.LostMessages, Is.Zero);
        log.Release(301);
        Assert.That(log.Messages, Is.Zero);
    }
}
