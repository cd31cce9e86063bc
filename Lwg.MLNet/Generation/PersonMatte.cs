using Lwg.MLNet.Imaging;
using Lwg.MLNet.Warping;

namespace Lwg.MLNet.Generation;

/// <summary>
/// Separates the person from the background near the edge of a body's silhouette, where hair and clothes reach beyond the body or the
/// body is wider than the person. Uses a random walker (Grady 2006) with priors from local colours: pixels well inside the silhouette are
/// person, pixels well outside are background, and local colour statistics and the picture's edges decide the band between them.
/// </summary>
internal static class PersonMatte
{
    private const int Iterations = 120;
    private const float OverRelaxation = 1.6f;
    private const float MinimumVariance = 0.0012f;

    /// <summary>Estimates the share of each pixel that the person covers.</summary>
    /// <param name="image">The picture [3,S,S] in [-1,1].</param>
    /// <param name="faceIndex">The face index map [S,S] of the person's body.</param>
    /// <param name="size">S.</param>
    /// <param name="matte">Receives [S,S]: 1 person, 0 background.</param>
    public static void Estimate(ReadOnlySpan<float> image, ReadOnlySpan<int> faceIndex, int size, Span<float> matte)
    {
        int n = size * size;
        if (image.Length != 3 * n || faceIndex.Length != n || matte.Length != n)
            throw new ArgumentException($"For S = {size} the picture has {3 * n} elements and the maps {n}, but {image.Length}, "
                + $"{faceIndex.Length} and {matte.Length} were given.", nameof(image));

        var silhouette = new float[n];
        int top = size, bottom = -1;
        for (int i = 0; i < n; i++)
        {
            if (faceIndex[i] < 0)
                continue;
            silhouette[i] = 1;
            (top, bottom) = (Math.Min(top, i / size), Math.Max(bottom, i / size));
        }
        if (bottom < top)
        {
            matte.Clear();
            return;
        }

        // Pixels deep inside are certainly person, pixels far outside certainly not; a limb may lie beside the body's limb and is only
        // likely to be person.
        int height = bottom - top + 1;
        int outside = Odd(0.085 * height), inside = Odd(0.028 * height), deep = Odd(0.065 * height);
        var morphology = new Morphology(size, size);
        float[] wide = new float[n], likely = new float[n], person = new float[n];
        morphology.Dilate(silhouette, outside, wide);
        morphology.Erode(silhouette, inside, likely);
        morphology.Erode(silhouette, deep, person);

        float[] prior = Prior(image, silhouette, likely, person, wide, size, outside);
        Walk(image, person, wide, prior, size, matte);
        for (int i = 0; i < n; i++)
            matte[i] = Ramp.Smooth(0.25f, 0.75f, matte[i]);
    }

    /// <summary>Computes the probability of the person in the band from the means and variances of certain pixels in a window.</summary>
    private static float[] Prior(ReadOnlySpan<float> image, float[] silhouette, float[] likely, float[] person, float[] wide, int size,
        int window)
    {
        int n = size * size;
        var background = new float[n];
        for (int i = 0; i < n; i++)
            background[i] = 1 - wide[i];
        LocalColours inner = new(image, likely, size, window), outer = new(image, background, size, window);
        var prior = new float[n];
        Span<float> colour = stackalloc float[3];
        for (int i = 0; i < n; i++)
        {
            if (person[i] == 1 || wide[i] == 0)
            {
                prior[i] = person[i];
                continue;
            }
            for (int c = 0; c < 3; c++)
                colour[c] = image[c * n + i];
            // Without certain pixels nearby only the silhouette decides.
            float bias = likely[i] == 1 ? 1.6f : silhouette[i] == 1 ? 0.8f : -0.8f;
            bool known = inner.TryLogLikelihood(i, colour, out float a) & outer.TryLogLikelihood(i, colour, out float b);
            float logOdds = Math.Clamp(known ? (a - b) * 0.7f : 0, -4, 4) + bias;
            prior[i] = 1 / (1 + MathF.Exp(-logOdds));
        }
        return prior;
    }

