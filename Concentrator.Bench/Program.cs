using BenchmarkDotNet.Running;
using Concentrator.Bench.Micro;

// dotnet run -c Release --project Concentrator.Bench -- micro [BenchmarkDotNet arguments]
if (args is ["micro", .. string[] rest])
{
    BenchmarkSwitcher.FromAssembly(typeof(MicroConfig).Assembly).Run(rest.Length == 0 ? ["--filter", "*"] : rest, new MicroConfig());
    return 0;
}
Console.Error.WriteLine("usage: Concentrator.Bench micro [BenchmarkDotNet arguments, for example --filter *Parser*]");
return 2;
