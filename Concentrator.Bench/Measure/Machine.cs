using System.Globalization;

namespace Concentrator.Bench.Measure;

/// <summary>The machine that was measured, as far as it affects the results.</summary>
internal sealed record Machine
{
    public required string Processor { get; init; }

    public required int Processors { get; init; }

    /// <summary>Memory in bytes; in a container, its limit.</summary>
    public required long Memory { get; init; }

    public required string Kernel { get; init; }

    public required string Runtime { get; init; }

    public required DateTimeOffset MeasuredAt { get; init; }

    public required long DatagramQueue { get; init; }

    public required long SendBuffer { get; init; }

    public required long LargestReceiveBuffer { get; init; }

    public static Machine Describe() => new()
    {
        Processor = ProcessorName(),
        Processors = Environment.ProcessorCount,
        Memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
        Kernel = Environment.OSVersion.Version.ToString(),
        Runtime = System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription,
        MeasuredAt = DateTimeOffset.Now,
        DatagramQueue = KernelSetting.Read(KernelSetting.DatagramQueue),
        SendBuffer = KernelSetting.Read(KernelSetting.SendBuffer),
        LargestReceiveBuffer = KernelSetting.Read(KernelSetting.LargestReceiveBuffer),
    };

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Processors} × {Processor}, {Memory / 1e9:F1} GB, Linux {Kernel}, {Runtime}, {MeasuredAt:yyyy-MM-dd HH:mm}; "
        + $"{KernelSetting.DatagramQueue}={DatagramQueue}, {KernelSetting.SendBuffer}={SendBuffer}, "
        + $"{KernelSetting.LargestReceiveBuffer}={LargestReceiveBuffer}");

    private static string ProcessorName()
    {
        string? line = File.ReadLines("/proc/cpuinfo").FirstOrDefault(static line => line.StartsWith("model name", StringComparison.Ordinal));
        return line is null ? "unknown processor" : line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
    }
}