    private static void Walk(ReadOnlySpan<float> image, float[] person, float[] wide, float[] prior, int size, Span<float> matte)
    {
        int n = size * size;
        float[] right = new float[n], down = new float[n];
        for (int y = 0; y < size; y++)
        {
            for (int x = 0; x < size; x++)
            {
                int i = y * size + x;
                right[i] = x + 1 < size ? EdgeWeight(image, i, i + 1, n) : 0;
                down[i] = y + 1 < size ? EdgeWeight(image, i, i + size, n) : 0;
            }
        }
        var band = new List<int>();
        for (int i = 0; i < n; i++)
        {
            matte[i] = prior[i];
            if (person[i] == 0 && wide[i] == 1)
                band.Add(i);
        }
        const float priorWeight = 0.06f;
        for (int round = 0; round < Iterations; round++)
        {
            foreach (int i in band)
            {
                int x = i % size;
                float sum = priorWeight * prior[i], weight = priorWeight;
                if (x + 1 < size)
                    Add(right[i], matte[i + 1]);
                if (x > 0)
                    Add(right[i - 1], matte[i - 1]);
                if (i + size < n)
                    Add(down[i], matte[i + size]);
                if (i >= size)
                    Add(down[i - size], matte[i - size]);
                matte[i] += OverRelaxation * (sum / weight - matte[i]);

                void Add(float w, float neighbour)
                {
                    sum += w * neighbour;
                    weight += w;
                }
            }
        }
    }

    private static float EdgeWeight(ReadOnlySpan<float> image, int i, int j, int plane)
    {
        float distance = 0;
        for (int c = 0; c < 3; c++)
        {
            float d = image[c * plane + i] - image[c * plane + j];
            distance += d * d;
        }
        return MathF.Exp(-60 * distance) + 1e-4f;
    }

    private static int Odd(double pixels) => Math.Clamp(2 * (int)Math.Round(pixels) / 2 | 1, 3, 255);

    /// <summary>Means and variances of the chosen pixels' colours in a square window around each pixel, from summed-area
    /// tables.</summary>
    private sealed class LocalColours
    {
        private readonly int _size;
        private readonly int _window;
        private readonly double[][] _sums = new double[7][];

        public LocalColours(ReadOnlySpan<float> image, float[] chosen, int size, int window)
        {
            (_size, _window) = (size, window);
            int stride = size + 1, n = size * size;
            for (int k = 0; k < 7; k++)
                _sums[k] = new double[stride * stride];
            for (int y = 0; y < size; y++)
            {
                for (int x = 0; x < size; x++)
                {
                    int i = y * size + x, at = (y + 1) * stride + x + 1;
                    for (int k = 0; k < 7; k++)
                    {
                        double value = 0;
                        if (chosen[i] == 1)
                        {
                            float colour = k == 0 ? 1 : image[(k - 1) % 3 * n + i];
                            value = k > 3 ? colour * colour : colour;
                        }
                        _sums[k][at] = value + _sums[k][at - 1] + _sums[k][at - stride] - _sums[k][at - stride - 1];
                    }
                }
            }
        }

        public bool TryLogLikelihood(int pixel, ReadOnlySpan<float> colour, out float value)
        {
            value = 0;
            // The window grows until it contains enough certain pixels.
            for (int radius = _window; radius < 4 * _window; radius *= 2)
            {
                int x0 = Math.Max(pixel % _size - radius, 0), x1 = Math.Min(pixel % _size + radius + 1, _size);
                int y0 = Math.Max(pixel / _size - radius, 0), y1 = Math.Min(pixel / _size + radius + 1, _size);
                double count = Sum(0, x0, y0, x1, y1);
                if (count < 12)
                    continue;
                for (int c = 0; c < 3; c++)
                {
                    double mean = Sum(1 + c, x0, y0, x1, y1) / count;
                    double variance = Math.Max(Sum(4 + c, x0, y0, x1, y1) / count - mean * mean, 0) + MinimumVariance;
                    double d = colour[c] - mean;
                    value -= (float)(0.5 * (d * d / variance + Math.Log(variance)));
                }
                return true;
            }
            return false;
        }

        private double Sum(int k, int x0, int y0, int x1, int y1)
        {
            int stride = _size + 1;
            double[] s = _sums[k];
            return s[y1 * stride + x1] - s[y0 * stride + x1] - s[y1 * stride + x0] + s[y0 * stride + x0];
        }
    }
}
