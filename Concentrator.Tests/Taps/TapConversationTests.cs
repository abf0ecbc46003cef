using System.Net.Sockets;
using System.Text;
using Concentrator.Configuration.Options;
using Concentrator.Taps;
using Concentrator.Telemetry.Log;
using Concentrator.Tests.Equipment;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;

namespace Concentrator.Tests.Taps;

/// <summary>A tap's client, and what it can cost.</summary>
[TestFixture]
internal sealed class TapConversationTests
{
    private const string Header = "<134>1 2026-11-22T06:13:25.123456+00:00 edge haproxy 1 - - ";

    private readonly KeyMask _keys = new();
    private TempDirectory _directory = null!;
    private TappedLane _bench = null!;
    private Socket? _client;
    private int _clients;
    private TapService _service = null!;

    [SetUp]
    public void Connect()
    {
        _directory = new TempDirectory();
        _bench = new TappedLane();
        _service = new TapService(_bench.Taps, _bench.Ledger, _keys, () => _bench.Options, _bench.Time, NullLogger.Instance);
    }

    [TearDown]
    public void Close()
    {
        _service.Dispose();
        _client?.Dispose();
        _directory.Dispose();
    }

    [Test]
    public void A_client_that_reads_nothing_for_a_minute_is_disconnected_and_its_place_is_free()
    {
        Open(new TapRequest());
        string text = new('x', 30_000);
        Eventually.Holds(
            () =>
            {
                _bench.Accept(Header + text);
                _bench.Deliver();
                _bench.Time.Advance(TimeSpan.FromMilliseconds(2));
                return _bench.Taps.Active is [{ Counts.PassedForRoom: > 0 }];
            }, "the socket and the ring are full");
        _bench.Time.Advance(TimeSpan.FromSeconds(50));
        Assert.That(_bench.Taps.Active, Is.Not.Null, "someone may page through it");
        _bench.Time.Advance(TimeSpan.FromSeconds(11));
        Eventually.Holds(() => _bench.Taps.Active is null, "its place is free");
    }

    [Test]
    public void A_client_that_goes_on_talking_ends_its_tap()
    {
        Open(new TapRequest());
        _client!.Send("and another thing"u8);
        Assert.That(ReadAll(), Has.Exactly(1).StartsWith("{\"type\":\"hello\"").And.Exactly(1).StartsWith("{\"type\":\"end\",\"matched\":0"));
        Eventually.Holds(() => _bench.Taps.Active is null, "its place is free");
    }

    [Test]
    public void A_stop_of_the_server_sends_what_was_gathered_and_waits_for_nobody()
    {
        Open(new TapRequest());
        _bench.Accept(Header + "one", Header + "two");
        _service.Dispose();
        Assert.That(ReadAll().Select(static line => line[..16]), Is.EqualTo(new[] { "{\"type\":\"hello\",", "{\"type\":\"message", "{\"type\":\"message", "{\"type\":\"end\",\"m" }));
        Open(new TapRequest());
        Assert.That(ReadAll(), Is.Empty, "a server that stops opens no tap");
        Assert.That(_bench.Taps.Active, Is.Null);
    }

    [Test]
    public void More_steps_than_are_noted_are_said_to_be_missing()
    {
        _bench = new TappedLane([.. Enumerable.Range(0, 40).Select(static i => new RouteOptions { Index = i, To = ["file"] })]);
        _service = new TapService(_bench.Taps, _bench.Ledger, _keys, () => _bench.Options, _bench.Time, NullLogger.Instance);
        Open(new TapRequest { Limit = 1 });
        _bench.Accept(Header + "to forty");
        string line = ReadAll().Single(static line => line.StartsWith("{\"type\":\"message\"", StringComparison.Ordinal));
        Assert.That(line, Does.EndWith("\"more_routes\":true}").And.Contain("\"route\":31,").And.Not.Contain("\"route\":32,"));
        Assert.That(_bench.Ledger.Outputs().Single(static o => o.Name == "file").Accepted, Is.EqualTo(40));
    }

    private void Open(TapRequest request)
    {
        string path = _directory.Socket($"tap{++_clients}");
        using Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        _client?.Dispose();
        _client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = (int)Deadline.Reaction.TotalMilliseconds };
        _client.Connect(new UnixDomainSocketEndPoint(path));
        Assert.That(_service.TryOpen(listener.Accept(), request.ToString(), out TapConversation? conversation, out string? reason), reason);
        _service.Start(conversation!, 1);
    }

    /// <summary>The lines until the server closes.</summary>
    private string[] ReadAll()
    {
        using NetworkStream stream = new(_client!);
        using StreamReader reader = new(stream, Encoding.UTF8);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
