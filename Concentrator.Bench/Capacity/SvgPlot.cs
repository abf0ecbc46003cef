using System.Globalization;
using System.Net;
using System.Text;

namespace Concentrator.Bench.Capacity;

/// <summary>A curve of a plot.</summary>
/// <param name="Points">The points, ordered by x.</param>
internal sealed record Curve(string Name, IReadOnlyList<(double X, double Y)> Points);

/// <summary>
/// Renders a small plot as inline SVG with a logarithmic x axis. Needs no script, font or network. Points whose x is not above zero are
/// left out.
/// </summary>
internal static class SvgPlot
{
    private const int Width = 460;
    private const int Height = 260;
    private const int Left = 62;
    private const int Right = 12;
    private const int Top = 30;
    private const int Bottom = 40;

    private static readonly string[] Colours = ["#1769aa", "#c1440e", "#2e7d32", "#6a1b9a", "#795548", "#00838f"];

    public static string Draw(string title, string xName, string yName, IReadOnlyList<Curve> curves)
    {
        curves = [.. curves.Select(static c => c with { Points = [.. c.Points.Where(static p => p.X > 0 && double.IsFinite(p.X))] })];
        IReadOnlyList<double> xSteps = LogarithmicSteps.Around(curves.SelectMany(static c => c.Points).Select(static p => p.X));
        double yMost = Ceiling(curves.SelectMany(static c => c.Points).Select(static p => p.Y));
        double X(double x) => Left + (Math.Log(x / xSteps[0]) / Math.Log(xSteps[^1] / xSteps[0]) * (Width - Left - Right));
        double Y(double y) => Height - Bottom - (y / yMost * (Height - Top - Bottom));

        StringBuilder svg = new();
        void Add(FormattableString text) => svg.Append(text.ToString(CultureInfo.InvariantCulture)).Append('\n');
        Add($"<svg viewBox=\"0 0 {Width} {Height}\" width=\"{Width}\" height=\"{Height}\" role=\"img\" aria-label=\"{Safe(title)}\">");
        Add($"<text x=\"{Left}\" y=\"18\" class=\"title\">{Safe(title)}</text>");
        for (int i = 0; i <= 4; i++)
        {
            double y = yMost * i / 4;
            Add($"<line x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{Y(y):F1}\" y2=\"{Y(y):F1}\" class=\"grid\"/>");
            Add($"<text x=\"{Left - 6}\" y=\"{Y(y) + 4:F1}\" class=\"y\">{Short(y)}</text>");
        }
        foreach (double x in xSteps)
        {
            Add($"<line x1=\"{X(x):F1}\" x2=\"{X(x):F1}\" y1=\"{Top}\" y2=\"{Height - Bottom}\" class=\"grid\"/>");
            Add($"<text x=\"{X(x):F1}\" y=\"{Height - Bottom + 16}\" class=\"x\">{Short(x)}</text>");
        }
        Add($"<text x=\"{(Left + Width - Right) / 2}\" y=\"{Height - 6}\" class=\"x\">{Safe(xName)}</text>");
        Add($"<text x=\"14\" y=\"{Height / 2}\" class=\"x\" transform=\"rotate(-90 14 {Height / 2})\">{Safe(yName)}</text>");
        for (int i = 0; i < curves.Count; i++)
        {
            string colour = Colours[i % Colours.Length];
            IEnumerable<string> points = curves[i].Points.Select(
                p => string.Create(CultureInfo.InvariantCulture, $"{X(p.X):F1},{Y(p.Y):F1}"));
            Add($"<polyline points=\"{string.Join(' ', points)}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>");
            foreach ((double x, double y) in curves[i].Points)
            {
                Add($"<circle cx=\"{X(x):F1}\" cy=\"{Y(y):F1}\" r=\"3\" fill=\"{colour}\">");
                Add($"<title>{Safe(curves[i].Name)}: {x:N0} → {y:N2}</title></circle>");
            }
            Add($"<text x=\"{Left + 8}\" y=\"{Top + 12 + (14 * i)}\" fill=\"{colour}\" class=\"key\">{Safe(curves[i].Name)}</text>");
        }
        return svg.Append("</svg>\n").ToString();
    }

    /// <summary>The next value of the form 1, 2 or 5 times a power of ten.</summary>
    private static double Ceiling(IEnumerable<double> values)
    {
        double most = values.Where(double.IsFinite).DefaultIfEmpty(0).Max();
        if (most <= 0) return 1;
        double unit = Math.Pow(10, Math.Floor(Math.Log10(most)));
        return Array.Find([unit, 2 * unit, 5 * unit, 10 * unit], step => step >= most);
    }

    private static string Short(double value) => value switch
    {
        >= 1e6 => string.Create(CultureInfo.InvariantCulture, $"{value / 1e6:0.##}M"),
        >= 1e3 => string.Create(CultureInfo.InvariantCulture, $"{value / 1e3:0.##}k"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{value:0.###}"),
    };

    private static string Safe(string text) => WebUtility.HtmlEncode(text);
}
