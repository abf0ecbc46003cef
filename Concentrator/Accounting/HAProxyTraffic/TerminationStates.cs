using System.Runtime.CompilerServices;

namespace Concentrator.Accounting.HAProxyTraffic;

/// <summary>
/// The first two characters of HAProxy's termination state, as one number: why the session ended and in which phase. Characters that HAProxy's manual
/// does not list are one state of their own, so that the values of the label are bounded.
/// </summary>
internal static class TerminationStates
{
    private const string Causes = "-CSPLRIDUKcs";
    private const string Phases = "-RQCHDLT";

    /// <summary>How many there are; the last is <c>other</c>.</summary>
    public const int Count = 12 * 8 + 1;

    /// <summary><c>--</c>: nearly every line has it.</summary>
    private const int Regular = 0;

    private static readonly byte[] CauseOf = Table(Causes);
    private static readonly byte[] PhaseOf = Table(Phases);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int NumberOf(byte cause, byte phase) => cause == '-' && phase == '-' ? Regular : Search(cause, phase);

    private static int Search(byte cause, byte phase)
    {
        int first = CauseOf[cause], second = PhaseOf[phase];
        return first == Unknown || second == Unknown ? Count - 1 : first * Phases.Length + second;
    }

    public static string Label(int number) => number == Count - 1 ? "other" : $"{Causes[number / Phases.Length]}{Phases[number % Phases.Length]}";

    private const byte Unknown = 255;

    private static byte[] Table(string letters)
    {
        byte[] table = new byte[256];
        Array.Fill(table, Unknown);
        for (int i = 0; i < letters.Length; i++) table[letters[i]] = (byte)i;
        return table;
    }
}
