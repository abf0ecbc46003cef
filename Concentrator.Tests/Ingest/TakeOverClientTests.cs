using System.Net.Sockets;
using Concentrator.Hosting.HandOver;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Ingest;

/// <summary>The conversation of a take-over, from the successor's side. Whole servers: EndToEnd/TakeOverTests.</summary>
internal sealed class TakeOverClientTests
{
    [Test]
    public void A_refusal_that_comes_before_the_request_is_told_with_its_reason()
    {
        using TempDirectory directory = new();
        using Socket listening = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listening.Bind(new UnixDomainSocketEndPoint(ControlSocket.PathIn(directory.Path)));
        listening.Listen();
        using TakeOverClient found = TakeOverClient.Find(directory.Path)!;
        using (TakeOverChannel answering = new(listening.Accept())) answering.Send("refused not by you");
        Assert.That(found.Take, Throws.TypeOf<TakeOverException>().With.Message.Contains("not by you"));
    }
}
