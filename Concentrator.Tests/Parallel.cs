// Fixtures that wait for their peers' times rather than for a processor are marked Parallelizable and run beside each other, before all others.
[assembly: NUnit.Framework.LevelOfParallelism(4)]
