using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Concentrator.Messages;
using Concentrator.Messages.FrameScanning;
using Concentrator.Messages.Parsing;
using Concentrator.Messages.Rendering;
using Concentrator.Messages.Timestamps;
using Concentrator.Tests.Parsing;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace Concentrator.Tests.Rendering;

internal sealed class RendererProperties
{
    private const int Many = 5_000;

    private static readonly Gen<(byte[] Frame, HeaderFormat Hint)> Cases =
        from frame in Frames.All from hint in Frames.Hints select (frame, hint);

    [TestCaseSource(typeof(Renderers), nameof(Renderers.All))]
    public void What_is_measured_is_what_is_written(string name)
    {
        foreach (TimestampSource source in Enum.GetValues<TimestampSource>())
        {
            Renderer renderer = Renderers.Create(name, source);
            // Render throws where they differ; the room it gives is exactly what was measured.
            ForAll(sample => Renderers.Render(renderer, sample.Frame, sample.Hint).Length >= 0);
        }
    }

    [TestCaseSource(typeof(Renderers), nameof(Renderers.Lines))]
    public void A_line_holds_no_control_byte_but_the_LF_at_its_end(string name)
    {
        Renderer renderer = Renderers.Create(name);
        ForAll(sample =>
        {
            byte[] line = Renderers.Render(renderer, sample.Frame, sample.Hint);
            return line[^1] == '\n' && line.AsSpan(0, line.Length - 1).IndexOfAnyInRange((byte)0, (byte)31) < 0 && !line.Contains((byte)127);
        });
    }

    [Test]
    public void A_JSON_line_is_one_object_whose_texts_are_the_fields_of_the_message()
    {
        Renderer renderer = Renderers.Create("json-line");
        ForAll(sample =>
        {
            using System.Text.Json.JsonDocument line = System.Text.Json.JsonDocument.Parse(Renderers.Render(renderer, sample.Frame, sample.Hint));
            SyslogParser.Parse(sample.Frame, sample.Hint, out SyslogMessage message);
            return Member(line, "message") == Encoding.UTF8.GetString(MessageText.Trim(message.Text))
                && Member(line, "program") == Encoding.UTF8.GetString(message.AppName)
                && Member(line, "pid") == Encoding.UTF8.GetString(message.ProcId)
                && Member(line, "host") == Encoding.UTF8.GetString(ShownHost.Of(message, Renderers.Reception))
                && (Member(line, "structured_data") ?? "") == Encoding.UTF8.GetString(message.StructuredData)
                && (Member(line, "msgid") ?? "") == Encoding.UTF8.GetString(message.MsgId);
        });

        static string? Member(System.Text.Json.JsonDocument line, string name) =>
            line.RootElement.TryGetProperty(name, out System.Text.Json.JsonElement value) ? value.GetString() : null;
    }

