using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Peers;

/// <summary>The parts that every other piece of equipment stands on.</summary>
internal sealed class EquipmentTestsPlumbing
{
    [Test]
    public void A_kernel_setting_lasts_for_one_test_and_is_then_put_back()
    {
        using SysctlGuard outer = new(SysctlGuard.DatagramQueue);
        string path = "/proc/sys/net/unix/max_dgram_qlen";
        string before = File.ReadAllText(path);
        using (SysctlGuard.Set(SysctlGuard.DatagramQueue, 4321)) Assert.That(File.ReadAllText(path).Trim(), Is.EqualTo("4321"));
        Assert.That(File.ReadAllText(path), Is.EqualTo(before));
    }

    [Test]
    public void A_process_is_ended_with_the_children_that_it_started()
    {
        int child;
        using (PeerProcess shell = Shell("sleep 100 & echo $!; trap '' TERM; while :; do wait; sleep 1; done"))
        {
            shell.WaitUntilReady(() => shell.Output.Text().EndsWith('\n'), "it names its child");
            child = int.Parse(shell.Output.Text());
            Assert.That(Directory.Exists($"/proc/{child}"));
        }
        Eventually.Holds(() => !IsAlive(child), "the child has ended");
    }

    [Test]
    public void A_process_that_ends_early_fails_at_once_and_in_its_own_words()
    {
        using PeerProcess shell = Shell("echo no such luck >&2; exit 3");
        string? message = Failure(() => shell.WaitUntilReady(static () => false, "never"));
        Assert.That(message, Does.Contain("no such luck").And.Contain("ended with 3"));
    }

    [Test]
    public void A_process_that_ignores_everything_is_still_ended()
    {
        int pid;
        using (PeerProcess shell = Shell("trap '' TERM HUP INT; echo on; while :; do sleep 1; done"))
        {
            shell.WaitUntilReady(() => shell.Output.Total > 0, "traps are set");
            pid = shell.Pid;
        }
        Assert.That(IsAlive(pid), Is.False);
    }

    [Test]
    public void Signals_arrive_and_exit_codes_come_back()
    {
        using PeerProcess shell = Shell("trap 'echo hup' HUP; trap 'exit 7' TERM; echo on; while :; do sleep 0.05; done");
        shell.WaitUntilReady(() => shell.Output.Text().Contains("on", StringComparison.Ordinal), "traps are set");
        shell.Send(Signal.Hup);
        Eventually.Holds(() => shell.Output.Text().Contains("hup", StringComparison.Ordinal), "the trap spoke");
        Assert.That(shell.Terminate(), Is.EqualTo(7));
    }

    [Test]
    public void Captured_output_is_bounded_and_keeps_the_newest()
    {
        const string Script = "i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done";
        PeerStart start = new() { Path = "/bin/sh", Arguments = ["-c", Script], OutputLimit = 4096 };
        (int exitCode, string output, _) = PeerProcess.Run(start);
        Assert.Multiple(() =>
        {
            Assert.That(exitCode, Is.Zero);
            Assert.That(output, Does.EndWith("line 19999\n"));
            Assert.That(output, Has.Length.LessThanOrEqualTo(4096));
        });
    }

    [Test]
    public void A_missing_peer_is_ignored_outside_CI_and_fails_inside()
    {
        string? before = Environment.GetEnvironmentVariable("CI");
        try
        {
            Environment.SetEnvironmentVariable("CI", null);
            Assert.That(
                Failure(static () => Peer.Require("no-such-program", "no-such-package")), Does.Contain("apt-get install no-such-package"));
            Assert.That(TryRequire, Throws.InstanceOf<IgnoreException>());
            Environment.SetEnvironmentVariable("CI", "true");
            Assert.That(TryRequire, Throws.InstanceOf<AssertionException>());
        }
        finally
        {
            Environment.SetEnvironmentVariable("CI", before);
        }

        static void TryRequire() => Peer.Require("no-such-program", "no-such-package");
    }

    [TestCase("5 hello3 abc", new[] { "hello", "abc" })]
    [TestCase("1 \n12 with 3 inside", new[] { "\n", "with 3 insid" })]
    public void Frames_are_read_whichever_way_the_stream_is_cut(string stream, string[] expected)
    {
        for (int cut = 0; cut <= stream.Length; cut++)
        {
            List<string> frames = [];
            FrameBuffer received = new();
            foreach (string part in new[] { stream[..cut], stream[cut..] })
            {
                received.Add(Bytes(part));
                while (received.TryTakeFrame(out ReadOnlySpan<byte> frame)) frames.Add(System.Text.Encoding.Latin1.GetString(frame));
            }
            Assert.That(frames, Is.EqualTo(expected), $"cut at {cut}");
        }
    }

    [TestCase("0 ")]
    [TestCase("05 hello")]
    [TestCase(" 5 hello")]
    [TestCase("5 hello\n5 hello")]
    [TestCase("12345678 x")]
    [TestCase("-1 x")]
    [TestCase("<134>1 - - - - - -")]
    public void Framing_that_is_not_RFC_5425_is_broken(string stream)
    {
        FrameBuffer received = FrameBuffer.Of(Bytes(stream));
        while (received.TryTakeFrame(out _))
        {
        }
        Assert.That(received.IsBroken);
    }

    [Test]
    public void The_sequence_ledger_tells_missing_duplicate_and_disordered()
    {
        SequenceLedger ledger = new();
        foreach (int number in new[] { 0, 1, 3, 2, 5, 5, 70_000 }) ledger.Record(Bytes($"<134>1 seq=999 text seq={number:D7} HTTP"));
        ledger.Record("no number"u8);
        ledger.Record("seq=x"u8);
        Assert.Multiple(() =>
        {
            Assert.That(ledger.Received, Is.EqualTo(9));
            Assert.That(ledger.Distinct, Is.EqualTo(6));
            Assert.That(ledger.Duplicates, Is.EqualTo(1));
            Assert.That(ledger.OutOfOrder, Is.EqualTo(1));
            Assert.That(ledger.Unnumbered, Is.EqualTo(2));
            Assert.That(ledger.Missing(7), Is.EqualTo(new List<int> { 4, 6 }));
            Assert.That(Failure(() => ledger.AssertComplete(7, TimeSpan.FromMilliseconds(20))), Does.Contain("missing: 2 (4 6)"));
        });
    }

    [Test]
    public void A_numbered_message_changes_only_in_its_number()
    {
        NumberedMessage message = new("<134>1 é seq=####### end");
        Assert.That(System.Text.Encoding.UTF8.GetString(message.Render(1234567)), Is.EqualTo("<134>1 é seq=1234567 end"));
        Assert.That(System.Text.Encoding.UTF8.GetString(message.Render(42)), Is.EqualTo("<134>1 é seq=0000042 end"));
    }

    /// <summary>The message of the failure or the ignore that an action ends with.</summary>
    private static string? Failure(Action action)
    {
        using (new NUnit.Framework.Internal.TestExecutionContext.IsolatedContext())
            return Assert.Catch(() => action())?.Message;
    }

    private static bool IsAlive(int pid) =>
        Directory.Exists($"/proc/{pid}") && !File.ReadAllText($"/proc/{pid}/stat").Contains(") Z ", StringComparison.Ordinal);

    private static PeerProcess Shell(string script) => PeerProcess.Start(new PeerStart { Path = "/bin/sh", Arguments = ["-c", script] });

    private static byte[] Bytes(string text) => System.Text.Encoding.Latin1.GetBytes(text);
}
