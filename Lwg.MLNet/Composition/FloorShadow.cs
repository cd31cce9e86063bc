using Lwg.MLNet.Imaging;

namespace Lwg.MLNet.Composition;

/// <summary>
/// Estimates the shadow around the feet of a person from the floor beside them. Each row of the floor is compared with its own ends beyond
/// the shadow, and a Gaussian for each foot, all of one shape, is fitted to how much darker the floor between them is. A floor whose
/// differences are not such a shadow (a carpet, furniture, coloured light) gives no shadow. Holds scratch buffers; use an instance on one
/// thread at a time.
/// </summary>
/// <param name="size">S.</param>
internal sealed class FloorShadow(int size)
{
    // The cells of the picture whose means are compared.
    private const int Cells = 64;

    // The area around the feet that contains the shadow, and the length of floor beyond it in each row to compare with, metres.
    private const float Beside = 0.5f, Behind = 0.3f, Before = 0.3f, Ends = 0.35f;

    // A smaller person, in cells for a metre, has no measurable shadow; a row needs cells at its ends, and the window known cells.
    private const float LeastMetre = 8;
    private const int LeastEnds = 3, LeastKnown = 24;

    // Floors darker than this, [0,2], have no measurable shadow.
    private const float LeastFloor = 0.15f;

    // The share of the floor's differences that the fitted shadow explains: below the first there is no shadow, from the second on it has
    // full weight. Then the darkness of the darkest and the lightest shadow.
    private const float Explains = 0.3f, ExplainsWell = 0.55f, Darkest = 0.65f, Lightest = 0.02f;

    // The ratio of the shadow's darkness between channels: up to the first it is a shadow, from the second on it is a reflection or
    // something coloured.
    private const float OneColour = 1.5f, OtherColour = 2.2f;

    private static readonly float[] s_widths = [0.09f, 0.13f, 0.18f, 0.25f], s_depths = [0.03f, 0.045f, 0.065f],
        s_right = [-0.12f, -0.06f, 0, 0.06f, 0.12f], s_down = [-0.05f, -0.02f, 0.01f, 0.04f];

    private readonly float[] _sum = new float[3 * Cells * Cells], _darker = new float[3 * Cells * Cells];
    private readonly float[] _darkness = new float[3];
    private readonly int[] _count = new int[Cells * Cells];
    private readonly bool[] _known = new bool[Cells * Cells];
    private readonly List<int> _window = [];

    private readonly float[] _floor = new float[3 * Cells * Cells];

    /// <summary>Estimates a shadow.</summary>
    /// <param name="plate">The picture without its person [3,S,S] in [-1,1].</param>
    /// <param name="unknown">[S,S]: above 0 where the person was and the plate is filled, and beside the photograph.</param>
    /// <param name="feet">The person's feet.</param>
    /// <returns>The shadow; null if there is none.</returns>
    public FootShadow? Estimate(ReadOnlySpan<float> plate, ReadOnlySpan<float> unknown, FeetPlaces feet)
    {
        Array.Clear(_floor);
        float metre = feet.Metre * Cells / 2;
        if (!(metre >= LeastMetre))
            return null;
        Average(plate, unknown);
        Compare(feet, metre);
        if (_window.Count < LeastKnown)
            return null;
        (FootShadow best, double gain) = (default, 0);
        foreach (float width in s_widths)
        {
            foreach (float depth in s_depths)
            {
                foreach (float right in s_right)
                {
                    foreach (float down in s_down)
                    {
                        var shadow = new FootShadow(1, right, down, width, depth);
                        double explained = Fit(shadow, feet, metre);
                        if (explained > gain)
                            (best, gain) = (shadow, explained);
                    }
                }
            }
        }
        return gain > 0 ? Weigh(best, gain, feet, metre) : null;
    }

    // Decides how surely the best shape is a shadow.
    private FootShadow? Weigh(in FootShadow shape, double gain, FeetPlaces feet, float metre)
    {
        Fit(shape, feet, metre);
        double all = 0;
        foreach (int i in _window)
        {
            for (int c = i; c < _darker.Length; c += Cells * Cells)
                all += _darker[c] * _darker[c];
        }
        float darkest = _darkness.Max(), lightest = _darkness.Min(), mean = _darkness.Average();
        if (darkest > Darkest || lightest <= 0)
            return null;
        float sure = Ramp.Smooth(Explains, ExplainsWell, (float)(gain / all))
            * (1 - Ramp.Smooth(OneColour, OtherColour, darkest / lightest));
        return mean * sure >= Lightest ? shape with { Darkness = mean * sure } : null;
    }

