using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace Concentrator.Tests.Equipment;

/// <summary>Debian's Chromium without a window, driven by Playwright. One caller at a time.</summary>
internal sealed class Browser : IAsyncDisposable
{
    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;

    private Browser(IPlaywright playwright, IBrowser browser)
    {
        _playwright = playwright;
        _browser = browser;
    }

    /// <summary>Everything that any page asked for.</summary>
    public ConcurrentQueue<string> Requests { get; } = [];

    /// <summary>What pages wrote to the console as an error, and exceptions that nobody caught.</summary>
    public ConcurrentQueue<string> Errors { get; } = [];

    public static async Task<Browser> StartAsync()
    {
        string program = Peer.Require("chromium", "chromium");
        IPlaywright playwright = await Playwright.CreateAsync();
        try
        {
            // Its sandbox does not work for root.
            IBrowser browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = program, Args = ["--no-sandbox"] });
            return new Browser(playwright, browser);
        }
        catch
        {
            playwright.Dispose();
            throw;
        }
    }

    /// <summary>Opens a page in a context of its own, which ends with the browser.</summary>
    public async Task<IPage> OpenAsync(string address, int width = 1280, ColorScheme scheme = ColorScheme.Light, bool withScripts = true, string? password = null)
    {
        IBrowserContext context = await _browser.NewContextAsync(new()
        {
            ViewportSize = new() { Width = width, Height = 800 },
            ColorScheme = scheme,
            JavaScriptEnabled = withScripts,
            HttpCredentials = password is null ? null : new() { Username = "operator", Password = password },
            IgnoreHTTPSErrors = true,
        });
        IPage page = await context.NewPageAsync();
        page.SetDefaultTimeout((float)Deadline.Reaction.TotalMilliseconds);
        page.Request += (_, request) => Requests.Enqueue(request.Url);
        page.PageError += (_, error) => Errors.Enqueue(error);
        page.Console += (_, message) =>
        {
            if (message.Type == "error") Errors.Enqueue(message.Text);
        };
        await page.GotoAsync(address);
        return page;
    }

    /// <summary>The violations that axe-core finds on the page, one line each.</summary>
    public static async Task<IReadOnlyList<string>> FindBarriersAsync(IPage page)
    {
        await page.EvaluateAsync(await File.ReadAllTextAsync(AxePath()));
        return await page.EvaluateAsync<string[]>("""
            async () => (await axe.run()).violations.flatMap(v => v.nodes.map(n => `${v.id}: ${n.html} ${n.failureSummary}`))
            """);
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }

    private static string AxePath()
    {
        const string Variable = "CONCENTRATOR_TEST_AXE";
        string? root = Environment.GetEnvironmentVariable(Variable);
        string path = Path.Combine(root ?? "", "node_modules/axe-core/axe.min.js");
        if (root is null || !File.Exists(path)) Peer.CannotRun($"axe-core is missing; install it with packaging/npm-package DIR axe-core@4.14.1, and set {Variable}=DIR");
        return path;
    }
}
