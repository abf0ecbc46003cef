using Concentrator.Bench.Arguments;
using NUnit.Framework;

namespace Concentrator.Tests.BenchTool;

/// <summary>What the bench's command line understands, and what it says of the rest.</summary>
[TestFixture]
internal sealed class ArgumentTests
{
    [TestCase("50000", 50_000)]
    [TestCase("50k", 50_000)]
    [TestCase("1.5M", 1_500_000)]
    [TestCase("0", 0)]
    public void Numbers(string text, double expected)
    {
        Assert.That(Quantity.TryParse(text, out double quantity), text);
        Assert.That(quantity, Is.EqualTo(expected));
    }

    [TestCase("")]
    [TestCase("k")]
    [TestCase("-1")]
    [TestCase("1e9")]
    [TestCase("9999999999999999")]
    [TestCase("NaN")]
    public void No_numbers(string text) => Assert.That(Quantity.TryParse(text, out _), Is.False);

    [TestCase("10", 10)]
    [TestCase("500ms", 0.5)]
    [TestCase("2m", 120)]
    [TestCase("1h", 3600)]
    public void Durations(string text, double seconds)
    {
        Assert.That(Span.TryParse(text, out TimeSpan span), text);
        Assert.That(span.TotalSeconds, Is.EqualTo(seconds));
    }

    [TestCase("")]
    [TestCase("s")]
    [TestCase("-3")]
    [TestCase("999999h")]
    public void No_durations(string text) => Assert.That(Span.TryParse(text, out _), Is.False);

    [TestCase("10k..200k", 10_000, 200_000)]
    [TestCase("5000", 5000, 5000)]
    public void Ramps(string text, double from, double to)
    {
        Assert.That(RateRange.TryParse(text, out RateRange range), text);
        Assert.That(range, Is.EqualTo(new RateRange(from, to)));
    }

    [TestCase("0..5")]
    [TestCase("1..2..3")]
    [TestCase("..")]
    public void No_ramps(string text) => Assert.That(RateRange.TryParse(text, out _), Is.False);

    [TestCase("load --transport pigeon --target x", "unix-dgram, unix-stream, udp, tcp and tls")]
    [TestCase("load", "--target is missing")]
    [TestCase("load --target /nowhere/log", "no process reads it")]
    [TestCase("load --target /nowhere/log --non-blocking", "no process reads /nowhere/log")]
    [TestCase("load --transport tcp --target 127.0.0.1", "write host:port")]
    [TestCase("load --transport tcp --target 127.0.0.1:1", "cannot connect")]
    [TestCase("load --transport tcp --target 127.0.0.1:1 --non-blocking", "is a stream")]
    [TestCase("load --target x --size 10", "--size 10: ")]
    [TestCase("load --target x --rate 5 --rates 1..2", "exclude each other")]
    [TestCase("load --target x --replay /nowhere/lines", "--replay /nowhere/lines: ")]
    [TestCase("load --target x --count many", "write a whole number")]
    [TestCase("load --target x --batch 0", "--batch 0: write a whole number from 1 to 1024")]
    [TestCase("sink --listen here", "write address:port")]
    [TestCase("sink --certificate /nowhere.pem", "certificate /nowhere.pem")]
    [TestCase("fly", "fly")]
    public async Task What_cannot_be_used_gets_one_line_and_exit_2(string arguments, string expected)
    {
        (int exitCode, string output, string errors) = await BenchProgram.RunAsync(arguments.Split(' '));
        Assert.That(errors.TrimEnd().Split('\n'), Has.Length.EqualTo(1), errors + output);
        Assert.That(errors, Does.Contain(expected));
        Assert.That(exitCode, Is.EqualTo(2));
    }
}