    /// <summary>Returns the floor without shadow at a pixel, as the ends of its row show it, in [-1,1]; -1 where it is not known.</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="column">The pixel's column.</param>
    /// <param name="row">The pixel's row.</param>
    public float FloorAt(int channel, int column, int row)
    {
        ReadOnlySpan<float> floor = _floor.AsSpan(channel * Cells * Cells, Cells * Cells);
        return MapSampler.Bilinear(floor, Cells, (column + 0.5f) * Cells / size, (row + 0.5f) * Cells / size) - 1;
    }

    private void Average(ReadOnlySpan<float> plate, ReadOnlySpan<float> unknown)
    {
        Array.Clear(_sum);
        Array.Clear(_count);
        Array.Fill(_known, true);
        for (int y = 0, i = 0; y < size; y++)
        {
            for (int x = 0; x < size; x++, i++)
            {
                int cell = y * Cells / size * Cells + x * Cells / size;
                _count[cell]++;
                _known[cell] &= unknown[i] <= 0;
                for (int c = 0; c < 3; c++)
                    _sum[c * Cells * Cells + cell] += plate[c * size * size + i] + 1;
            }
        }
        for (int k = 0; k < _sum.Length; k++)
            _sum[k] /= Math.Max(_count[k % (Cells * Cells)], 1);
    }

    // Compares the rows around the feet with their ends.
    private void Compare(FeetPlaces feet, float metre)
    {
        _window.Clear();
        (float leftFoot, float rightFoot) = (Cell(feet.Soles.Min(s => s.X)), Cell(feet.Soles.Max(s => s.X)));
        (float upper, float lower) = (Cell(feet.Soles.Min(s => s.Y)), Cell(feet.Soles.Max(s => s.Y)));
        int left = (int)(leftFoot - Beside * metre), right = (int)(rightFoot + Beside * metre), ends = (int)(Ends * metre);
        int top = Math.Max((int)(upper - Behind * metre), 0), bottom = Math.Min((int)(lower + Before * metre), Cells - 1);
        for (int y = top; y <= bottom; y++)
        {
            for (int c = 0; c < 3; c++)
            {
                float? before = End(c, y, left - ends, left - 1), after = End(c, y, right + 1, right + ends);
                if ((before ?? after) is not { } one || MathF.Min(one, after ?? one) < LeastFloor)
                    break;
                for (int x = Math.Max(left, 0); x <= Math.Min(right, Cells - 1); x++)
                {
                    int i = y * Cells + x;
                    float floor = float.Lerp(one, after ?? one, (x - left + 0.5f) / (right - left + 1));
                    _darker[c * Cells * Cells + i] = 1 - _sum[c * Cells * Cells + i] / floor;
                    _floor[c * Cells * Cells + i] = floor;
                    if (c == 2 && _known[i])
                        _window.Add(i);
                }
            }
        }
    }

    // The mean of known cells of a row.
    private float? End(int channel, int row, int from, int to)
    {
        (float sum, int count) = (0, 0);
        for (int x = Math.Max(from, 0); x <= Math.Min(to, Cells - 1); x++)
        {
            if (_known[row * Cells + x])
                (sum, count) = (sum + _sum[(channel * Cells + row) * Cells + x], count + 1);
        }
        return count >= LeastEnds ? sum / count : null;
    }

    // Fits the darkness of a shape in each channel by least squares, and returns the sum of squares that it explains.
    private double Fit(in FootShadow shape, FeetPlaces feet, float metre)
    {
        double square = 0;
        Span<double> along = stackalloc double[3];
        along.Clear();
        foreach (int i in _window)
        {
            float value = 0;
            foreach ((float x, float y) in feet.Soles)
            {
                float u = (i % Cells - Cell(x) - shape.Right * metre) / (shape.Width * metre),
                    v = (i / Cells - Cell(y) - shape.Down * metre) / (shape.Depth * metre), d = u * u + v * v;
                if (d < FootShadow.Reach * FootShadow.Reach)
                    value = MathF.Max(value, MathF.Exp(-d / 2));
            }
            square += value * value;
            for (int c = 0; c < 3; c++)
                along[c] += value * _darker[c * Cells * Cells + i];
        }
        double explained = 0;
        for (int c = 0; c < 3; c++)
        {
            _darkness[c] = square > 0 ? (float)(along[c] / square) : 0;
            explained += _darkness[c] > 0 ? along[c] * along[c] / square : 0;
        }
        return explained;
    }

    private static float Cell(float at) => (at + 1) * Cells / 2 - 0.5f;
}
