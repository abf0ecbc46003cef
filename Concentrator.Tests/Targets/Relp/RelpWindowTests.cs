using Concentrator.Queues.Blocks;
using Concentrator.Targets.Relays.Relp;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace Concentrator.Tests.Targets.Relp;

internal sealed class RelpWindowTests
{
    // Position 999,999,998 has transaction 1: "open" took the first one of the first round.
    private const long BeforeWrap = RelpFrame.LastTransaction - 5;

    [Test]
    public void Transactions_follow_open_and_begin_again_behind_the_last()
    {
        RelpWindow window = new();
        Assert.That((window.Open(), window.Open()), Is.EqualTo((2, 3)));
        RelpWindow late = new(BeforeWrap);
        int[] numbers = [.. Enumerable.Range(0, 6).Select(_ => late.Open())];
        Assert.That(numbers, Is.EqualTo(new[] { 999_999_996, 999_999_997, 999_999_998, 999_999_999, 1, 2 }));
        foreach (int number in numbers) Assert.That(late.TryAnswer(number), $"{number}");
        Assert.That(late.Acknowledged, Is.EqualTo(late.Opened));
    }

    [Test]
    public void What_is_acknowledged_waits_for_the_first_answer_that_is_missing()
    {
        RelpWindow window = new();
        for (int i = 0; i < 5; i++) window.Open();
        Assert.That(window.TryAnswer(4) && window.TryAnswer(3) && window.TryAnswer(6));
        Assert.That(window.Acknowledged, Is.Zero);
        Assert.That(window.TryAnswer(2));
        Assert.That(window.Acknowledged, Is.EqualTo(3));
        Assert.That(window.TryAnswer(5));
        Assert.That(window.Acknowledged, Is.EqualTo(5));
    }

    [TestCase(0, Description = "no transaction")]
    [TestCase(1, Description = "open")]
    [TestCase(2, Description = "answered before")]
    [TestCase(4, Description = "answered before, out of order")]
    [TestCase(6, Description = "not begun")]
    [TestCase(999_999_999)]
    public void An_answer_that_nothing_waits_for_is_none(int transaction)
    {
        RelpWindow window = new();
        for (int i = 0; i < 4; i++) window.Open();
        Assert.That(window.TryAnswer(2) && window.TryAnswer(4));
        Assert.That(window.TryAnswer(transaction), Is.False);
        Assert.That(window.Acknowledged, Is.EqualTo(1));
    }

    [Test]
    public void Any_order_of_messages_and_answers_is_accounted_for_as_a_list_would()
    {
        // Each step opens some messages and answers one of those that wait, or a number out of the blue.
        Gen<(int Opens, int Which)[]> steps = (from opens in Gen.Choose(0, 5) from which in Gen.Choose(-1, 40) select (opens, which)).ArrayOf();
        Prop.ForAll(steps.ToArbitrary(), Gen.Elements(0L, BeforeWrap, 7L * RelpFrame.LastTransaction - 3).ToArbitrary(), static (plan, first) =>
        {
            RelpWindow window = new(first);
            List<(int Transaction, bool Answered)> all = [];
            foreach ((int opens, int which) in plan)
            {
                for (int i = 0; i < opens; i++) all.Add((window.Open(), false));
                int at = all.Count - 1 - which;
                bool waits = which >= 0 && at >= 0 && !all[at].Answered;
                int number = which >= 0 && at >= 0 ? all[at].Transaction : 500_000_000;
                if (window.TryAnswer(number) != waits) return false;
                if (waits) all[at] = (number, true);
                if (window.Acknowledged - first != all.TakeWhile(static m => m.Answered).Count()) return false;
            }
            return window.Opened - first == all.Count;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));
    }

    [Test]
    public void The_fullest_block_finds_room_behind_a_window_that_is_nearly_full()
    {
        RelpWindow window = new();
        for (int i = 0; i < RelpWindow.Limit - 1; i++) window.Open();
        Assert.That(window.IsFull, Is.False);
        int most = Block.Capacity / "0 ".Length;
        for (int i = 0; i < most; i++) window.Open();
        Assert.That(window.IsFull);
        for (int i = RelpWindow.Limit + most; i > 1; i--) Assert.That(window.TryAnswer(i));
        Assert.That((window.Acknowledged, window.IsFull), Is.EqualTo((window.Opened, false)));
    }
}
