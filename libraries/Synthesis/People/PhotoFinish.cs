using System.Numerics;
using System.Runtime.Intrinsics;

namespace Lwg.MLNet.Synthesis.People;

/// <summary>Converts light to a photograph: exposure, tone, white balance, a soft lens, noise, and the blocks of JPEG.</summary>
internal sealed class PhotoFinish
{
    private const int Block = 8;

    private static readonly float[] s_cosines = Cosines(turned: false), s_turnedCosines = Cosines(turned: true);

    private readonly float _exposure, _contrast, _vignette, _saturation, _blur, _noiseLevel, _jpeg, _sharpen;
    private readonly Vector3 _balance;

    public PhotoFinish(ref Dice dice)
    {
        _exposure = dice.Between(0.62f, 1.12f);
        _contrast = dice.Between(0.85f, 1.2f);
        _vignette = dice.Chance(0.4f) ? dice.Between(0, 0.2f) : 0;
        _saturation = dice.Between(0.75f, 1.2f);
        _blur = dice.Chance(0.5f) ? dice.Between(0.1f, 0.7f) : 0.15f;
        _sharpen = dice.Chance(0.3f) ? dice.Between(0.1f, 0.6f) : 0;
        _noiseLevel = dice.Chance(0.6f) ? dice.Between(0, 0.022f) : 0;
        _jpeg = dice.Chance(0.6f) ? dice.Between(0.004f, 0.03f) : 0;
        float warm = dice.Between(-0.10f, 0.14f);
        _balance = new Vector3(1 + warm, 1 + 0.3f * warm * dice.Between(-1, 1), 1 - warm);
    }

    /// <summary>Develops a picture.</summary>
    /// <param name="light">Linear light [S,S].</param>
    /// <param name="size">S.</param>
    /// <param name="image">Receives [3,S,S] in [-1,1].</param>
    public void Develop(ReadOnlySpan<Vector3> light, int size, Span<float> image)
    {
        int n = size * size;
        for (int row = 0; row < size; row++)
        {
            float y = (2 * row + 1 - size) / (float)size;
            for (int column = 0; column < size; column++)
            {
                float x = (2 * column + 1 - size) / (float)size;
                Vector3 v = light[row * size + column] * _balance * (_exposure * (1 - _vignette * (x * x + y * y)));
                float grey = Vector3.Dot(v, new Vector3(0.25f, 0.65f, 0.10f));
                v = Vector3.Max(new Vector3(grey) + _saturation * (v - new Vector3(grey)), Vector3.Zero);
                // A soft shoulder towards white.
                v = v * (Vector3.One + 0.12f * v) / (Vector3.One + 0.34f * v);
                // An approximation of sRGB's curve that is much faster.
                Vector3 root = Vector3.SquareRoot(v), fourth = Vector3.SquareRoot(root), s = 0.585122381f * root + 0.783140355f * fourth
                    - 0.368262736f * Vector3.SquareRoot(fourth);
                s = Vector3.Clamp(new Vector3(0.5f) + _contrast * (s - new Vector3(0.5f)), Vector3.Zero, Vector3.One) * 2 - Vector3.One;
                int at = row * size + column;
                (image[at], image[n + at], image[2 * n + at]) = (s.X, s.Y, s.Z);
            }
        }
    }

    /// <summary>Adds the defects of a real camera and file, in place.</summary>
    /// <param name="image">[3,S,S] in [-1,1].</param>
    /// <param name="size">S.</param>
    /// <param name="dice">The random generator of the noise.</param>
    /// <param name="strength">1 for an ordinary picture, less for a training target.</param>
    /// <param name="line">A buffer of S values.</param>
    public void Spoil(Span<float> image, int size, ref Dice dice, float strength, float[] line)
    {
        float pixels = size / 256f;
        for (int c = 0; c < 3; c++)
        {
            Span<float> plane = image.Slice(c * size * size, size * size);
            float side = _blur * pixels - _sharpen * 0.25f;
            Smooth(plane, size, Math.Clamp(side * 0.3f, -0.12f, 0.3f), line);
        }
        if (_noiseLevel * strength > 0.002f)
        {
            float level = 2 * _noiseLevel * strength * 1.73f;
            for (int i = 0; i < image.Length; i++)
                image[i] += level * (dice.Share() + dice.Share() - 1);
        }
        if (_jpeg * strength > 0.002f)
            Blocks(image, size, _jpeg * strength);
        for (int i = 0; i < image.Length; i++)
            image[i] = Math.Clamp(image[i], -1, 1);
    }

