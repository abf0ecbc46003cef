using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.EndToEnd;

/// <summary>What an output to the HTTPS intake needs of the system, and what it does without.</summary>
internal sealed class HttpsResourcesTests : ServerTests
{
    [Test]
    public void Without_the_systems_zlib_bodies_go_uncompressed_and_one_line_says_so()
    {
        Peer.Require("unshare", "util-linux");
        using SekoiaHttpsIntake intake = new(TestCertificates.Server);
        string wrapped = Wrapped.Script(
            Directory,
            """
            exec unshare --mount sh -c '
              for library in /lib/*/libz.so.1 /usr/lib/*/libz.so.1 /lib64/libz.so.1; do [ ! -e "$library" ] || mount --bind /dev/null "$library" || exit 1; done
              exec SERVER' sh "$@"
            """);
        ServerProcess server = Start(Configuration(intake), binary: wrapped);
        Send(0, 2_000);
        Eventually.Holds(() => intake.Sequence.Distinct == 2_000, "all arrives", Deadline.Transfer, server.Describe);
        Assert.That(intake.Requests.Select(static request => request.Encoding), Is.All.Null);
        Assert.That(server.Log.Split('\n').Count(static line => line.Contains("not compressed, because this system has no libz.so.1; install zlib1g (Debian) or zlib", StringComparison.Ordinal)), Is.EqualTo(1), server.Log);
    }

    [Test]
    public void A_request_allocates_a_bounded_amount_whatever_is_in_it()
    {
        using SekoiaHttpsIntake intake = new(TestCertificates.Server);
        ServerProcess server = Start(Configuration(intake));
        Send(0, 20_000);
        (double before, int requests) = (Allocated(server, intake, 20_000), intake.Requests.Count);
        Send(20_000, 200_000);
        double allocated = Allocated(server, intake, 220_000) - before;
        double each = allocated / (intake.Requests.Count - requests);
        TestContext.Out.WriteLine($"{each:N0} bytes for a request, {allocated / 200_000:N1} for a message");

        // A request of a thousand messages is 200 KB before it is compressed.
        Assert.That(each, Is.LessThan(30_000));
    }

    /// <summary>Waits until that many have arrived, and asks once: each look at the metrics allocates as well. Bytes that the server has allocated then.</summary>
    private static double Allocated(ServerProcess server, SekoiaHttpsIntake intake, int count)
    {
        Eventually.Holds(() => intake.Sequence.Distinct == count, $"{count} have arrived", Deadline.Transfer, server.Describe);
        return server.Metrics().Sum("dotnet_gc_allocated_bytes_total");
    }

    private void Send(int first, int count)
    {
        using DatagramSender sender = DatagramSender.Unix(Directory.Socket("log"));
        sender.Send(NumberedMessage.LocalHttpLog, first, count);
    }

    private object Configuration(SekoiaHttpsIntake intake) => new
    {
        Listeners = new { log = new { Address = $"unix-dgram:{Directory.Socket("log")}" } },
        Outputs = new { sekoia = Https(intake, Directory) },
    };
}
