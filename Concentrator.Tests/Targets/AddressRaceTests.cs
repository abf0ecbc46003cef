using System.Net;
using Concentrator.Configuration.Options;
using Concentrator.Targets.Relays;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Targets;

/// <summary>Of the addresses of a name, one that is silent delays the next by a quarter of a second, and one that refuses by nothing.</summary>
[TestFixture]
internal sealed class AddressRaceTests
{
    private static readonly RelayEndpoint Endpoint = new("intake.example.test", 6514);

    private readonly Dictionary<string, Attempt> _attempts = [];
    private readonly List<string> _begun = [];
    private ManualTimeProvider _time = null!;
    private CancellationTokenSource _stop = null!;

    [SetUp]
    public void Reset()
    {
        _attempts.Clear();
        _begun.Clear();
        _time = new ManualTimeProvider();
        _stop = new CancellationTokenSource();
    }

    [TearDown]
    public void DisposeStop() => _stop.Dispose();

    [Test]
    public void A_silent_address_delays_the_next_by_the_attempt_delay_and_is_ended_when_that_one_answers()
    {
        Task<(Connection? Connection, ConnectFailure? Failure)> race = Run("192.0.2.1", "192.0.2.2");
        Assert.That(_begun, Is.EqualTo(new[] { "192.0.2.1" }));
        _time.Advance(AddressRace.AttemptDelay - TimeSpan.FromTicks(1));
        Assert.That(_begun, Has.Count.EqualTo(1));
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.That(() => _begun, Has.Count.EqualTo(2).After(10_000, 5));

        _attempts["192.0.2.2"].Connect();
        Assert.That(Result(race).Connection!.Address, Is.EqualTo("192.0.2.2"));
        Assert.That(_attempts["192.0.2.1"].WasCancelled, Is.True);
    }

    [Test]
    public void An_address_that_refuses_delays_nothing()
    {
        Task<(Connection? Connection, ConnectFailure? Failure)> race = Run("192.0.2.1", "192.0.2.2");
        _attempts["192.0.2.1"].Fail(ConnectPhase.Connect, "refused");
        Assert.That(() => _begun, Has.Count.EqualTo(2).After(10_000, 5));
        _attempts["192.0.2.2"].Connect();
        Assert.That(Result(race).Connection!.Address, Is.EqualTo("192.0.2.2"));
    }

    [Test]
    public void A_first_address_that_answers_in_time_is_the_only_one_that_is_asked()
    {
        Task<(Connection? Connection, ConnectFailure? Failure)> race = Run("192.0.2.1", "192.0.2.2");
        _attempts["192.0.2.1"].Connect();
        Assert.That(Result(race).Connection!.Address, Is.EqualTo("192.0.2.1"));
        Assert.That(_begun, Has.Count.EqualTo(1));
    }

    [Test]
    public void A_connection_that_is_made_too_late_is_closed()
    {
        Task<(Connection? Connection, ConnectFailure? Failure)> race = Run("192.0.2.1", "192.0.2.2");
        _time.Advance(AddressRace.AttemptDelay);
        Assert.That(() => _begun, Has.Count.EqualTo(2).After(10_000, 5));
        _attempts["192.0.2.1"].ConnectWhenCancelled();
        _attempts["192.0.2.2"].Connect();
        Assert.That(Result(race).Connection!.Address, Is.EqualTo("192.0.2.2"));
        Assert.That(_attempts["192.0.2.1"].Made!.IsDisposed, Is.True);
    }

    [Test]
    public void Where_all_fail_the_failure_that_came_furthest_is_told()
    {
        Task<(Connection? Connection, ConnectFailure? Failure)> race = Run("192.0.2.1", "192.0.2.2", "192.0.2.3");
        foreach ((string address, ConnectPhase phase) in new[]
        {
            ("192.0.2.1", ConnectPhase.Connect), ("192.0.2.2", ConnectPhase.Certificate), ("192.0.2.3", ConnectPhase.Connect),
        })
        {
            Assert.That(() => _attempts.ContainsKey(address), Is.True.After(10_000, 5));
            _attempts[address].Fail(phase, address);
        }
        Assert.That(Result(race).Failure!.Reason, Is.EqualTo("192.0.2.2"));
    }

    [Test]
    public void A_stop_ends_every_attempt_and_begins_no_other()
    {
        Task<(Connection? Connection, ConnectFailure? Failure)> race = Run("192.0.2.1", "192.0.2.2");
        _stop.Cancel();
        Assert.That(Result(race).Connection, Is.Null);
        Assert.That(_begun, Has.Count.EqualTo(1));
    }

    [Test]
    public void The_families_take_turns_in_the_resolvers_order()
    {
        IPAddress[] addresses = [.. new[] { "2001:db8::1", "2001:db8::2", "2001:db8::3", "192.0.2.1" }.Select(IPAddress.Parse)];
        Assert.That(
            AddressRace.InTurn(addresses).Select(static a => a.ToString()),
            Is.EqualTo(new[] { "2001:db8::1", "192.0.2.1", "2001:db8::2", "2001:db8::3" }));
        Assert.That(AddressRace.InTurn([]), Is.Empty);
    }

    private Task<(Connection? Connection, ConnectFailure? Failure)> Run(params string[] addresses) => AddressRace.RunAsync<Connection>(
        [.. addresses.Select(IPAddress.Parse)],
        (address, over) =>
        {
            Attempt attempt = new(address.ToString(), over);
            _attempts[attempt.Address] = attempt;
            _begun.Add(attempt.Address);
            return attempt.Ended.Task;
        },
        _time,
        _stop.Token);

    private static (Connection? Connection, ConnectFailure? Failure) Result(Task<(Connection? Connection, ConnectFailure? Failure)> race)
    {
        Assert.That(race.Wait(Deadline.Reaction), Is.True, "the race does not end");
        return race.Result;
    }

    private sealed class Attempt
    {
        private bool _connectsLate;

        public Attempt(string address, CancellationToken over)
        {
            Address = address;
            over.Register(() =>
            {
                WasCancelled = true;
                if (_connectsLate) Connect();
                else Fail(ConnectPhase.Connect, "no answer");
            });
        }

        public string Address { get; }

        public TaskCompletionSource<(Connection?, ConnectFailure?)> Ended { get; } = new();

        public Connection? Made { get; private set; }

        public bool WasCancelled { get; private set; }

        public void Connect()
        {
            Made ??= new Connection(Address);
            Ended.TrySetResult((Made, null));
        }

        public void ConnectWhenCancelled() => _connectsLate = true;

        public void Fail(ConnectPhase phase, string reason) => Ended.TrySetResult((null, new ConnectFailure(phase, Endpoint, reason)));
    }

    private sealed class Connection(string address) : IAsyncDisposable
    {
        public string Address { get; } = address;

        public bool IsDisposed { get; private set; }

        public ValueTask DisposeAsync()
        {
            IsDisposed = true;
            return ValueTask.CompletedTask;
        }
    }
}
