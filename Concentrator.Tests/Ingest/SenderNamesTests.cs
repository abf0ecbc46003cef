using System.Net;
using System.Text;
using Concentrator.Ingest.Lanes;
using Concentrator.Routing;
using NUnit.Framework;

namespace Concentrator.Tests.Ingest;

internal sealed class SenderNamesTests
{
    [TestCase("192.0.2.1", "192.0.2.1")]
    [TestCase("::ffff:192.0.2.1", "192.0.2.1")]
    [TestCase("2001:db8::1", "2001:db8::1")]
    [TestCase("128.0.0.1", "128.0.0.1")]
    [TestCase("127.0.0.1", null)]
    [TestCase("127.255.0.9", null)]
    [TestCase("::ffff:127.0.0.1", null)]
    [TestCase("::1", null)]
    public void A_sender_has_its_address_for_a_name_and_a_loopback_address_is_this_host(string address, string? name)
    {
        HostName host = new();
        SenderNames names = new(host);
        name ??= Encoding.UTF8.GetString(host.Bytes);
        SenderAddress sender = SenderAddress.From(IPAddress.Parse(address));
        for (int time = 0; time < 2; time++) Assert.That(Encoding.ASCII.GetString(names.NameOf(sender)), Is.EqualTo(name));
    }
}
