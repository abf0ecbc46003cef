using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Concentrator.Tests.EndToEnd;
using Concentrator.Tests.Equipment;
using Microsoft.Playwright;
using NUnit.Framework;

namespace Concentrator.Tests.Peers;

/// <summary>The page at <c>/</c> in a real browser, of a server that a real HAProxy logs to and that relays to a TLS receiver.</summary>
[Parallelizable]
[SuppressMessage("Structure", "NUnit1032", Justification = "The base class disposes them, after its checks.")]
internal sealed class LivePageBrowserTests : ServerTests
{
    /// <summary>Where to leave the pictures, for people to look at; without it they go with the test.</summary>
    private const string PicturesVariable = "CONCENTRATOR_TEST_PICTURES";

    private HAProxy _haproxy = null!;
    private TlsIntake _intake = null!;
    private ServerProcess _server = null!;
    private Browser _browser = null!;

    private string Address => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_server.MonitoringPort}/");

    [SetUp]
    public async Task StartAll()
    {
        _haproxy = Own(new HAProxy());
        _intake = Own(NewIntake(keepFrames: false));
        _server = Start(Configuration());
        _server.WaitForMetrics(static metrics => metrics.Sum("concentrator_relay_connected") == 1, "the relay is connected");
        _browser = await Browser.StartAsync();
    }

    [TearDown]
    public async Task EndBrowser() => await _browser.DisposeAsync();

    [Test]
    public async Task It_counts_what_HAProxy_has_logged()
    {
        IPage page = await _browser.OpenAsync(Address);
        _haproxy.Request(250);
        await Assertions.Expect(Field(page, "tr[data-listener=haproxy]", "received_total")).ToHaveTextAsync("250");
        foreach (string output in new[] { "file", "sekoia" })
        {
            await Assertions.Expect(Field(page, $"tr[data-output={output}]", "delivered_total")).ToHaveTextAsync("250");
            await Assertions.Expect(Field(page, $"tr[data-output={output}]", "balances")).ToHaveTextAsync("balances");
        }
        await Assertions.Expect(page.Locator("#state")).ToHaveTextAsync("ready");
        AssertOwnOrigin();
    }

    [Test]
    public async Task An_outage_of_the_receiver_is_seen_and_its_end()
    {
        IPage page = await _browser.OpenAsync(Address);
        ILocator card = page.Locator("article[data-output=sekoia]");
        await Assertions.Expect(card).ToHaveAttributeAsync("data-state", "ok");
        await Assertions.Expect(Field(card, "connection")).ToContainTextAsync($"connected to localhost:{_intake.Port} over TLS 1.3; certificate ends ");
        long began = Stopwatch.GetTimestamp();
        _intake.Refuse();
        _intake.ResetAll();
        await Assertions.Expect(Field(card, "state")).ToHaveTextAsync("not connected");
        TestContext.Out.WriteLine($"the outage was on the page after {Stopwatch.GetElapsedTime(began).TotalMilliseconds:0} ms");
        await Assertions.Expect(card).ToHaveAttributeAsync("data-state", "bad");
        _haproxy.Request(100);
        await Assertions.Expect(Field(card, "queue")).ToContainTextAsync("100 waiting, ");
        _intake.Listen();
        await Assertions.Expect(Field(card, "state")).ToHaveTextAsync("ok");
        await Assertions.Expect(Field(card, "queue")).ToContainTextAsync("0 waiting, ");
        await Assertions.Expect(page.Locator("#events")).ToContainTextAsync("sekoia");
        Assert.That(_browser.Errors, Is.Empty);
    }

    [Test]
    public async Task It_has_no_barriers_and_fits_any_screen([Values(360, 1280)] int width, [Values] bool dark)
    {
        _haproxy.Request(40);
        _intake.Refuse();
        _intake.ResetAll();
        IPage page = await _browser.OpenAsync(Address, width, dark ? ColorScheme.Dark : ColorScheme.Light);
        await Assertions.Expect(Field(page.Locator("article[data-output=sekoia]"), "state")).ToHaveTextAsync("not connected");
        Assert.That(await Browser.FindBarriersAsync(page), Is.Empty);
        Assert.That(await page.EvaluateAsync<int>("document.documentElement.scrollWidth"), Is.LessThanOrEqualTo(width), "nothing is cut off at the right");
        string pictures = Environment.GetEnvironmentVariable(PicturesVariable) ?? Directory.Path;
        await page.ScreenshotAsync(new() { Path = Path.Combine(pictures, $"page-{width}-{(dark ? "dark" : "light")}.png"), FullPage = true });
        AssertOwnOrigin();
    }

    [Test]
    public async Task Without_scripts_it_says_the_same()
    {
        _haproxy.Request(40);
        _server.WaitForMetrics(static metrics => metrics.Sum("concentrator_output_delivered_messages_total") == 80, "all is delivered");
        IPage scripted = await _browser.OpenAsync(Address);

        // Rates and estimates are still until they have been nothing for a while.
        await Assertions.Expect(Field(scripted.Locator("article[data-listener=haproxy]"), "received")).ToHaveTextAsync("0");
        IPage plain = await _browser.OpenAsync(Address, withScripts: false);
        string expected = await scripted.InnerTextAsync("main"), seen = "";
        for (int i = 0; i < 30 && seen != expected; i++)
        {
            await plain.ReloadAsync();
            (expected, seen) = (await scripted.InnerTextAsync("main"), await plain.InnerTextAsync("main"));
            await Task.Delay(500);
        }
        Assert.That(seen, Is.EqualTo(expected));
    }

    [Test]
    public async Task What_came_just_before_it_was_opened_is_in_the_line_of_the_last_ten_minutes()
    {
        _haproxy.Request(40);
        IPage page = await _browser.OpenAsync(Address);
        ILocator highest = Field(page.Locator("article[data-listener=haproxy]"), "highest");
        await Assertions.Expect(highest).Not.ToHaveTextAsync("at most 0 in ten minutes", new() { Timeout = 10_000 });
    }

    [Test]
    public async Task It_can_be_used_with_the_keyboard_alone()
    {
        IPage page = await _browser.OpenAsync(Address);
        await page.Keyboard.PressAsync("Tab");
        await Assertions.Expect(page.Locator("#pause")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator("#pause")).ToHaveAttributeAsync("aria-pressed", "true");
        List<string> reached = [];
        for (int i = 0; i < 6; i++)
        {
            await page.Keyboard.PressAsync("Tab");
            reached.Add(await page.EvaluateAsync<string>("document.activeElement.innerText.slice(0, 8)"));
        }
        Assert.That(reached, Is.EqualTo(new[] { "listener", "output\ta", "status.j", "metrics", "readyz", "healthz" }));
    }

    [Test]
    public async Task A_reload_of_the_configuration_and_the_end_of_the_server_show_by_themselves()
    {
        IPage page = await _browser.OpenAsync(Address);
        Directory.Write("concentrator.json", Json(Configuration(more: true)));
        _server.Send(Signal.Hup);
        await Assertions.Expect(page.Locator("article[data-output=second]")).ToBeVisibleAsync();
        _server.Stop();
        await Assertions.Expect(page.Locator("#state")).ToContainTextAsync("no answer since ");
    }

    [Test]
    public async Task A_browser_asks_for_the_token()
    {
        const string Token = "a-token-of-enough-characters";
        string path = Directory.Write("token", Token);
        File.SetUnixFileMode(path, UnixFileMode.UserRead);
        _server.Stop();
        _server = Start(Configuration(token: path));
        PlaywrightException refused = (await Assert.ThrowsAsync<PlaywrightException>(() => _browser.OpenAsync(Address)))!;
        Assert.That(refused.Message, Does.Contain("ERR_INVALID_AUTH_CREDENTIALS"));
        IPage page = await _browser.OpenAsync(Address, password: Token);
        await Assertions.Expect(page.Locator("article[data-listener=haproxy]")).ToBeVisibleAsync();
        _haproxy.Request(10);
        await Assertions.Expect(Field(page, "tr[data-listener=haproxy]", "received_total")).ToHaveTextAsync("10");

        // The checks at the end show no token.
        _server.Stop();
    }

    private object Configuration(bool more = false, string? token = null)
    {
        Dictionary<string, object> outputs = new() { ["file"] = LogFile(Directory), ["sekoia"] = Relay(_intake, Directory) };
        if (more) outputs.Add("second", LogFile(Directory, "second.log"));
        return new
        {
            Listeners = new { haproxy = new { Address = $"unix-dgram:{_haproxy.LogSocket}" } },
            Outputs = outputs,
            Monitoring = token is null ? new Dictionary<string, string>() : new Dictionary<string, string> { ["TokenFile"] = token },
        };
    }

    private static ILocator Field(IPage page, string row, string name) => Field(page.Locator(row), name);

    private static ILocator Field(ILocator card, string name) => card.Locator($"[data-f={name}]");

    private void AssertOwnOrigin()
    {
        Assert.That(_browser.Requests.Where(url => !url.StartsWith(Address, StringComparison.Ordinal) && url != "data:,"), Is.Empty, "no request leaves the page's origin");
        Assert.That(_browser.Errors, Is.Empty);
    }
}
