using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Concentrator.Hosting.HandOver;
using Concentrator.Taps;

namespace Concentrator.Tools.Taps;

/// <summary>
/// A tap at the running server, as its client sees it: lines of JSON, first the server's own. One caller at a time; <see cref="End"/> may be
/// called by any thread.
/// </summary>
internal sealed class TapClient : IDisposable
{
    private static readonly TimeSpan Answer = TimeSpan.FromSeconds(5);

    /// <summary>After <see cref="End"/>, the server sends what it has gathered and its counts within this time.</summary>
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(3);

    private readonly TakeOverChannel _channel;
    private readonly NetworkStream _stream;
    private readonly StreamReader _reader;
    private readonly CancellationTokenSource _over = new();
    private int _isEnding;

    private TapClient(TakeOverChannel channel, int pid)
    {
        _channel = channel;
        _stream = new NetworkStream(channel.Socket, ownsSocket: false);
        _reader = new StreamReader(_stream, Encoding.UTF8);
        Pid = pid;
    }

    /// <summary>The server's process.</summary>
    public int Pid { get; }

    /// <summary>The line in which the server names itself, its listeners and its outputs. The caller does not dispose it.</summary>
    public JsonDocument Hello { get; private set; } = null!;

    /// <summary>Whether the server has said goodbye, rather than gone away.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Opens a tap: every message that the server routes from now on is offered to it.</summary>
    /// <param name="directory">The spool's directory of the server's configuration.</param>
    /// <param name="request">What to see.</param>
    /// <exception cref="TapException">There is no tap; the message is one line for people.</exception>
    public static async Task<TapClient> OpenAsync(string directory, TapRequest request)
    {
        string path = ControlSocket.PathIn(directory);
        TapClient? client = null;
        try
        {
            TakeOverChannel channel = ControlConnection.TryOpen(path, Answer, out int pid, trustsOwner: true)
                ?? throw new TapException($"no server listens at {path}; check that it is running, and that Spool:Directory is the one of its configuration");
            client = new TapClient(channel, pid);
            client.Ask(request);
            client._over.CancelAfter(Answer);
            client.Hello = await client.ReadAsync().ConfigureAwait(false) ?? throw new TapException($"process {pid} closed the connection");
            client._over.CancelAfter(Timeout.InfiniteTimeSpan);
            return client;
        }
        catch (Exception e)
        {
            client?.Dispose();
            if (e is not (IOException or SocketException)) throw;
            throw new TapException(e.Message.Contains("Permission denied", StringComparison.Ordinal)
                ? $"{path}: permission denied; only root and the server's own user may see messages"
                : e.Message);
        }
    }

    /// <summary>The next line, which the caller disposes; null after the last.</summary>
    /// <exception cref="TapException">It is no JSON.</exception>
    public async Task<JsonDocument?> ReadAsync()
    {
        try
        {
            if (await _reader.ReadLineAsync(_over.Token).ConfigureAwait(false) is not { } line) return null;
            JsonDocument document = JsonDocument.Parse(line);
            HasEnded |= TypeOf(document) == "end";
            return document;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // Expected: the server has gone away, or does not answer the end of the tap.
            return null;
        }
        catch (JsonException e)
        {
            throw new TapException($"process {Pid} sent a line that is no JSON: {e.Message}");
        }
    }

    /// <summary>Wants no more messages: those that the server has gathered follow, and its counts. Any thread.</summary>
    public void End()
    {
        if (Interlocked.Exchange(ref _isEnding, 1) != 0) return;
        try
        {
            _channel.Socket.Shutdown(SocketShutdown.Send);
            _over.CancelAfter(Farewell);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Expected: the server has gone away already, or this client is disposed.
        }
    }

    /// <summary>The kind of a line.</summary>
    public static string? TypeOf(JsonDocument line) =>
        line.RootElement.ValueKind == JsonValueKind.Object && line.RootElement.TryGetProperty("type", out JsonElement type)
        && type.ValueKind == JsonValueKind.String ? type.GetString() : null;

    public void Dispose()
    {
        Hello?.Dispose();
        _reader.Dispose();
        _stream.Dispose();
        _channel.Dispose();
        _over.Dispose();
    }

    private void Ask(TapRequest request)
    {
        try
        {
            _channel.Send(request.ToString());
        }
        catch (IOException)
        {
            // A server that refuses this user closes without waiting for the request; its reason can still be read.
        }
        const string Refused = "refused ";
        string? answer = _channel.Receive(Answer);
        if (answer == TapRequest.Accepted) return;
        throw new TapException(
            answer is null ? $"process {Pid} closed the connection"
            : !answer.StartsWith(Refused, StringComparison.Ordinal) ? $"process {Pid} does not know taps; restart the server with this version"
            : answer.Contains("that version ", StringComparison.Ordinal)
                ? $"process {Pid} runs an older version without taps ({answer[Refused.Length..]}); restart it"
            : $"process {Pid} refused: {answer[Refused.Length..]}");
    }
}

/// <summary>There is no tap; the message gives the reason in one line for the operator. Exit code 2.</summary>
internal sealed class TapException(string reason) : Exception(reason)
{
    /// <summary>The reason where a line has no such member, or one of another kind.</summary>
    public const string Strange = "the server sent a line that this version does not understand";
}
