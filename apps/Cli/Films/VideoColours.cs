using System.Globalization;
using System.Text.Json;

namespace Lwg.MLNet.Cli;

/// <summary>The colour encoding of a film, and its conversion to 8-bit sRGB.</summary>
/// <param name="Matrix">The YCbCr matrix by its name in ffmpeg; empty if the film does not specify it.</param>
/// <param name="Transfer">The transfer characteristics.</param>
/// <param name="Primaries">The primaries.</param>
/// <param name="IsFullRange">Whether the full range of values is used; video usually leaves margins at both ends.</param>
/// <param name="IsHd">Whether the film is high-definition, whose colours are BT.709 by default.</param>
internal sealed record VideoColours(string Matrix, string Transfer, string Primaries, bool IsFullRange, bool IsHd)
{
    // Paper white is 203 nits in films of high dynamic range (ITU-R BT.2408); phones go up to 1000.
    private const double White = 203, Peak = 1000;

    // The shorter side from which a film is high-definition, in pixels.
    private const int HdSide = 720;

    private bool IsHighDynamicRange => Transfer is "smpte2084" or "arib-std-b67";

    /// <summary>Reads ffprobe's description of a stream.</summary>
    public static VideoColours Of(JsonElement stream)
    {
        int side = Math.Min(Number("width"), Number("height"));
        return new(Text("color_space"), Text("color_transfer"), Text("color_primaries"), Text("color_range") is "pc" or "full"
            || Text("pix_fmt").StartsWith("yuvj", StringComparison.Ordinal), side >= HdSide);

        int Number(string name) => stream.TryGetProperty(name, out JsonElement value) && value.TryGetInt32(out int number) ? number : 0;
        string Text(string name) => stream.TryGetProperty(name, out JsonElement value)
            && value.GetString() is { } text and not ("unknown" or "unspecified" or "reserved") ? text : "";
    }

    /// <summary>The ffmpeg filters that convert the film's frames to sRGB pictures. Colours of high dynamic range are unchanged up to
    /// seven tenths of white; brighter ones are compressed.</summary>
    public string ToSdr
    {
        get
        {
            const string Square = "w='max(1,round(iw*sar))':h=ih:flags=bicubic+accurate_rnd+full_chroma_int+full_chroma_inp";
            string range = IsFullRange ? "pc" : "tv";
            if (!IsHighDynamicRange && Primaries != "bt2020")
                return $"scale={Square}:in_color_matrix={SwscaleMatrix}:in_range={range},format=rgb24";
            string matrix = Matrix.Length == 0 || Matrix == "gbr" ? "bt2020nc" : Matrix, primaries = Primaries.Length == 0 ? "bt2020"
                : Primaries;
            string coded = IsHighDynamicRange ? Transfer : "bt709", made = IsHighDynamicRange ? "iec61966-2-1" : "bt709";
            // Each step names its input and output formats, because the frames lose this information between steps.
            return string.Create(CultureInfo.InvariantCulture,
                $"zscale=tin={coded}:min={matrix}:pin={primaries}:rin={(IsFullRange ? "full" : "limited")}:"
                + $"t=linear:m=gbr:p={primaries}:npl={White},format=gbrpf32le,"
                + $"zscale=tin=linear:min=gbr:pin={primaries}:t=linear:m=gbr:p=bt709,"
                + $"{Toned}zscale=tin=linear:min=gbr:pin=bt709:t={made}:m=gbr:p=bt709:r=full,format=gbrp,scale={Square},format=rgb24");
        }
    }

    private string Toned => IsHighDynamicRange
        ? string.Create(CultureInfo.InvariantCulture, $"tonemap=mobius:param=0.7:desat=0:peak={Peak / White:0.###},") : "";

    private string SwscaleMatrix => Matrix switch
    {
        "bt709" => "bt709",
        "bt2020nc" or "bt2020c" => "bt2020",
        "smpte240m" => "smpte240m",
        "fcc" => "fcc",
        "" => IsHd ? "bt709" : "bt601",
        _ => "bt601",
    };
}
