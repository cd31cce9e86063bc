using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Lwg.MLNet;

/// <summary>Reads JSON from outside. Editors and spreadsheets add a byte order mark or write UTF-16. Only this class handles
/// both.</summary>
internal static class OutsideJson
{
    /// <summary>Reads a document.</summary>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> bytes, bool allowNaN = false)
    {
        ReadOnlyMemory<byte> text = ToUtf8(bytes);
        return JsonDocument.Parse(allowNaN ? WithoutNaN(text) : text);
    }

    /// <summary>Deserialises an object.</summary>
    /// <exception cref="JsonException">The text is not JSON of this type.</exception>
    public static T? Deserialize<T>(ReadOnlySpan<byte> bytes, JsonSerializerOptions? options = null) =>
        JsonSerializer.Deserialize<T>(ToUtf8(bytes.ToArray()).Span, options);

    /// <summary>Converts the text to UTF-8 without a byte order mark.</summary>
    /// <exception cref="JsonException">The text is damaged UTF-16 or UTF-32.</exception>
    public static ReadOnlyMemory<byte> ToUtf8(ReadOnlyMemory<byte> bytes)
    {
        ReadOnlySpan<byte> span = bytes.Span;
        if (span is [0xEF, 0xBB, 0xBF, ..])
            return bytes[3..];
        if (EncodingOf(span) is not (var encoding, var mark))
            return bytes;
        try
        {
            return Encoding.UTF8.GetBytes(encoding.GetString(span[mark..]));
        }
        catch (ArgumentException e)
        {
            throw new JsonException("It is UTF-16 or UTF-32 text that is damaged: " + e.Message, e);
        }
    }

    // JSON begins with an ASCII character, so zeros indicate the width of characters if there is no mark.
    private static (Encoding Encoding, int Mark)? EncodingOf(ReadOnlySpan<byte> start) => start switch
    {
        [0xFF, 0xFE, 0, 0, ..] => (new UTF32Encoding(bigEndian: false, byteOrderMark: false, throwOnInvalidCharacters: true), 4),
        [0, 0, 0xFE, 0xFF, ..] => (new UTF32Encoding(bigEndian: true, byteOrderMark: false, throwOnInvalidCharacters: true), 4),
        [0xFF, 0xFE, ..] => (new UnicodeEncoding(bigEndian: false, byteOrderMark: false, throwOnInvalidBytes: true), 2),
        [0xFE, 0xFF, ..] => (new UnicodeEncoding(bigEndian: true, byteOrderMark: false, throwOnInvalidBytes: true), 2),
        [not 0, 0, not 0, 0, ..] => (new UnicodeEncoding(bigEndian: false, byteOrderMark: false, throwOnInvalidBytes: true), 0),
        [0, not 0, 0, not 0, ..] => (new UnicodeEncoding(bigEndian: true, byteOrderMark: false, throwOnInvalidBytes: true), 0),
        _ => null,
    };

    /// <summary>Replaces NaN and Infinity, which Python writes although they are not JSON, by null.</summary>
    private static ReadOnlyMemory<byte> WithoutNaN(ReadOnlyMemory<byte> json)
    {
        ReadOnlySpan<byte> text = json.Span;
        if (text.IndexOf("NaN"u8) < 0 && text.IndexOf("Infinity"u8) < 0)
            return json;
        var result = new ArrayBufferWriter<byte>(text.Length + 16);
        bool quoted = false;
        for (int i = 0; i < text.Length;)
        {
            int token = quoted ? 0 : TokenLength(text[i..]);
            int take = token > 0 ? token : quoted && text[i] == '\\' && i + 1 < text.Length ? 2 : 1;
            quoted ^= text[i] == '"';
            result.Write(token > 0 ? "null"u8 : text.Slice(i, take));
            i += take;
        }
        return result.WrittenMemory;
    }

    private static int TokenLength(ReadOnlySpan<byte> text) =>
        text.StartsWith("NaN"u8) ? 3 : text.StartsWith("-NaN"u8) ? 4 : text.StartsWith("Infinity"u8) ? 8 : text.StartsWith("-Infinity"u8)
        ? 9 : 0;
}
