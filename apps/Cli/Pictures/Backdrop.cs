using System.Globalization;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Cli;

/// <summary>The background: that of the photograph, a colour, or a picture.</summary>
/// <param name="Color">The colour; null for none.</param>
/// <param name="Picture">The picture; null for none.</param>
internal sealed record Backdrop(Rgb? Color, PixelBuffer? Picture)
{
    /// <summary>The option value for the photograph's own background.</summary>
    public const string Keep = "keep";

    /// <summary>The photograph's own background.</summary>
    public static Backdrop Kept { get; } = new(null, null);

    public bool IsKept => Color is null && Picture is null;

    /// <summary>The column of the picture; null if there is none.</summary>
    public string? ColumnName => Picture is null ? null : nameof(BackdropRow.BackgroundImage);

    /// <summary>The column of the results: the photograph if its own background is kept, otherwise the person's square.</summary>
    public string ResultColumnName => IsKept ? "TargetPhoto" : "TargetImage";

    /// <summary>The hash of the background, an input of a run.</summary>
    public string Hash => Picture is { } picture ? ContentHash.Of(picture) : Color?.ToString() ?? Keep;

    /// <summary>Parses 'keep', '#rrggbb' or the path of a picture.</summary>
    /// <exception cref="LwgException">The text is not one of them.</exception>
    public static Backdrop Parse(string text)
    {
        if (text == Keep)
            return Kept;
        if (!text.StartsWith('#'))
            return new Backdrop(null, ImageCodec.Load(text));
        return text.Length == 7 && int.TryParse(text.AsSpan(1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int rgb)
            ? new Backdrop(new Rgb((byte)(rgb >> 16), (byte)(rgb >> 8), (byte)rgb), null)
            : throw new LwgException($"'{text}' is not a colour; colours are written #rrggbb, with six hexadecimal digits.");
    }

    /// <summary>Returns the centre square of the picture, resized to S x S.</summary>
    public MLImage ToImage(int size)
    {
        int side = Math.Min(Picture!.Width, Picture.Height);
        float scale = (float)side / size;
        return ImageCodec.ToImage(SquareCrop.Crop(Picture,
            new CropTransform(scale, 0, (Picture.Width - side) / 2, 0, scale, (Picture.Height - side) / 2), size));
    }
}
