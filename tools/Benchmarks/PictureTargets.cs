using Lwg.MLNet.Cli;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML.Data;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.PixelFormats;
using SkiaSharp;

namespace Lwg.MLNet.Benchmarks;

/// <summary>Targets for smartphone photographs: 12 megapixels, decoded and converted to images.</summary>
internal static class PictureTargets
{
    private const int Width = 4000, Height = 3000, Quality = 90, Samples = 7;

    public static IEnumerable<(string Name, Func<IEnumerable<TargetRow>> Measure)> All => [("decode a photograph", Decode)];

    private static IEnumerable<TargetRow> Decode()
    {
        foreach ((SKEncodedImageFormat format, string name) in ((SKEncodedImageFormat, string)[])[(SKEncodedImageFormat.Jpeg, "JPEG"),
            (SKEncodedImageFormat.Png, "PNG"), (SKEncodedImageFormat.Webp, "WebP")])
        {
            byte[] file = Photograph(format);
            PixelBuffer picture = ImageCodec.Decode(file, name);
            IReadOnlyList<Measurement> m = Measurement.Of(
            [
                () => ImageCodec.Decode(file, name), () => Skia(file), () => Sharp(file), () => ImageCodec.ToImage(picture).Dispose(), () =>
                MLImage.CreateFromStream(new MemoryStream(file)).Dispose(),
            ], Samples);
            yield return new TargetRow(
                $"decode a {name}", $"12 megapixels, {file.Length / 1e6:0.0} MB, ImageCodec", format == SKEncodedImageFormat.Jpeg
                ? "no slower than Skia" : "", $"{TargetRow.Number(m[0].Milliseconds)} ms",
                $"Skia to RGB: {Times(m[1])}; ImageSharp alone: {Times(m[2])}; MLImage.CreateFromStream: "
                + $"{Times(m[4])}; ImageCodec.ToImage of the decoded picture: {Times(m[3])}",
                format == SKEncodedImageFormat.Jpeg ? m[0].Milliseconds <= m[1].Milliseconds : null);

            string Times(Measurement peer) =>
                $"{TargetRow.Number(peer.Milliseconds)} ms, {TargetRow.Number(peer.Milliseconds / m[0].Milliseconds)} times";
        }
    }

    /// <summary>Returns a sample person, enlarged, with sensor noise.</summary>
    private static unsafe byte[] Photograph(SKEncodedImageFormat format)
    {
        PixelBuffer picture = SamplePeople.Load("anna").Picture.Resized(Width, Height);
        var random = new Random(1);
        byte[] rgba = new byte[4 * Width * Height];
        for (int from = 0, to = 0; to < rgba.Length; from += 3, to += 4)
        {
            int noise = random.Next(-6, 7);
            for (int c = 0; c < 3; c++)
                rgba[to + c] = (byte)Math.Clamp(picture.Data[from + c] + noise, 0, 255);
            rgba[to + 3] = 255;
        }
        fixed (byte* pixels = rgba)
        {
            using var map = new SKPixmap(new SKImageInfo(Width, Height, SKColorType.Rgba8888, SKAlphaType.Opaque), (nint)pixels);
            using SKData data = map.Encode(format, Quality);
            return data.ToArray();
        }
    }

    private static unsafe void Skia(byte[] file)
    {
        fixed (byte* start = file)
        {
            using SKData data = SKData.Create((nint)start, file.Length);
            using SKCodec codec = SKCodec.Create(data);
            using SKColorSpace srgb = SKColorSpace.CreateSrgb();
            var info = new SKImageInfo(Width, Height, SKColorType.Rgba8888, SKAlphaType.Unpremul, srgb);
            byte[] rgba = new byte[info.BytesSize];
            fixed (byte* pixels = rgba)
                codec.GetPixels(info, (nint)pixels);
            var picture = new PixelBuffer(Width, Height);
            Span<byte> rgb = picture.Data;
            for (int from = 0, to = 0; from < rgba.Length; from += 4, to += 3)
                (rgb[to], rgb[to + 1], rgb[to + 2]) = (rgba[from], rgba[from + 1], rgba[from + 2]);
        }
    }

    private static void Sharp(byte[] file)
    {
        using Image<Rgb24> image = Image.Load<Rgb24>(file);
        byte[] rgb = new byte[3 * Width * Height];
        image.CopyPixelDataTo(rgb);
    }
}
