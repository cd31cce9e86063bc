namespace Lwg.MLNet.Transforms.Imaging;

/// <summary>The memory layout of pixels of other libraries, one byte per channel.</summary>
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

    /// <summary>Red, green, blue, alpha, with colours premultiplied by alpha.</summary>
    RgbaPremultiplied,

    /// <summary>Blue, green, red, alpha, with colours premultiplied by alpha (SkiaSharp's default on most machines, System.Drawing's
    /// Format32bppPArgb).</summary>
    BgraPremultiplied,

    /// <summary>Grey (ImageSharp's L8).</summary>
    Gray,
}
