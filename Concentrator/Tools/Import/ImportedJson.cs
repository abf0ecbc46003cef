using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Concentrator.Configuration.Loading;
using Concentrator.Configuration.Options;
using Concentrator.Configuration.Values;
using Concentrator.Messages.FrameScanning;
using Concentrator.Messages.Rendering;

namespace Concentrator.Tools.Import;

/// <summary>Writes the imported configuration as a file, with the origin of each part as a comment.</summary>
internal static class ImportedJson
{
    public static byte[] Write(ImportResult import, IEnumerable<string> files)
    {
        using MemoryStream json = new();
        using (Utf8JsonWriter writer = new(json, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NewLine = "\n" }))
        {
            writer.WriteStartObject();
            Comment(writer, $"Imported from {string.Join(", ", files)}");
            writer.WriteStartObject(ListenersReader.Section);
            foreach (ImportedInput input in import.Inputs) WriteListener(writer, input);
            writer.WriteEndObject();
            writer.WriteStartObject(OutputsReader.Section);
            foreach (ImportedOutput output in import.Outputs) WriteOutput(writer, output);
            writer.WriteEndObject();
            writer.WriteStartArray(RoutesReader.Section);
            foreach (ImportedRoute route in import.Routes) WriteRoute(writer, route);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        json.WriteByte((byte)'\n');
        return json.ToArray();
    }

    private static void WriteListener(Utf8JsonWriter writer, ImportedInput input)
    {
        ListenerOptions options = input.Options;
        writer.WriteStartObject(options.Name);
        Comment(writer, input.Origin);
        writer.WriteString("Address", options.Address.ToString());
        if (options.Address.Path is not null) writer.WriteString("Mode", FileModeParser.Format(options.Mode));
        if (options.Framing != Framing.Auto) writer.WriteString("Framing", "lf");
        if (options.MaxMessageSize > 0) writer.WriteString("MaxMessageSize", ByteSize.Format(options.MaxMessageSize));
        if (options.ReceiveBuffer != new ListenerOptions { Name = "", Address = options.Address }.ReceiveBuffer)
        {
            writer.WriteString("ReceiveBuffer", ByteSize.Format(options.ReceiveBuffer));
        }
        if (options.Tls is { } tls)
        {
            writer.WriteStartObject("Tls");
            writer.WriteString("CertificateFile", tls.CertificateFile);
            writer.WriteString("KeyFile", tls.KeyFile);
            if (tls.ClientCaFile is not null) writer.WriteString("ClientCaFile", tls.ClientCaFile);
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
    }

    private static void WriteOutput(Utf8JsonWriter writer, ImportedOutput output)
    {
        writer.WriteStartObject(output.Options.Name);
        Comment(writer, output.Origin);
        if (output.Options is FileOutputOptions file) WriteFile(writer, file);
        else WriteRelay(writer, (RelayOutputOptions)output.Options);
        if (output.Options.Timestamp == TimestampSource.Message) writer.WriteString("Timestamp", "message");
        writer.WriteEndObject();
    }

    private static void WriteFile(Utf8JsonWriter writer, FileOutputOptions file)
    {
        writer.WriteString("Type", "file");
        writer.WriteString("Path", file.Path);
        if (file.Format is FileFormat format) writer.WriteString("Format", format.ToString().ToLowerInvariant());
        if (file.Mode != new FileOutputOptions { Name = "", Path = "" }.Mode) writer.WriteString("Mode", FileModeParser.Format(file.Mode));
        if (file.Owner is not null) writer.WriteString("Owner", file.Owner);
        if (file.Group is not null) writer.WriteString("Group", file.Group);
    }

    private static void WriteRelay(Utf8JsonWriter writer, RelayOutputOptions relay)
    {
        writer.WriteString("Type", relay.Type);
        if (relay.Endpoints.List is [RelayEndpoint only])
        {
            writer.WriteString("Endpoint", only.ToString());
        }
        else
        {
            writer.WriteStartArray("Endpoint");
            foreach (RelayEndpoint endpoint in relay.Endpoints.List) writer.WriteStringValue(endpoint.ToString());
            writer.WriteEndArray();
        }
        writer.WriteString("Format", relay.Format.ToString()!.ToLowerInvariant());
        if (relay.Framing == RelayFraming.Lf) writer.WriteString("Framing", "lf");
        if (relay.IntakeKey is not null) writer.WriteString(IntakeKeyReader.KeyKey, relay.IntakeKey.Reveal());
        if (relay.Tls is not { } tls || tls == new RelayTlsOptions()) return;
        writer.WriteStartObject("Tls");
        if (tls.CaFile is not null) writer.WriteString("CaFile", tls.CaFile);
        if (tls.ServerName is not null) writer.WriteString("ServerName", tls.ServerName);
        if (tls.CertificateFile is not null) writer.WriteString("CertificateFile", tls.CertificateFile);
        if (tls.KeyFile is not null) writer.WriteString("KeyFile", tls.KeyFile);
        writer.WriteEndObject();
    }

    private static void WriteRoute(Utf8JsonWriter writer, ImportedRoute route)
    {
        RouteCondition condition = route.Condition;
        writer.WriteStartObject();
        Comment(writer, route.Origin.Length > 0 ? route.Origin : "no further routes for these messages");
        WriteTexts(writer, "From", condition.From ?? []);
        // A prefix of the program's name is also a prefix of the whole APP-NAME.
        bool isWhole = condition is { Program: null, ProgramName: [.., '*'] beginning } && !beginning[..^1].Contains('*', StringComparison.Ordinal);
        if (condition.Program is not null) writer.WriteString("Program", condition.Program);
        if (condition.ProgramName is not null) writer.WriteString(isWhole ? "Program" : "ProgramName", condition.ProgramName);
        if (condition.Host is not null) writer.WriteString("Host", condition.Host);
        if (condition.Sender is { } sender) writer.WriteString("Sender", sender.ToString());
        if (condition.Severities != byte.MaxValue) writer.WriteString("Severity", SeverityCondition.Format(condition.Severities));
        if (condition.Facilities != RouteCondition.AllFacilities) WriteTexts(writer, "Facility", FacilityCondition.Format(condition.Facilities));
        if (condition is { ContainsAny: null, ContainsAll: [string only] })
        {
            writer.WriteString("Contains", only);
        }
        else
        {
            WriteTexts(writer, "Contains", condition.ContainsAny ?? []);
            WriteTexts(writer, "ContainsAll", condition.ContainsAll);
        }
        if (route.IntakeKey is not null) writer.WriteString(IntakeKeyReader.KeyKey, route.IntakeKey);
        writer.WriteStartArray("To");
        foreach (string output in route.To) writer.WriteStringValue(output);
        writer.WriteEndArray();
        if (route.Stop) writer.WriteBoolean("Stop", true);
        writer.WriteEndObject();
    }

    private static void WriteTexts(Utf8JsonWriter writer, string name, IReadOnlyList<string> texts)
    {
        if (texts.Count == 0) return;
        writer.WriteStartArray(name);
        foreach (string text in texts) writer.WriteStringValue(text);
        writer.WriteEndArray();
    }

    private static void Comment(Utf8JsonWriter writer, string text)
    {
        if (text.Length > 0) writer.WriteCommentValue(string.Create(CultureInfo.InvariantCulture, $" {text.Replace("*/", "* /", StringComparison.Ordinal)} "));
    }
}
