using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Concentrator.Taps;

/// <summary>JSON objects, one a line, gathered until they are sent. One thread.</summary>
internal sealed class TapLines : IDisposable
{
    // The relaxed encoder leaves < > & ' + and text beyond ASCII as they are: these lines are for a pipe, never for a page.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ArrayBufferWriter<byte> _bytes = new(4096);
    private readonly Utf8JsonWriter _json;

    public TapLines() => _json = new Utf8JsonWriter(_bytes, Options);

    /// <summary>The lines that were ended since <see cref="Clear"/>: valid until the next call.</summary>
    public ReadOnlySpan<byte> Written => _bytes.WrittenSpan;

    /// <summary>Begins a line; the caller writes one object.</summary>
    public Utf8JsonWriter Begin()
    {
        _json.Reset();
        return _json;
    }

    public void End()
    {
        _json.Flush();
        _bytes.Write("\n"u8);
    }

    public void Clear() => _bytes.ResetWrittenCount();

    public void Dispose() => _json.Dispose();
}
