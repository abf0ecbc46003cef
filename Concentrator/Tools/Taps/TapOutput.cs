using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Concentrator.Tools.Taps;

/// <summary>Where a tap prints.</summary>
internal static class TapOutput
{
    /// <summary>
    /// A writer that throws <see cref="IOException"/> when the reader of a pipe has ended, as <c>head</c> does. The console's own writer drops
    /// what it is given from then on, so a tap of a quiet server would keep its place for ever.
    /// </summary>
    /// <param name="output">The command's output: another than the console's, or one that is no pipe, is returned as it is.</param>
    public static TextWriter Of(TextWriter output)
    {
        if (!ReferenceEquals(output, Console.Out) || !Console.IsOutputRedirected) return output;
        FileStream stream = new(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);

        // A file's position belongs to everyone who writes to it: only the console's writer shares it.
        return stream.CanSeek ? output : new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true };
    }
}
