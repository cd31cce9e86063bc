namespace Lwg.MLNet.Transforms.Imaging;

/// <summary>How another library's pictures lie in memory, a byte a channel.</summary>
public enum PixelLayout
{
    /// <summary>Red, green, blue (ImageSharp's Rgb24).</summary>
    Rgb,

    /// <summary>Blue, green, red (System.Drawing's Format24bppRgb).</summary>
    Bgr,

    /// <summary>Red, green, blue, straight alpha (ImageSharp's Rgba32, SkiaSharp's Rgba8888 and Unpremul).</summary>
    Rgba,

    /// <summary>Blue, green, red, straight alpha (System.Drawing's Format32bppArgb, SkiaSharp's Bgra8888 and Unpremul).</summary>
    Bgra,

    /// <summary>Red, green, blue, alpha, the colours multiplied by it.</summary>
    RgbaPremultiplied,

    /// <summary>Blue, green, red, alpha, the colours multiplied by it (SkiaSharp's own on most machines, System.Drawing's
    /// Format32bppPArgb).</summary>
    BgraPremultiplied,

    /// <summary>Grey (ImageSharp's L8).</summary>
    Gray,
}
