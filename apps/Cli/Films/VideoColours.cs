using System.Globalization;
using System.Text.Json;

namespace Lwg.MLNet.Cli;

/// <summary>How a film's colours are coded, and what makes sRGB of 8 bits of them.</summary>
/// <param name="Matrix">YCbCr's matrix as ffmpeg calls it; empty where the film does not say.</param>
/// <param name="Transfer">The transfer characteristics.</param>
/// <param name="Primaries">The primaries.</param>
/// <param name="IsFullRange">Whether all values count, from 0 on; video leaves some free at both ends.</param>
/// <param name="IsHd">Whether it is a film of high definition: its colours are BT.709's where it does not say.</param>
internal sealed record VideoColours(string Matrix, string Transfer, string Primaries, bool IsFullRange, bool IsHd)
{
    // The white of paper lies at 203 nits in films of high dynamic range (ITU-R BT.2408); telephones go up to 1000.
    private const double White = 203, Peak = 1000;

    // From the shorter side on.
    private const int HdSide = 720;

    private bool IsHighDynamicRange => Transfer is "smpte2084" or "arib-std-b67";

    /// <summary>Reads what ffprobe tells of a stream.</summary>
    public static VideoColours Of(JsonElement stream)
    {
        int side = Math.Min(Number("width"), Number("height"));
        return new(Text("color_space"), Text("color_transfer"), Text("color_primaries"), Text("color_range") is "pc" or "full"
            || Text("pix_fmt").StartsWith("yuvj", StringComparison.Ordinal), side >= HdSide);

        int Number(string name) => stream.TryGetProperty(name, out JsonElement value) && value.TryGetInt32(out int number) ? number : 0;
        string Text(string name) => stream.TryGetProperty(name, out JsonElement value)
            && value.GetString() is { } text and not ("unknown" or "unspecified" or "reserved") ? text : "";
    }

    /// <summary>ffmpeg's filters that make the film's frames pictures. Colours of high dynamic range stay as they are up to seven tenths of
    /// white; brighter ones are pressed together.</summary>
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
            // Each step says what it takes and what it makes: what the frames themselves say gets lost between them.
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
