using System.Net;
using Concentrator.Configuration;
using Concentrator.Configuration.Loading;
using Concentrator.Configuration.Options;
using Concentrator.Configuration.Values;
using Concentrator.Messages;
using Concentrator.Native;
using Concentrator.Tests.Equipment;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace Concentrator.Tests.Configuration;

/// <summary>Each kind of value by itself: what is written and what it becomes.</summary>
[TestFixture]
internal sealed class ConfigurationValueTests
{
    [TestCase("0", 0)]
    [TestCase("1024", 1024)]
    [TestCase("7B", 7)]
    [TestCase("512KB", 512 * 1024)]
    [TestCase("16mb", 16 * 1024 * 1024)]
    [TestCase("5GB", 5L * 1024 * 1024 * 1024)]
    [TestCase("8388607TB", 8388607L << 40)]
    public void A_size_is_a_number_with_a_power_of_1024(string text, long bytes) =>
        Assert.That(Read(ByteSize.Parse(text)), Is.EqualTo(bytes));

    [TestCase("")]
    [TestCase("KB")]
    [TestCase("-1")]
    [TestCase("1.5GB")]
    [TestCase("1 GB")]
    [TestCase("1KiB")]
    [TestCase("1K")]
    [TestCase("8388608TB")]
    [TestCase("99999999999999999999")]
    public void Other_text_is_no_size(string text) => Assert.That(ByteSize.Parse(text).TryGet(out _, out _), Is.False);

    [Test]
    public void A_size_that_is_written_is_read_back() =>
        Prop.ForAll(
            Arb.From(from number in Gen.Choose(0, int.MaxValue) from shift in Gen.Choose(0, 32) select (long)number << shift),
            bytes => Read(ByteSize.Parse(ByteSize.Format(bytes))) == bytes).QuickCheckThrowOnFailure();

    [TestCase("00:00:00", 0)]
    [TestCase("00:00:10", 10_000)]
    [TestCase("1:02:03", 3_723_000)]
    [TestCase("24:00:00", 86_400_000)]
    [TestCase("00:00:00.5", 500)]
    [TestCase("00:00:01.025", 1025)]
    public void A_duration_is_hours_minutes_seconds(string text, long milliseconds) =>
        Assert.That(Read(Duration.Parse(text, TimeSpan.MaxValue)), Is.EqualTo(TimeSpan.FromMilliseconds(milliseconds)));

    [TestCase("10")]
    [TestCase("10s")]
    [TestCase("00:10")]
    [TestCase("00:60:00")]
    [TestCase("00:00:60")]
    [TestCase("00:0:01")]
    [TestCase("-00:00:01")]
    [TestCase("1.00:00:00")]
    [TestCase("00:00:01.")]
    [TestCase("00:00:01.0001")]
    [TestCase("00:00:01.5.5")]
    [TestCase("000000:00:01")]
    public void Other_text_is_no_duration(string text) =>
        Assert.That(Duration.Parse(text, TimeSpan.MaxValue).TryGet(out _, out _), Is.False);

    [Test]
    public void A_duration_that_is_written_is_read_back() =>
        Prop.ForAll(
            Arb.From(Gen.Choose(0, int.MaxValue)),
            milliseconds => Read(Duration.Parse(Duration.Format(TimeSpan.FromMilliseconds(milliseconds)), TimeSpan.MaxValue))
                == TimeSpan.FromMilliseconds(milliseconds)).QuickCheckThrowOnFailure();

    [TestCase("emerg", 0b0000_0001)]
    [TestCase("panic", 0b0000_0001)]
    [TestCase("ERR", 0b0000_1111)]
    [TestCase("error", 0b0000_1111)]
    [TestCase("warn", 0b0001_1111)]
    [TestCase("informational", 0b0111_1111)]
    [TestCase("debug", 0b1111_1111)]
    [TestCase("4", 0b0001_1111)]
    [TestCase("info..emerg", 0b0111_1111)]
    [TestCase("emerg..info", 0b0111_1111)]
    [TestCase("notice..notice", 0b0010_0000)]
    [TestCase("debug..info", 0b1100_0000)]
    [TestCase("crit .. warning", 0b0001_1100)]
    public void A_severity_is_a_name_and_worse_or_a_range(string text, int bits) =>
        Assert.That(Read(SeverityCondition.Parse(text)), Is.EqualTo((byte)bits));

    [Test]
    public void Every_facility_has_its_name_and_its_number()
    {
        foreach (Facility facility in Enum.GetValues<Facility>())
        {
            Assert.That(Read(FacilityCondition.Parse(facility.ToString())), Is.EqualTo(facility));
            Assert.That(Read(FacilityCondition.Parse($"{(int)facility}")), Is.EqualTo(facility));
        }
        Assert.That(Read(FacilityCondition.Parse("security")), Is.EqualTo(Facility.Auth));
    }

