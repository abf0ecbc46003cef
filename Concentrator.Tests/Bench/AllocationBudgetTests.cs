using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using BenchmarkDotNet.Attributes;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.BenchTool;

/// <summary>What each micro-benchmark may allocate stands in a file that is part of the project; here it is measured.</summary>
[TestFixture]
internal sealed class AllocationBudgetTests
{
    private static readonly Dictionary<string, double> Budget =
        JsonSerializer.Deserialize<Dictionary<string, double>>(File.ReadAllText(BudgetFile()))!;

    private static IEnumerable<TestCaseData> Benchmarks =>
        from type in typeof(Concentrator.Bench.Program).Assembly.GetTypes()
        from method in type.GetMethods()
        where method.GetCustomAttribute<BenchmarkAttribute>() is not null
        select new TestCaseData(method).SetArgDisplayNames(Name(method));

    [TestCaseSource(nameof(Benchmarks))]
    public void An_operation_allocates_no_more_than_its_budget(MethodInfo benchmark)
    {
        Assert.That(Budget, Does.ContainKey(Name(benchmark)), "every benchmark has a budget");
        object instance = Activator.CreateInstance(benchmark.DeclaringType!)!;
        using (instance as IDisposable)
        {
            foreach (MethodInfo setup in benchmark.DeclaringType!.GetMethods())
            {
                if (setup.GetCustomAttribute<GlobalSetupAttribute>() is not null) setup.Invoke(instance, null);
            }
            Func<int> run = benchmark.CreateDelegate<Func<int>>(instance);
            long bytes = Allocation.InSteadyState(() => run());
            double perOperation = bytes / (double)benchmark.GetCustomAttribute<BenchmarkAttribute>()!.OperationsPerInvoke;
            Assert.That(perOperation, Is.LessThanOrEqualTo(Budget[Name(benchmark)]), "bytes per operation");
        }
    }

    [Test]
    public void No_budget_is_left_without_its_benchmark() =>
        Assert.That(Budget.Keys, Is.EquivalentTo(Benchmarks.Select(static one => Name((MethodInfo)one.Arguments[0]!))));

    private static string Name(MethodInfo benchmark) => $"{benchmark.DeclaringType!.Name}.{benchmark.Name}";

    private static string BudgetFile([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "Concentrator.Bench", "allocation-budget.json"));
}