    private static void Smooth(Span<float> plane, int size, float side, float[] line)
    {
        for (int pass = 0; pass < 2; pass++)
        {
            for (int k = 0; k < size; k++)
            {
                int start = pass == 0 ? k * size : k, step = pass == 0 ? 1 : size;
                for (int i = 0; i < size; i++)
                    line[i] = plane[start + i * step];
                for (int i = 0; i < size; i++)
                    plane[start + i * step] = (1 - 2 * side) * line[i] + side
                        * (line[Math.Max(i - 1, 0)] + line[Math.Min(i + 1, size - 1)]);
            }
        }
    }

    // Blocks of 8 x 8 in luma and chroma, with coarser quantisation of higher frequencies, as in JPEG.
    private static void Blocks(Span<float> image, int size, float step)
    {
        int n = size * size;
        Span<float> block = stackalloc float[Block * Block], half = stackalloc float[Block * Block];
        for (int i = 0; i < n; i++)
        {
            (float r, float g, float b) = (image[i], image[n + i], image[2 * n + i]);
            float luma = 0.299f * r + 0.587f * g + 0.114f * b;
            (image[i], image[n + i], image[2 * n + i]) = (luma, r - luma, b - luma);
        }
        for (int c = 0; c < 3; c++)
        {
            Span<float> plane = image.Slice(c * n, n);
            for (int by = 0; by + Block <= size; by += Block)
            {
                for (int bx = 0; bx + Block <= size; bx += Block)
                {
                    for (int k = 0; k < Block * Block; k++)
                        block[k] = plane[(by + k / Block) * size + bx + k % Block];
                    Cosine(block, half, inverse: false);
                    for (int k = 0; k < Block * Block; k++)
                    {
                        float q = step * (c == 0 ? 2 : 4) * (1 + 0.8f * (k / Block + k % Block));
                        block[k] = MathF.Round(block[k] / q) * q;
                    }
                    Cosine(block, half, inverse: true);
                    for (int k = 0; k < Block * Block; k++)
                        plane[(by + k / Block) * size + bx + k % Block] = block[k];
                }
            }
        }
        for (int i = 0; i < n; i++)
        {
            (float luma, float red, float blue) = (image[i], image[n + i], image[2 * n + i]);
            float r = luma + red, b = luma + blue;
            (image[i], image[n + i], image[2 * n + i]) = (r, (luma - 0.299f * r - 0.114f * b) / 0.587f, b);
        }
    }

    private static void Cosine(Span<float> block, Span<float> half, bool inverse)
    {
        ReadOnlySpan<float> table = inverse ? s_cosines : s_turnedCosines;
        for (int pass = 0; pass < 2; pass++)
        {
            for (int r = 0; r < Block; r++)
            {
                // One row of a block times the cosines, eight sums at once.
                Vector256<float> sum = Vector256<float>.Zero;
                for (int i = 0; i < Block; i++)
                    sum += block[r * Block + i] * Vector256.Create<float>(table.Slice(i * Block, Block));
                sum.CopyTo(half.Slice(r * Block, Block));
            }
            for (int k = 0; k < Block * Block; k++)
                block[k % Block * Block + k / Block] = half[k];
        }
    }

    private static float[] Cosines(bool turned)
    {
        float[] table = new float[Block * Block];
        for (int k = 0; k < Block; k++)
        {
            for (int i = 0; i < Block; i++)
                table[turned ? i * Block + k : k * Block + i] =
                    (float)(Math.Sqrt((k == 0 ? 1.0 : 2.0) / Block) * Math.Cos(Math.PI * (2 * i + 1) * k / (2 * Block)));
        }
        return table;
    }
}
