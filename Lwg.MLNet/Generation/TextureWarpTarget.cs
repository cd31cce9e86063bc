using Lwg.MLNet.Body;
using Lwg.MLNet.Composition;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Warping;

namespace Lwg.MLNet.Generation;

/// <summary>Draws targets from an analysed source (<see cref="TextureWarpGenerator"/>). Holds scratch buffers; use an instance on one
/// thread at a time.</summary>
internal sealed class TextureWarpTarget
{
    private const int Layers = TextureWarpSource.LayerCount;

    // As shares of the person's height.
    private const double BandOutside = 0.04;
    private const double BandOfClothes = 0.013;
    private const double Rim = 0.013;

    // Pixels outside the silhouette that are seen less have no T of their own.
    private const float LeastSeen = 0.05f;

    private readonly int _size;
    private readonly int _plane;
    private readonly float[] _flow;
    private readonly float[] _mirrorFlow;
    private readonly float[] _sample;
    private readonly float[] _mirrorSample;
    private readonly float[] _quality;
    private readonly float[] _mirrorQuality;
    private readonly float[] _seen;
    private readonly float[] _alpha;
    private readonly float[] _silhouette;
    private readonly float[] _clear;
    private readonly float[] _outer;
    private readonly int[] _nearest;
    private readonly int[] _order;
    private readonly int[] _starts;
    private readonly Morphology _morphology;
    private readonly RegionMotion[] _regions = new RegionMotion[Skeleton.JointCount];

    // The box around the silhouette and the band around it; everything outside is background.
    private int _left, _top, _right, _bottom;

    /// <summary>Allocates buffers for targets of one size.</summary>
    /// <param name="size">S, pixels.</param>
    public TextureWarpTarget(int size)
    {
        _morphology = new Morphology(size, size);
        _size = size;
        _plane = size * size;
        _flow = new float[2 * _plane];
        _mirrorFlow = new float[2 * _plane];
        _sample = new float[Layers * _plane];
        _mirrorSample = new float[Layers * _plane];
        _quality = new float[_plane];
        _mirrorQuality = new float[_plane];
        _seen = new float[_plane];
        _alpha = new float[_plane];
        _silhouette = new float[_plane];
        _clear = new float[_plane];
        _outer = new float[_plane];
        _nearest = new int[_plane];
        _order = new int[_plane];
        int widest = Math.Max((int)(BandOutside * size), 2) + 2;
        _starts = new int[2 * widest * widest];
    }

    /// <summary>Draws one target.</summary>
    /// <param name="source">The analysed source, of the same size.</param>
    /// <param name="faceIndex">The target's face index map [S,S].</param>
    /// <param name="weights">The target's weight map [S,S,3].</param>
    /// <param name="result">Receives picture, colour, mask and background.</param>
    public void Draw(TextureWarpSource source, ReadOnlySpan<int> faceIndex, ReadOnlySpan<float> weights, TransferResult result)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(result);
        if (source.Size != _size || result.Size != _size || faceIndex.Length != _plane || weights.Length != 3 * _plane)
            throw new ArgumentException($"Inputs must be of size S = {_size}, but the source has {source.Size}, the result {result.Size}, "
                + $"the maps {faceIndex.Length} and {weights.Length} elements.", nameof(source));