    [TestCase("\"auth\"")]
    [TestCase("4")]
    [TestCase("[ 4 ]")]
    public void Facilities_are_written_alone_or_in_a_list(string value) => Assert.That(Route($"\"Facility\": "
        + $"{value}").Facilities, Is.EqualTo(1u << 4));

    [TestCase("[ \"local0\", 23, \"kern\" ]")]
    [TestCase("\"local0, local7,kern\"")]
    public void Several_facilities_are_a_list_or_separated_by_commas(string value) =>
        Assert.That(Route($"\"Facility\": {value}").Facilities, Is.EqualTo((1u << 16) | (1u << 23) | 1u));

    [TestCase("10.0.0.0/8", "10.0.0.0", 8)]
    [TestCase("192.0.2.7", "192.0.2.7", 32)]
    [TestCase("0.0.0.0/0", "0.0.0.0", 0)]
    [TestCase("2001:db8::/33", "2001:db8::", 33)]
    [TestCase("::1", "::1", 128)]
    public void A_sender_is_a_network_or_one_address(string text, string network, int bits) =>
        Assert.That(Route($"\"Sender\": \"{text}\"").Sender, Is.EqualTo(new IPNetwork(IPAddress.Parse(network), bits)));

    [TestCase("udp://[::]:514", Transport.Udp, "::", 514)]
    [TestCase("TCP://127.0.0.1:0", Transport.Tcp, "127.0.0.1", 0)]
    public void A_network_address_has_an_IP_and_a_port(string text, Transport transport, string address, int port) =>
        Assert.That(
            Read(ListenAddressParser.Parse(text)), Is.EqualTo(new ListenAddress(transport, null, new(IPAddress.Parse(address), port))));

    [Test]
    public void A_listening_address_that_is_printed_is_read_back()
    {
        string[] addresses =
            ["unix-dgram:/a b/c", "unix-stream:/" + new string('x', 105), "udp://0.0.0.0:1", "tcp://[fe80::1]:65535", "tls://[::]:0"];

        Assert.That(addresses.Select(text => Read(ListenAddressParser.Parse(text))!.ToString()), Is.EqualTo(addresses));
    }

    [TestCase("intake.sekoia.io:10514", "intake.sekoia.io", 10514)]
    [TestCase("[2001:db8::1]:6514", "2001:db8::1", 6514)]
    [TestCase("10.0.0.1:1", "10.0.0.1", 1)]
    [TestCase("log_host:65535", "log_host", 65535)]
    public void A_peer_has_a_host_and_a_port(string text, string host, int port)
    {
        RelayEndpoint endpoint = Read(AddressParser.ParsePeer(text));

        Assert.That(endpoint, Is.EqualTo(new RelayEndpoint(host, port)));
        Assert.That(endpoint.ToString(), Is.EqualTo(text));
    }

    [TestCase("0666")]
    [TestCase("666")]
    public void A_file_mode_is_octal(string text) => Assert.That(Read(FileModeParser.Parse(text)), Is.EqualTo(ListenerOptions.DefaultMode));

    [Test]
    public void Accounts_are_names_or_numbers()
    {
        Assert.That(Accounts.TryFindUser("root", out uint user) && user == 0, Is.True);
        Assert.That(Accounts.TryFindGroup("root", out uint group) && group == 0, Is.True);
        Assert.That(Accounts.TryFindUser("4711", out user) && user == 4711, Is.True);
        Assert.That(Accounts.TryFindUser("no-such-user", out _), Is.False);
        Assert.That(Accounts.TryFindUser($"{uint.MaxValue}", out _), Is.False, "chown(2) takes it for \"leave unchanged\"");
    }

    [TestCase("MaxSize", "MaxSize", 0)]
    [TestCase("MaxSiez", "MaxSize", 1)]
    [TestCase("", "abc", 3)]
    [TestCase("kitten", "sitting", 3)]
    public void The_edit_distance_counts_slips(string a, string b, int slips)
    {
        Assert.That(NearestName.Distance(a, b), Is.EqualTo(slips));
        Assert.That(NearestName.Distance(b, a), Is.EqualTo(slips));
    }

    [Test]
    public void The_edit_distance_is_zero_only_for_equals_and_never_more_than_the_longer_text() =>
        Prop.ForAll<NonNull<string>, NonNull<string>>((a, b) =>
        {
            int distance = NearestName.Distance(a.Get, b.Get);
            return (distance == 0) == (a.Get == b.Get) && distance <= Math.Max(a.Get.Length, b.Get.Length);
        }).QuickCheckThrowOnFailure();

    private static RouteOptions Route(string condition)
    {
        using ConfigurationFolder folder = new();
        ConfigurationResult result = folder.Load(Snippets.Route($"{condition}, \"To\": \"file\""));
        Assert.That(result.Errors, Is.Empty);
        return result.Options!.Routes[0];
    }

    private static T Read<T>(Parsed<T> parsed)
    {
        Assert.That(parsed.TryGet(out T? value, out string? problem), Is.True, problem);
        return value!;
    }
}
