using Concentrator.Configuration.Options;

namespace Concentrator.Telemetry.Push;

/// <summary>
/// The HTTP client of <see cref="OtlpPush"/>: shows the authorization, knows the authorities, and keeps the reason of the last failure, which
/// the SDK does not tell. Any thread may read <see cref="Problem"/>.
/// </summary>
internal sealed class OtlpClient(OtlpOptions options) : IDisposable
{
    private volatile string? _problem;
    private HttpClient? _client;

    /// <summary>Why the last push failed, in one line; null if it did not.</summary>
    public string? Problem => _problem;

    /// <summary>For <c>OtlpExporterOptions.HttpClientFactory</c>: the same client at each call.</summary>
    public HttpClient Create() => _client ??= New();

    public void Dispose() => _client?.Dispose();

    private HttpClient New()
    {
        SocketsHttpHandler handler = new();
        if (options.CaFile is { } file)
        {
            handler.SslOptions.CertificateChainPolicy = TrustAnchors.PolicyFor(file);
            handler.SslOptions.RemoteCertificateValidationCallback = TrustAnchors.Validate;
        }
        HttpClient client = new(new Observed(handler, this));
        if (options.Authorization is { } authorization)
            client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", authorization.Reveal());
        return client;
    }

    private HttpResponseMessage Note(HttpResponseMessage answer)
    {
        _problem = answer.IsSuccessStatusCode ? null : $"it answers {(int)answer.StatusCode} {answer.ReasonPhrase}";
        return answer;
    }

    private void Note(Exception e) => _problem = e is OperationCanceledException ? "it did not answer in time" : (e.InnerException ?? e).Message;

    private sealed class Observed(HttpMessageHandler inner, OtlpClient owner) : DelegatingHandler(inner)
    {
        protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            try
            {
                return owner.Note(base.Send(request, cancellationToken));
            }
            catch (Exception e)
            {
                owner.Note(e);
                throw;
            }
        }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            try
            {
                return owner.Note(await base.SendAsync(request, cancellationToken).ConfigureAwait(false));
            }
            catch (Exception e)
            {
                owner.Note(e);
                throw;
            }
        }
    }
}