        source.Plate.CopyTo(result.Background, 0);
        // The soft mask may reach one pixel beyond the coloured area: only background may be visible there.
        source.Plate.CopyTo(result.Color, 0);
        _alpha.AsSpan().Clear();
        int height = Flows(source, faceIndex, weights);
        if (height > 0)
        {
            // Hair and clothes may reach beyond the silhouette; at its rim the body may be wider than the person.
            int band = Math.Max((int)(BandOutside * height), 2);
            _morphology.Erode(_silhouette, 2 * Math.Max((int)(Rim * height), 1) + 1, _clear);
            _morphology.Dilate(_silhouette, 2 * band + 1, _outer);
            (_left, _top) = (Math.Max(_left - band, 0), Math.Max(_top - band, 0));
            (_right, _bottom) = (Math.Min(_right + band, _size - 1), Math.Min(_bottom + band, _size - 1));
            NearestSilhouettePixels();
            MeasureRegions(source.Generator.DominantJoint, source.Generator.Body.Faces, faceIndex);
            ExtendFlow(source.Generator.DominantJoint, source.Generator.Body.Faces, faceIndex, band,
                Math.Max((int)(BandOfClothes * height), 2));
            GridSampler.Sample(source.Layers, Layers, _size, _size, _flow, alignCorners: false, _sample);
            GridSampler.Sample(source.Layers, Layers, _size, _size, _mirrorFlow, alignCorners: false, _mirrorSample);
            Colour(source, faceIndex, weights, result.Color);
            ClearFromOutside();
            KeepConnected(band);
            SmoothFringe();
        }
        SoftMask(result.Mask);
        result.Compose();
    }

    /// <summary>Computes T, T of the mirror image, and how well the surface at each pixel and its mirror image are seen. Returns the
    /// silhouette's height in pixels.</summary>
    private int Flows(TextureWarpSource source, ReadOnlySpan<int> faceIndex, ReadOnlySpan<float> weights)
    {
        ReadOnlySpan<int> faces = source.Generator.Body.Faces, mirror = source.Generator.Mirror;
        ReadOnlySpan<float> points = source.Points, quality = source.Quality, seen = source.Seen;
        (_left, _top, _right, _bottom) = (_size, _size, -1, -1);
        _silhouette.AsSpan().Clear();
        _flow.AsSpan().Fill(TransformationFlow.Nowhere);
        _mirrorFlow.AsSpan().Fill(TransformationFlow.Nowhere);
        for (int i = 0; i < _plane; i++)
        {
            int face = faceIndex[i];
            if (face < 0)
                continue;
            int x = i % _size, y = i / _size;
            (_left, _right, _top, _bottom) = (Math.Min(_left, x), Math.Max(_right, x), Math.Min(_top, y), Math.Max(_bottom, y));
            var at = new VertexBlend(faces, face, weights.Slice(3 * i, 3));
            VertexBlend mirrored = at.Through(mirror);
            _silhouette[i] = 1;
            _alpha[i] = 1;
            (_flow[2 * i], _flow[2 * i + 1]) = at.PointOf(points);
            (_quality[i], _mirrorQuality[i], _seen[i]) = (at.Of(quality), mirrored.Of(quality), at.Of(seen));
            if (_mirrorQuality[i] > 0)
                (_mirrorFlow[2 * i], _mirrorFlow[2 * i + 1]) = mirrored.PointOf(points);
        }
        return Math.Max(_bottom - _top + 1, 0);
    }

    /// <summary>Finds the nearest pixel of the silhouette for each pixel of the outer band (two sweeps of vector distances, Danielsson
    /// 1980).</summary>
    private void NearestSilhouettePixels()
    {
        for (int y = _top; y <= _bottom; y++)
        {
            for (int i = y * _size + _left; i <= y * _size + _right; i++)
                _nearest[i] = _silhouette[i] == 1 ? i : -1;
        }
        for (int y = _top; y <= _bottom; y++)
        {
            for (int x = _left; x <= _right; x++)
                Relax(x, y, -1);
            for (int x = _right; x >= _left; x--)
                Try(x, y, x + 1, y);
        }
        for (int y = _bottom; y >= _top; y--)
        {
            for (int x = _right; x >= _left; x--)
                Relax(x, y, 1);
            for (int x = _left; x <= _right; x++)
                Try(x, y, x - 1, y);
        }
    }

    private void Relax(int x, int y, int direction)
    {
        Try(x, y, x + direction, y);
        Try(x, y, x - 1, y + direction);
        Try(x, y, x, y + direction);
        Try(x, y, x + 1, y + direction);
    }

    private void Try(int x, int y, int nx, int ny)
    {
        int i = y * _size + x;
        if (_outer[i] == 0 || _silhouette[i] == 1 || nx < _left || nx > _right || ny < _top || ny > _bottom)
            return;
        int candidate = _nearest[ny * _size + nx];
        if (candidate >= 0 && (_nearest[i] < 0 || SquaredDistance(candidate, i) < SquaredDistance(_nearest[i], i)))
            _nearest[i] = candidate;
    }

    private int SquaredDistance(int a, int b)
    {
        int x = a % _size - b % _size, y = a / _size - b / _size;
        return x * x + y * y;
    }

    /// <summary>Fits the turn and scale of each joint's region from target to source: the similarity that best fits T over its well-seen
    /// pixels.</summary>
    private void MeasureRegions(ReadOnlySpan<byte> dominant, ReadOnlySpan<int> faces, ReadOnlySpan<int> faceIndex)
    {
        Array.Clear(_regions);
        for (int y = _top; y <= _bottom; y++)
        {
            for (int x = _left; x <= _right; x++)
            {
                int i = y * _size + x;
                if (faceIndex[i] < 0)
                    continue;
                ref RegionMotion region = ref _regions[dominant[faces[3 * faceIndex[i]]]];
                region.Count(_seen[i]);
                if (_seen[i] > 0.5f)
                    region.Add(Centre(x), Centre(y), _flow[2 * i], _flow[2 * i + 1]);
            }
        }
        for (int r = 0; r < _regions.Length; r++)
            _regions[r].Fit(16);
    }

    private float Centre(int pixel) => (2 * pixel + 1 - _size) / (float)_size;

    /// <summary>Extends T into the outer band: from the nearest silhouette pixel outwards, turned and scaled like its region.</summary>
    private void ExtendFlow(ReadOnlySpan<byte> dominant, ReadOnlySpan<int> faces, ReadOnlySpan<int> faceIndex, int hair, int clothes)
    {
        for (int y = _top; y <= _bottom; y++)
        {
            for (int x = _left; x <= _right; x++)
            {
                int i = y * _size + x, near = _nearest[i];
                if (near < 0 || near == i)
                    continue;
                int joint = dominant[faces[3 * faceIndex[near]]];
                // Hair reaches further out than clothes.
                int reach = joint is Skeleton.Neck or Skeleton.Head ? hair : clothes;
                _seen[i] = IsBare(joint) || SquaredDistance(near, i) > reach * reach ? 0
                    : SeenAround(near % _size, near / _size) * _regions[joint].Fringe;
                if (_seen[i] <= LeastSeen)
                    continue;
                float dx = 2f * (x - near % _size) / _size, dy = 2f * (y - near / _size) / _size;
                ref RegionMotion region = ref _regions[joint];
                _flow[2 * i] = _flow[2 * near] + region.Real * dx - region.Imaginary * dy;
                _flow[2 * i + 1] = _flow[2 * near + 1] + region.Imaginary * dx + region.Real * dy;
            }
        }
    }

    /// <summary>Returns whether a joint's region has no fringe: hands and feet, where it would only show shadow.</summary>
    private static bool IsBare(int joint) => joint is Skeleton.LeftAnkle or Skeleton.RightAnkle or Skeleton.LeftFoot or Skeleton.RightFoot
        or Skeleton.LeftWrist or Skeleton.RightWrist or Skeleton.LeftHand or Skeleton.RightHand;

    private void Colour(TextureWarpSource source, ReadOnlySpan<int> faceIndex, ReadOnlySpan<float> weights, Span<float> color)
    {
        ReadOnlySpan<int> faces = source.Generator.Body.Faces;
        int vertexCount = source.Generator.Body.VertexCount;
        for (int y = _top; y <= _bottom; y++)
        {
            for (int x = _left; x <= _right; x++)
            {
                int i = y * _size + x, at = _nearest[i];
                if (at < 0)
                    continue;
                float person = _sample[3 * _plane + i], good = Math.Min(_quality[at] * 1.5f, 1), mirrored = _mirrorQuality[at];
                // A pixel of the fringe without its own T takes the colour of the nearest one inside.
                int from = at != i && _seen[i] <= LeastSeen ? at : i;
                if (at != i)
                {
                    // Outside the silhouette only pixels that are outside the source's silhouette too belong to the person.
                    _alpha[i] = person * (1 - _sample[4 * _plane + i]) * _seen[i];
                    good = Math.Max(good, _alpha[i]);
                }
                else
                {
                    _clear[i] = _clear[i] == 1 ? 0 : (1 - person) * SeenAround(x, y);
                }
                for (int c = 0; c < 3; c++)
                {
                    float value = 0;
                    if (good < 1)
                    {
                        for (int k = 0; k < 3; k++)
                            value += weights[3 * at + k] * source.Colours[c * vertexCount + faces[3 * faceIndex[at] + k]];
                        value += mirrored * (_mirrorSample[c * _plane + at] - value);
                    }
                    color[c * _plane + i] = value + good * (_sample[c * _plane + from] - value);
                }
            }
        }
    }

    /// <summary>Returns the best visibility near a pixel, because the surface turns away at the outline.</summary>
    private float SeenAround(int x, int y)
    {
        float best = 0;
        for (int v = Math.Max(y - 2, 0); v <= Math.Min(y + 2, _size - 1); v++)
        {
            for (int u = Math.Max(x - 2, 0); u <= Math.Min(x + 2, _size - 1); u++)
            {
                if (_silhouette[v * _size + u] == 1)
                    best = Math.Max(best, _seen[v * _size + u]);
            }
        }
        return best;
    }

    /// <summary>
    /// Makes pixels transparent that the source shows as background, as far as they are connected to the outside of the silhouette:
    /// inwards no pixel is more transparent than its best neighbour, so that there are no holes (reconstruction by dilation, Vincent
    /// 1993).
    /// </summary>
    private void ClearFromOutside()
    {
        int left = Math.Max(_left, 1), right = Math.Min(_right, _size - 2), top = Math.Max(_top, 1), bottom = Math.Min(_bottom, _size - 2);
        for (int y = top; y <= bottom; y++)
        {
            for (int i = y * _size + left; i <= y * _size + right; i++)
            {
                if (_silhouette[i] == 1)
                    _alpha[i] = 1 - Math.Min(_clear[i],
                        Math.Max(Math.Max(Clear(i - 1), Clear(i - _size)), Math.Max(Clear(i - _size - 1), Clear(i - _size + 1))));
            }
        }
        for (int sweep = 0; sweep < 4; sweep++)
        {
            int step = sweep % 2 == 0 ? -1 : 1, first = step < 0 ? bottom : top, last = step < 0 ? top : bottom;
            for (int y = first; y != last + step; y += step)
            {
                for (int k = 0; k <= right - left; k++)
                {
                    int i = y * _size + (step < 0 ? right - k : left + k);
                    if (_silhouette[i] == 1 && _clear[i] > 1 - _alpha[i])
                    {
                        float around = Math.Max(Math.Max(Clear(i - step), Clear(i - step * _size)),
                            Math.Max(Clear(i - step * _size - 1), Clear(i - step * _size + 1)));
                        _alpha[i] = Math.Min(_alpha[i], 1 - Math.Min(_clear[i], around));
                    }
                }
            }
        }
    }

    private float Clear(int i) => _silhouette[i] == 0 ? 1 : 1 - _alpha[i];

    /// <summary>Removes thin or floating pixels: outwards from the silhouette no pixel is more opaque than its inner
    /// neighbours.</summary>
    private void KeepConnected(int band)
    {
        for (int i = 0; i < _plane; i++)
            _outer[i] = _alpha[i] > 0.5f || _silhouette[i] == 1 ? 1 : 0;
        _morphology.Erode(_outer, 5, _outer);
        _morphology.Dilate(_outer, 7, _outer);
        for (int i = 0; i < _plane; i++)
        {
            if (_silhouette[i] == 0)
                _alpha[i] *= _outer[i];
        }
        int count = SortByDistance(band);
        for (int k = 0; k < count; k++)
        {
            int i = _order[k], distance = SquaredDistance(_nearest[i], i);
            float most = 0;
            for (int dy = -_size; dy <= _size; dy += _size)
            {
                for (int j = i + dy - 1; j <= i + dy + 1; j++)
                {
                    if (_nearest[j] >= 0 && SquaredDistance(_nearest[j], j) < distance)
                        most = Math.Max(most, _alpha[j]);
                }
            }
            _alpha[i] = Math.Min(_alpha[i], most);
        }
    }

    /// <summary>Sorts the visible pixels of the outer band by distance from the silhouette, nearest first (counting sort).</summary>
    private int SortByDistance(int band)
    {
        Span<int> starts = _starts.AsSpan(0, (band + 2) * (band + 2) * 2);
        starts.Clear();
        int left = Math.Max(_left, 1), right = Math.Min(_right, _size - 2), top = Math.Max(_top, 1), bottom = Math.Min(_bottom, _size - 2);
        int count = 0;
        for (int y = top; y <= bottom; y++)
        {
            for (int i = y * _size + left; i <= y * _size + right; i++)
            {
                if (IsFringe(i))
                {
                    starts[SquaredDistance(_nearest[i], i) + 1]++;
                    count++;
                }
            }
        }
        for (int d = 1; d < starts.Length; d++)
            starts[d] += starts[d - 1];
        for (int y = top; y <= bottom; y++)
        {
            for (int i = y * _size + left; i <= y * _size + right; i++)
            {
                if (IsFringe(i))
                    _order[starts[SquaredDistance(_nearest[i], i)]++] = i;
            }
        }
        return count;
    }

    private bool IsFringe(int i) => _nearest[i] >= 0 && _nearest[i] != i && _alpha[i] > 0;

    /// <summary>Smooths the outline of the fringe.</summary>
    private void SmoothFringe()
    {
        int left = Math.Max(_left, 2), right = Math.Min(_right, _size - 3), top = Math.Max(_top, 2), bottom = Math.Min(_bottom, _size - 3);
        for (int y = top; y <= bottom; y++)
        {
            for (int i = y * _size + left; i <= y * _size + right; i++)
            {
                if (_silhouette[i] == 1 || _nearest[i] < 0)
                    continue;
                // The silhouette itself is excluded; otherwise the fringe would grow by half the window.
                float sum = 0;
                int count = 0;
                for (int dy = -2; dy <= 2; dy++)
                {
                    for (int j = i + dy * _size - 2; j <= i + dy * _size + 2; j++)
                    {
                        if (_silhouette[j] == 1)
                            continue;
                        sum += _alpha[j];
                        count++;
                    }
                }
                _outer[i] = Ramp.Smooth(0.3f, 0.7f, sum / count);
            }
        }
        for (int y = top; y <= bottom; y++)
        {
            for (int i = y * _size + left; i <= y * _size + right; i++)
            {
                if (_silhouette[i] == 0 && _nearest[i] >= 0)
                    _alpha[i] = _outer[i];
            }
        }
    }

    /// <summary>Computes mask = 1 - alpha, smoothed by (1 2 1) x (1 2 1) / 16.</summary>
    private void SoftMask(Span<float> mask)
    {
        for (int y = 0; y < _size; y++)
        {
            int up = Math.Max(y - 1, 0) * _size, at = y * _size, down = Math.Min(y + 1, _size - 1) * _size;
            for (int x = 0; x < _size; x++)
                _outer[at + x] = (_alpha[up + x] + 2 * _alpha[at + x] + _alpha[down + x]) * 0.25f;
        }
        for (int y = 0; y < _size; y++)
        {
            int at = y * _size;
            for (int x = 0; x < _size; x++)
                mask[at + x] = 1 - (_outer[at + Math.Max(x - 1, 0)] + 2 * _outer[at + x] + _outer[at + Math.Min(x + 1, _size - 1)]) * 0.25f;
        }
    }

    /// <summary>A similarity as one complex factor, from running sums.</summary>
    private struct RegionMotion
    {
        private double _all, _seen, _n, _x, _y, _u, _v, _xx, _re, _im;

        public float Real { get; private set; }

        public float Imaginary { get; private set; }

        /// <summary>The weight of the fringe outside the region: 0 unless most of the region itself is seen.</summary>
        public readonly float Fringe => _all < 1 ? 0 : Ramp.Smooth(0.55f, 0.75f, (float)(_seen / _all));

        public void Count(float seen)
        {
            _all++;
            _seen += seen;
        }

        public void Add(double x, double y, double u, double v)
        {
            _n++;
            _x += x;
            _y += y;
            _u += u;
            _v += v;
            _xx += x * x + y * y;
            _re += x * u + y * v;
            _im += x * v - y * u;
        }

        public void Fit(int minimum)
        {
            (Real, Imaginary) = (1, 0);
            double spread = _n < minimum ? 0 : _xx - (_x * _x + _y * _y) / _n;
            if (spread < 1e-6)
                return;
            Real = (float)((_re - (_x * _u + _y * _v) / _n) / spread);
            Imaginary = (float)((_im - (_x * _v - _y * _u) / _n) / spread);
        }
    }
}
