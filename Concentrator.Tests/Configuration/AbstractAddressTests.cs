using System.Net;
using System.Text;
using Concentrator.Configuration;
using Concentrator.Configuration.Options;
using Concentrator.Configuration.Values;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Configuration;

/// <summary>Addresses in the abstract namespace: what HAProxy writes, and the bytes that the kernel gets.</summary>
[TestFixture]
internal sealed class AbstractAddressTests
{
    [TestCase("unix-dgram:abns@conc", Transport.UnixDatagram, "conc", true)]
    [TestCase("unix-dgram:abnsz@conc", Transport.UnixDatagram, "conc", false)]
    [TestCase("unix-stream:abns@a/b@c", Transport.UnixStream, "a/b@c", true)]
    [TestCase("unix-stream:abnsz@é", Transport.UnixStream, "é", false)]
    public void A_name_that_is_printed_is_read_back(string text, object transport, string name, bool isPadded)
    {
        ListenAddress address = Read(text);
        Assert.Multiple(() =>
        {
            Assert.That(address.Transport, Is.EqualTo((Transport)transport));
            Assert.That(address.Abstract, Is.EqualTo(new AbstractName(name, isPadded)));
            Assert.That(address.Path, Is.Null);
            Assert.That(address.IsUnix);
            Assert.That(address.ToString(), Is.EqualTo(text));
        });
    }

    [TestCase("conc")]
    [TestCase("é")]
    [TestCase("x")]
    public void Abns_fills_the_whole_address_with_NULs_and_abnsz_ends_with_the_name(string name)
    {
        int bytes = Encoding.UTF8.GetByteCount(name);
        SocketAddress padded = new AbstractName(name, IsPadded: true).EndPoint.Serialize(), exact = new AbstractName(name, IsPadded: false).EndPoint.Serialize();
        Assert.Multiple(() =>
        {
            Assert.That(padded.Size, Is.EqualTo(2 + 108));
            Assert.That(padded.Buffer.ToArray()[2..110], Is.EqualTo((byte[])[0, .. Encoding.UTF8.GetBytes(name), .. new byte[107 - bytes]]));
            Assert.That(exact.Size, Is.EqualTo(2 + 1 + bytes));
            Assert.That(exact.Buffer.ToArray()[2..exact.Size], Is.EqualTo((byte[])[0, .. Encoding.UTF8.GetBytes(name)]));
        });
    }

    [TestCase("abns@conc")]
    [TestCase("abnsz@conc")]
    public void What_a_socket_is_bound_to_is_known_again(string text)
    {
        AbstractName name = AbstractName.TryParse(text)!;
        Assert.That(AbstractName.Of(name.EndPoint), Is.EqualTo(name));
        Assert.That(AbstractName.Of(new System.Net.Sockets.UnixDomainSocketEndPoint("/conc")), Is.Null);
        Assert.That(AbstractName.Of(new IPEndPoint(IPAddress.Loopback, 1)), Is.Null);
    }

    [Test]
    public void A_name_of_107_bytes_leaves_no_room_for_padding_so_both_kinds_are_one_socket()
    {
        string longest = new('x', 107);
        Assert.That(Read($"unix-dgram:abns@{longest}").IsSameAbstract(Read($"unix-dgram:abnsz@{longest}")));
        Assert.That(Read("unix-dgram:abns@x").IsSameAbstract(Read("unix-dgram:abnsz@x")), Is.False);
        Assert.That(Read("unix-dgram:abns@x").IsSameAbstract(Read("unix-stream:abns@x")), Is.False, "each kind of socket has names of its own");
    }

    [Test]
    public void Datagrams_and_streams_and_the_two_kinds_of_name_stand_beside_each_other()
    {
        using ConfigurationFolder folder = new();
        ConfigurationResult result = folder.Load(Snippets.Whole(
            """
            "a": { "Address": "unix-dgram:abns@x" }, "b": { "Address": "unix-stream:abns@x" }, "c": { "Address": "unix-dgram:abnsz@x" },
            "d": { "Address": "unix-dgram:/x" }, "e": { "Address": "udp://127.0.0.1:5140" }
            """,
            Snippets.LogFile));
        Assert.That(result.Errors, Is.Empty);
    }

    private static ListenAddress Read(string text)
    {
        Assert.That(ListenAddressParser.Parse(text).TryGet(out ListenAddress? address, out string? problem), Is.True, problem);
        return address!;
    }
}
