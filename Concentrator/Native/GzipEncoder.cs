using System.Runtime.InteropServices;

namespace Concentrator.Native;

/// <summary>
/// Compresses whole buffers to gzip (RFC 1952) with the system's zlib, which is loaded with the first object. .NET's own compression would
/// link another copy of zlib into the native binary. One thread at a time; allocates nothing on the managed heap after construction.
/// </summary>
internal sealed unsafe partial class GzipEncoder : IDisposable
{
    private const string Library = "libz.so.1";

    // <zlib.h>
    private const int Finish = 4;
    private const int StreamEnd = 1;
    private const int Deflated = 8;
    private const int WindowBits = 15;
    private const int GzipHeader = 16;
    private const int MemoryLevel = 8;
    private const int DefaultStrategy = 0;

    private static readonly Lazy<bool> Present = new(static () => NativeLibrary.TryLoad(Library, out _));

    private ZStream* _stream;

    /// <param name="level">1 (fast) to 9 (small).</param>
    /// <exception cref="InvalidOperationException">The library refuses to begin, as without memory.</exception>
    /// <exception cref="DllNotFoundException">The system has no zlib: see <see cref="IsAvailable"/>.</exception>
    public GzipEncoder(int level)
    {
        // The library keeps the address, so the structure must not move.
        _stream = (ZStream*)NativeMemory.AllocZeroed((nuint)sizeof(ZStream));
        int result = Initialize(_stream, level, Deflated, WindowBits + GzipHeader, MemoryLevel, DefaultStrategy, "1", sizeof(ZStream));
        if (result == 0) return;
        NativeMemory.Free(_stream);
        _stream = null;
        throw new InvalidOperationException($"zlib cannot begin to compress: error {result}");
    }

    /// <summary>Whether the system has the library.</summary>
    public static bool IsAvailable => Present.Value;

    /// <summary>The most bytes that <see cref="Encode"/> makes of that many.</summary>
    public int MostFor(int length) => checked((int)Bound(_stream, (nuint)length));

    /// <summary>Compresses the source into the destination; returns the length, or -1 if the library fails.</summary>
    public int Encode(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        fixed (byte* from = source)
        fixed (byte* to = destination)
        {
            _stream->NextIn = from;
            _stream->AvailableIn = (uint)source.Length;
            _stream->NextOut = to;
            _stream->AvailableOut = (uint)destination.Length;
            int result = Deflate(_stream, Finish);
            int length = destination.Length - (int)_stream->AvailableOut;
            return Reset(_stream) == 0 && result == StreamEnd ? length : -1;
        }
    }

    public void Dispose()
    {
        if (_stream == null) return;
        _ = End(_stream);
        NativeMemory.Free(_stream);
        _stream = null;
    }

    // z_stream; uLong is a C long.
    [StructLayout(LayoutKind.Sequential)]
    private struct ZStream
    {
        public byte* NextIn;
        public uint AvailableIn;
        public nuint TotalIn;
        public byte* NextOut;
        public uint AvailableOut;
        public nuint TotalOut;
        public nint Message;
        public nint State;
        public nint Allocate;
        public nint Release;
        public nint Opaque;
        public int DataType;
        public nuint Checksum;
        public nuint Reserved;
    }

    [LibraryImport(Library, EntryPoint = "deflateInit2_", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Initialize(ZStream* stream, int level, int method, int windowBits, int memoryLevel, int strategy, string version, int size);

    [LibraryImport(Library, EntryPoint = "deflate")]
    private static partial int Deflate(ZStream* stream, int flush);

    [LibraryImport(Library, EntryPoint = "deflateReset")]
    private static partial int Reset(ZStream* stream);

    [LibraryImport(Library, EntryPoint = "deflateBound")]
    private static partial nuint Bound(ZStream* stream, nuint length);

    [LibraryImport(Library, EntryPoint = "deflateEnd")]
    private static partial int End(ZStream* stream);
}
