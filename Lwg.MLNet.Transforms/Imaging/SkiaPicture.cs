using System.Diagnostics.CodeAnalysis;
using Lwg.MLNet.Imaging;
using SkiaSharp;

namespace Lwg.MLNet.Transforms.Imaging;

/// <summary>A picture file decoded with Skia, frame by frame if it has several frames.</summary>
internal sealed unsafe class SkiaPicture : AnimatedPicture.IFrames
{
    private readonly SKData _data;
    private readonly SKCodec _codec;
    // The last decoded frame, and a frame that later frames can be composed on.
    private byte[] _pixels = [], _base = [];
    private int _baseFrame = -1;

    private SkiaPicture(SKData data, SKCodec codec) => (_data, _codec) = (data, codec);

    public int Width => _codec.Info.Width;

    public int Height => _codec.Info.Height;

    public bool IsOpaque => _codec.Info.AlphaType == SKAlphaType.Opaque;

    /// <summary>The duration of each frame, in milliseconds; empty for a still picture.</summary>
    public int[] Durations => [.. _codec.FrameInfo.Select(frame => frame.Duration)];

    /// <summary>Opens a file; its bytes are copied.</summary>
    /// <exception cref="InvalidDataException">Skia cannot read the file.</exception>
    public static SkiaPicture Open(ReadOnlySpan<byte> bytes)
    {
        SKData data = SKData.CreateCopy(bytes);
        SKCodec? codec = SKCodec.Create(data);
        if (IsKnown(codec))
            return new SkiaPicture(data, codec);
        codec?.Dispose();
        data.Dispose();
        throw new InvalidDataException("the picture is damaged and cannot be decoded");
    }

    /// <summary>Decodes a frame. In ascending order, each frame is decoded once.</summary>
    /// <param name="number">The index of the frame, from 0.</param>
    /// <param name="keepAlpha">Whether the result has four channels.</param>
    /// <exception cref="InvalidDataException">The frame is damaged or truncated.</exception>
    public PixelBuffer Decode(int number, bool keepAlpha)
    {
        using SKColorSpace srgb = SKColorSpace.CreateSrgb();
        var info = new SKImageInfo(Width, Height, SKColorType.Rgba8888, SKAlphaType.Unpremul, srgb);
        if (_pixels.Length == 0)
            _pixels = new byte[info.BytesSize];
        SKCodecFrameInfo[] frames = number == 0 ? [] : _codec.FrameInfo;
        int prior = -1;
        if (number > 0 && frames[number].RequiredFrame is >= 0 and var required && _baseFrame >= required && _baseFrame < number)
        {
            prior = _baseFrame;
            _base.CopyTo(_pixels, 0);
        }
        else
            _pixels.AsSpan().Clear();
        SKCodecResult result;
        fixed (byte* pixels = _pixels)
            result = _codec.GetPixels(info, (nint)pixels, new SKCodecOptions(number, prior));
        if (result != SKCodecResult.Success)
        {
            throw new InvalidDataException(result is SKCodecResult.IncompleteInput
                ? "the picture is truncated; whole files are needed"
                : $"the picture is damaged and cannot be decoded ({result})");
        }
        if (_codec.FrameCount > 1 && (number == 0 || frames[number].DisposalMethod != SKCodecAnimationDisposalMethod.RestorePrevious))
        {
            _base = [.. _pixels];
            _baseFrame = number;
        }
        return keepAlpha ? PixelBuffer.Wrap([.. _pixels], Width, Height, 4) : WithoutAlpha();
    }

    public void Dispose()
    {
        _codec.Dispose();
        _data.Dispose();
    }

    private static bool IsKnown([NotNullWhen(true)] SKCodec? codec) =>
        codec?.EncodedFormat is SKEncodedImageFormat.Jpeg or SKEncodedImageFormat.Png or SKEncodedImageFormat.Webp
        or SKEncodedImageFormat.Bmp or SKEncodedImageFormat.Gif;

    private PixelBuffer WithoutAlpha()
    {
        var picture = new PixelBuffer(Width, Height);
        Span<byte> rgb = picture.Data;
        for (int from = 0, to = 0; from < _pixels.Length; from += 4, to += 3)
            (rgb[to], rgb[to + 1], rgb[to + 2]) = (_pixels[from], _pixels[from + 1], _pixels[from + 2]);
        return picture;
    }
}
