using System.Diagnostics;
using System.Text;
using Concentrator.Configuration;
using Concentrator.Messages;
using Concentrator.Messages.Parsing;
using Concentrator.Messages.Rendering;
using Concentrator.Targets.Relays.Relp;
using Concentrator.Tests.Equipment;
using Concentrator.Tests.Parsing;
using Concentrator.Tools.Import;
using NUnit.Framework;

namespace Concentrator.Tests.Fuzzing;

/// <summary>
/// Whatever a file, a sender or a peer holds is a result: no reader throws, and none goes on for ever. A second each, and two minutes
/// each in the category Soak.
/// </summary>
[TestFixture(1)]
[TestFixture(120, Category = "Soak", Explicit = true, Reason = "full size: dotnet test --filter Category=Soak")]
internal sealed class OddInputTests(int seconds)
{
    /// <summary>Of one input. What takes longer than this is taken to go on for ever.</summary>
    private static readonly TimeSpan Patience = Deadline.Transfer;

    private ConfigurationFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new ConfigurationFolder();

    [TearDown]
    public void RemoveFolder() => _folder.Dispose();

    [Test]
    public void A_configuration_is_read_or_refused() => Try(Samples("*.json"), input =>
    {
        ConfigurationResult result = ConfigurationLoader.Load(Write(input), [], _folder.Surroundings);
        Assert.That(result.IsValid, Is.EqualTo(result.Errors.Count == 0));
    });

    [Test]
    public void An_intakes_yaml_is_read_or_refused() => Try(Samples("*.yaml"), input =>
    {
        ConfigurationResult result = ConfigurationLoader.Load(null, [], _folder.Surroundings, Write(input));
        Assert.That(result.IsValid, Is.EqualTo(result.Errors.Count == 0));
    });

    [Test]
    public void A_configuration_of_rsyslogs_is_translated_and_the_result_is_one_of_ours() => Try(
        [Encoding.UTF8.GetBytes(RsyslogSamples.Debian), Encoding.UTF8.GetBytes(RsyslogSamples.SekoiaHaproxy)],
        static input =>
        {
            string text = Encoding.UTF8.GetString(input);
            ImportResult result = RsyslogImport.Of(RsyslogReader.Read(new IncludedFiles(), "test.conf", text));
            Assert.That(ImportedJson.Write(result, ["test.conf"]), Is.Not.Empty);
        });

    [Test]
    public void A_message_is_parsed_and_rendered_to_as_many_bytes_as_were_measured()
    {
        Renderer[] renderers =
        [
            new SekoiaFrame(TimestampSource.Received, "key"), new Rfc5424Frame(TimestampSource.Message), new RawFrame(),
            new TraditionalLine(TimestampSource.Received), new Rfc3339Line(TimestampSource.Message), new Rfc5424Line(TimestampSource.Message), new RawLine(),
        ];
        byte[] destination = new byte[4 * 1024 * 1024];
        HeaderFormat[] hints = Enum.GetValues<HeaderFormat>();
        Try([.. Corpus.Messages.Select(static message => message.Frame)], input =>
        {
            Reception reception = new() { SenderName = "sender"u8, Rfc3339 = "2026-11-22T06:13:25.123456+00:00"u8, Bsd = "Nov 22 06:13:25"u8 };
            foreach (HeaderFormat hint in hints)
            {
                SyslogParser.Parse(input, hint, out SyslogMessage message);
                foreach (Renderer renderer in renderers)
                {
                    int length = renderer.Measure(message, reception);
                    Assert.That(renderer.Write(message, reception, destination.AsSpan(0, length)), Is.EqualTo(length), $"{hint} {renderer}");
                }
            }
        });
    }

    [Test]
    public void What_a_RELP_peer_says_is_a_frame_the_beginning_of_one_or_broken() => Try(
        [
            "1 rsp 92 200 OK\nrelp_version=0\nrelp_software=librelp,1.11.0,http://librelp.adiscon.com\ncommands=syslog\n"u8.ToArray(),
            "2 rsp 6 200 OK\n"u8.ToArray(), "0 serverclose 0\n"u8.ToArray(), "3 rsp 9 500 Error\n4 rsp 6 200 OK\n"u8.ToArray(),
        ],
        static input =>
        {
            ReadOnlyMemory<byte> rest = input;
            while (RelpFrame.TryParse(rest, out RelpFrame frame, out int length) == RelpParse.Frame)
            {
                Assert.That(length, Is.InRange(1, rest.Length));
                Assert.That(frame.Status, Is.InRange(-1, 999));
                rest = rest[length..];
            }
        });

    private static List<byte[]> Samples(string pattern) =>
        [.. Directory.GetFiles(Repository.PathOf("samples"), pattern).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];

    private string Write(byte[] input)
    {
        string file = _folder.In("input");
        File.WriteAllBytes(file, input);
        return file;
    }

    /// <summary>Until the time is over; what failed, or did not end, is shown with the number of its seed.</summary>
    private void Try(IReadOnlyList<byte[]> samples, Action<byte[]> reader)
    {
        Assert.That(samples, Is.Not.Empty);
        int seed = 0;
        byte[] input = [];
        Task trying = Task.Factory.StartNew(
            () =>
            {
                long began = Stopwatch.GetTimestamp();
                for (; Stopwatch.GetElapsedTime(began).TotalSeconds < seconds; seed++)
                {
                    input = new Mutations(samples, seed).Next();
                    reader(input);
                }
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        int last = -1;
        while (!trying.IsCompleted)
        {
            // As long as the number moves, it is not one input that goes on for ever.
            bool ended = trying.ContinueWith(static _ => { }, TaskScheduler.Default).Wait(Patience);
            if (ended) break;
            Assert.That(seed, Is.GreaterThan(last), $"seed {seed} does not end: {Shown(input)}");
            last = seed;
        }
        Assert.That(trying.Exception?.InnerException, Is.Null, $"seed {seed}: {Shown(input)}");
        TestContext.Out.WriteLine($"{seed} inputs");
    }

    private static string Shown(byte[] input) =>
        $"{input.Length} bytes, base64 of the first 400: {Convert.ToBase64String(input.AsSpan(0, Math.Min(input.Length, 400)))}";
}