    [TestCaseSource(typeof(Renderers), nameof(Renderers.Frames))]
    public void Frames_behind_each_other_are_found_again(string name)
    {
        Renderer renderer = Renderers.Create(name);
        Gen<(byte[] Frame, HeaderFormat Hint)[]> several = Cases.ArrayOf();
        Prop.ForAll(several.ToArbitrary(), samples =>
        {
            byte[][] rendered = [.. samples.Select(sample => Renderers.Render(renderer, sample.Frame, sample.Hint))
                .Where(static r => r.Length > 0)];
            FrameScanner scanner = new(Framing.OctetCounted, 1 << 20);
            ReadOnlySequence<byte> stream = new([.. rendered.SelectMany(static r => r)]);
            foreach (byte[] one in rendered)
            {
                if (scanner.TryRead(ref stream, out ReadOnlySequence<byte> frame, out FrameParts parts) != FrameStatus.Frame || parts != FrameParts.Whole
                    || !one.AsSpan().EndsWith(frame.ToArray()))
                    return false;
            }
            return stream.IsEmpty;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
    }

    [Test]
    public void A_Sekoia_frame_is_parsed_back_into_its_fields()
    {
        string element = $"[SEKOIA@53288 intake_key=\"{Renderers.Key}\"]";
        RoundTrip("sekoia-kept", sent => Defused(Shown(sent), isData: false) with { MsgId = "LOG", StructuredData = element }, mayBeMalformed: false);
        RoundTrip("sekoia", sent => Escaped(Texted(Shown(sent))) with { MsgId = "LOG", StructuredData = element }, mayBeMalformed: false);
    }

    [Test]
    public void An_RFC_5424_frame_is_parsed_back_into_its_fields() =>
        // A name of over 32 bytes in structured data is passed on as it came.
        RoundTrip("rfc5424", static sent => Shown(sent) with { MsgId = Token(sent.MsgId, 32) }, mayBeMalformed: true);

    private static void RoundTrip(string name, Func<Fields, Fields> expect, bool mayBeMalformed)
    {
        Renderer renderer = Renderers.Create(name, TimestampSource.Message);
        ForAll(sample =>
        {
            SyslogParser.Parse(sample.Frame, sample.Hint, out SyslogMessage sent);
            byte[] rendered = Renderers.Render(renderer, sample.Frame, sample.Hint);
            // A text that ends with a LF lost it to the renderer, so the parser takes none from it.
            SyslogParser.Parse(rendered.AsSpan(rendered.AsSpan().IndexOf((byte)' ') + 1), HeaderFormat.Auto, out SyslogMessage back);
            bool hadTime = SentTime.TryRead(sent.Timestamp, out DateTimeOffset time);
            string stamp = hadTime ? time.ToString("yyyy-MM-ddTHH:mm:ss.ffffffzzz", CultureInfo.InvariantCulture) : Renderers.Received;
            Fields expected = expect(new Fields(sent)) with { Pri = sent.Pri, Timestamp = stamp };
            return new Fields(back) == expected && (mayBeMalformed || !back.IsMalformed);
        });
    }

    private static Fields Shown(Fields sent) => sent with
    {
        Version = 1,
        HostName = Token(sent.HostName.Length == 0 ? Renderers.Sender : sent.HostName, 255),
        AppName = Token(sent.AppName, 48),
        ProcId = Token(sent.ProcId, 128),
        Text = sent.Text.TrimStart(' ', '\t').TrimEnd('\n', '\r', '\0'),
    };

    /// <summary>Without text, MSGID and structured data are the text.</summary>
    private static Fields Texted(Fields shown) => shown.Text.Length > 0
        ? Defused(shown, isData: false)
        : Defused(shown with { Text = string.Join(' ', new[] { shown.MsgId, shown.StructuredData }.Where(static w => w.Length > 0)) }, isData: true);

    private static Fields Escaped(Fields sent) => sent with
    {
        Text = string.Concat(sent.Text.Select(static c => c is < ' ' or '\x7F' ? $"#{Convert.ToString(c, 8).PadLeft(3, '0')}" : $"{c}")),
    };

    /// <summary>Without what could be taken for a second element with a key.</summary>
    private static Fields Defused(Fields shown, bool isData) => shown with
    {
        HostName = Defused(shown.HostName),
        AppName = Defused(shown.AppName),
        ProcId = Defused(shown.ProcId),
        Text = isData || Regex.IsMatch(shown.Text, @"^(?:[\x00-\x20\[]|\u00EF\u00BB\u00BF)") ? Defused(shown.Text) : shown.Text,
    };

    private static string Defused(string text) => Regex.Replace(text, @"\[(?=SEKOIA@53288)", "_", RegexOptions.IgnoreCase);

    private static string Token(string field, int limit) =>
        string.Concat(field.Take(limit).Select(static c => c <= ' ' || c == '\x7F' ? '_' : c));

    private static void ForAll(Func<(byte[] Frame, HeaderFormat Hint), bool> property) =>
        Prop.ForAll(Cases.ToArbitrary(), sample => property(sample).Label(Encoding.Latin1.GetString(sample.Frame)))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(Many));
}
