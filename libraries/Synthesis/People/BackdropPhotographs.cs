using System.Numerics;
using Lwg.MLNet.Imaging;

namespace Lwg.MLNet.Synthesis.People;

/// <summary>Photographs used as backgrounds of synthetic people. Immutable; thread-safe.</summary>
internal sealed class BackdropPhotographs
{
    private static readonly float[] s_linear = [.. Enumerable.Range(0, 256).Select(b =>
        b <= 10 ? b / 255f / 12.92f : MathF.Pow((b / 255f + 0.055f) / 1.055f, 2.4f))];

    private readonly IReadOnlyList<PixelBuffer> _pictures;

    /// <param name="pictures">At least one photograph, of at least 2 x 2 pixels; not copied.</param>
    public BackdropPhotographs(IReadOnlyList<PixelBuffer> pictures)
    {
        if (pictures.Count == 0)
            throw new ArgumentException("At least one photograph is needed.", nameof(pictures));
        if (pictures.FirstOrDefault(p => p.Width < 2 || p.Height < 2) is { } small)
            throw new ArgumentException($"A photograph has {small.Width} x {small.Height} pixels; at least 2 x 2 are needed.",
                nameof(pictures));
        _pictures = pictures;
    }

    /// <summary>The number of photographs.</summary>
    public int Count => _pictures.Count;

    /// <summary>Paints a random part of a random photograph.</summary>
    /// <param name="dice">The random generator.</param>
    /// <param name="size">S.</param>
    /// <param name="light">Receives linear light [S,S].</param>
    public void Paint(ref Dice dice, int size, Span<Vector3> light)
    {
        PixelBuffer picture = _pictures[dice.Below(_pictures.Count)];
        float side = Math.Min(picture.Width, picture.Height) * dice.Between(0.45f, 1),
            left = dice.Share() * (picture.Width - side), top = dice.Share() * (picture.Height - side), gain = dice.Between(0.8f, 1.5f);
        bool mirrored = dice.Chance(0.5f);
        for (int row = 0; row < size; row++)
        {
            for (int column = 0; column < size; column++)
            {
                float across = (column + 0.5f) / size;
                light[row * size + column] = gain * At(picture, left + side * (mirrored ? 1 - across : across) - 0.5f,
                    top + side * (row + 0.5f) / size - 0.5f);
            }
        }
    }

    private static Vector3 At(PixelBuffer picture, float x, float y)
    {
        x = Math.Clamp(x, 0, picture.Width - 1);
        y = Math.Clamp(y, 0, picture.Height - 1);
        int i = Math.Min((int)x, picture.Width - 2), j = Math.Min((int)y, picture.Height - 2);
        float a = x - i, b = y - j;
        return (1 - b) * ((1 - a) * Pixel(i, j) + a * Pixel(i + 1, j)) + b * ((1 - a) * Pixel(i, j + 1) + a * Pixel(i + 1, j + 1));

        Vector3 Pixel(int column, int line)
        {
            ReadOnlySpan<byte> pixel = picture.Data.Slice((line * picture.Width + column) * picture.Channels, 3);
            return new Vector3(s_linear[pixel[0]], s_linear[pixel[1]], s_linear[pixel[2]]);
        }
    }
}
