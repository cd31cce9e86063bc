using Lwg.MLNet.Body;
using Lwg.MLNet.Warping;

namespace Lwg.MLNet.Generation;

/// <summary>Draws targets from an analysed source (<see cref="TextureWarpGenerator"/>). Holds its scratch; one instance serves one thread at a time.</summary>
public sealed class TextureWarpTarget
{
    private const int Layers = TextureWarpSource.LayerCount;

    private readonly int _size;
    private readonly int _plane;
    private readonly float[] _flow;
    private readonly float[] _mirrorFlow;
    private readonly float[] _sample;
    private readonly float[] _mirrorSample;
    private readonly float[] _quality;
    private readonly float[] _alpha;
    private readonly float[] _silhouette;
    private readonly float[] _inner;
    private readonly float[] _outer;
    private readonly int[] _nearest;
    private readonly Morphology _morphology;
    private readonly RegionMotion[] _regions = new RegionMotion[Skeleton.JointCount];

    /// <summary>Makes room for targets of one size.</summary>
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
        _quality = new float[2 * _plane];
        _alpha = new float[_plane];
        _silhouette = new float[_plane];
        _inner = new float[_plane];
        _outer = new float[_plane];
        _nearest = new int[_plane];
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
            throw new ArgumentException($"Everything must be of S = {_size}, but the source has {source.Size}, the result {result.Size}, the maps {faceIndex.Length} and {weights.Length} elements.", nameof(source));

        source.Plate.CopyTo(result.Background, 0);
        int height = Flows(source, faceIndex, weights);
        if (height == 0)
        {
            result.Mask.AsSpan().Fill(1);
            result.Color.AsSpan().Clear();
            result.Compose();
            return;
        }
        // The band outside the silhouette where hair and clothes may stand, and inside where the body may be wider than the person.
        int band = Math.Max((int)(0.045 * height), 2);
        _morphology.Erode(_silhouette, 2 * Math.Max(band / 2, 1) + 1, _inner);
        _morphology.Dilate(_silhouette, 2 * band + 1, _outer);
        NearestSilhouettePixels();
        MeasureRegions(source.Generator.DominantJoint, source.Generator.Body.Faces, faceIndex);
        ExtendFlow(source.Generator.DominantJoint, source.Generator.Body.Faces, faceIndex);
        GridSampler.Sample(source.Layers, Layers, _size, _size, _flow, alignCorners: false, _sample);
        GridSampler.Sample(source.Layers, Layers, _size, _size, _mirrorFlow, alignCorners: false, _mirrorSample);
        Colour(source, faceIndex, weights, result.Color);
        SoftMask(result.Mask);
        result.Compose();
    }

    /// <summary>T, T of the mirror image, and how well the surface at each pixel is seen, itself and mirrored. Returns the silhouette's height in pixels.</summary>
    private int Flows(TextureWarpSource source, ReadOnlySpan<int> faceIndex, ReadOnlySpan<float> weights)
    {
        ReadOnlySpan<int> faces = source.Generator.Body.Faces, mirror = source.Generator.Mirror;
        ReadOnlySpan<float> points = source.Points, quality = source.Quality;
        int top = _size, bottom = -1;
        for (int i = 0; i < _plane; i++)
        {
            int face = faceIndex[i];
            _silhouette[i] = face < 0 ? 0 : 1;
            _quality[i] = _quality[_plane + i] = 0;
            _flow[2 * i] = _flow[2 * i + 1] = _mirrorFlow[2 * i] = _mirrorFlow[2 * i + 1] = face < 0 ? TransformationFlow.Nowhere : 0;
            if (face < 0)
                continue;
            (top, bottom) = (Math.Min(top, i / _size), Math.Max(bottom, i / _size));
            for (int k = 0; k < 3; k++)
            {
                int v = faces[3 * face + k], m = mirror[v];
                float w = weights[3 * i + k];
                _flow[2 * i] += w * points[2 * v];
                _flow[2 * i + 1] += w * points[2 * v + 1];
                _mirrorFlow[2 * i] += w * points[2 * m];
                _mirrorFlow[2 * i + 1] += w * points[2 * m + 1];
                _quality[i] += w * quality[v];
                _quality[_plane + i] += w * quality[m];
            }
        }
        return bottom - top + 1 < 0 ? 0 : bottom - top + 1;
    }

    /// <summary>For each pixel of the outer band the nearest pixel of the silhouette (two sweeps of vector distances, Danielsson 1980).</summary>
    private void NearestSilhouettePixels()
    {
        for (int i = 0; i < _plane; i++)
            _nearest[i] = _silhouette[i] == 1 ? i : -1;
        for (int y = 0; y < _size; y++)
        {
            for (int x = 0; x < _size; x++)
                Relax(x, y, -1);
            for (int x = _size - 1; x >= 0; x--)
                Try(x, y, x + 1, y);
        }
        for (int y = _size - 1; y >= 0; y--)
        {
            for (int x = _size - 1; x >= 0; x--)
                Relax(x, y, 1);
            for (int x = 0; x < _size; x++)
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
        if (_outer[i] == 0 || _silhouette[i] == 1 || (uint)nx >= (uint)_size || (uint)ny >= (uint)_size)
            return;
        int candidate = _nearest[ny * _size + nx];
        if (candidate >= 0 && (_nearest[i] < 0 || Distance(candidate) < Distance(_nearest[i])))
            _nearest[i] = candidate;

        int Distance(int p) => (p % _size - x) * (p % _size - x) + (p / _size - y) * (p / _size - y);
    }

    /// <summary>How each joint's region turns and scales from target to source: the similarity that fits T best over its well-seen pixels.</summary>
    private void MeasureRegions(ReadOnlySpan<byte> dominant, ReadOnlySpan<int> faces, ReadOnlySpan<int> faceIndex)
    {
        Array.Clear(_regions);
        for (int i = 0; i < _plane; i++)
        {
            if (faceIndex[i] >= 0 && _quality[i] > 0.3f)
                _regions[dominant[faces[3 * faceIndex[i]]]].Add(Centre(i % _size), Centre(i / _size), _flow[2 * i], _flow[2 * i + 1]);
        }
        for (int r = 0; r < _regions.Length; r++)
            _regions[r].Fit(16);
    }

    private float Centre(int pixel) => (2 * pixel + 1 - _size) / (float)_size;

    /// <summary>T in the outer band: from the nearest silhouette pixel on, as its region turns and scales.</summary>
    private void ExtendFlow(ReadOnlySpan<byte> dominant, ReadOnlySpan<int> faces, ReadOnlySpan<int> faceIndex)
    {
        for (int i = 0; i < _plane; i++)
        {
            int near = _nearest[i];
            if (near < 0 || near == i || _quality[near] <= 0.05f)
                continue;
            float dx = 2f * (i % _size - near % _size) / _size, dy = 2f * (i / _size - near / _size) / _size;
            ref RegionMotion region = ref _regions[dominant[faces[3 * faceIndex[near]]]];
            _flow[2 * i] = _flow[2 * near] + region.Real * dx - region.Imaginary * dy;
            _flow[2 * i + 1] = _flow[2 * near + 1] + region.Imaginary * dx + region.Real * dy;
        }
    }

    private void Colour(TextureWarpSource source, ReadOnlySpan<int> faceIndex, ReadOnlySpan<float> weights, Span<float> color)
    {
        ReadOnlySpan<int> faces = source.Generator.Body.Faces;
        int vertexCount = source.Generator.Body.VertexCount;
        for (int i = 0; i < _plane; i++)
        {
            int at = _nearest[i];
            _alpha[i] = 0;
            if (at < 0)
            {
                color[i] = color[_plane + i] = color[2 * _plane + i] = 0;
                continue;
            }
            float seen = _quality[at], mirrored = _quality[_plane + at];
            if (at == i)
            {
                // The body may be wider than the person near its outline: there the source's own matte decides, and its colours are not used inside.
                float person = _sample[3 * _plane + i];
                _alpha[i] = _inner[i] == 1 ? 1 : 1 - (1 - person) * TextureWarpGenerator.SmoothStep(0.05f, 0.4f, Math.Max(seen, SeenAtEdge(i)));
            }
            else
            {
                // Outside the silhouette only what stands off the source's own silhouette is the person's.
                _alpha[i] = _sample[3 * _plane + i] * (1 - _sample[4 * _plane + i]) * TextureWarpGenerator.SmoothStep(0.05f, 0.3f, seen);
            }
            for (int c = 0; c < 3; c++)
            {
                float value = 0;
                if (seen < 1)
                {
                    for (int k = 0; k < 3; k++)
                        value += weights[3 * at + k] * source.Colours[c * vertexCount + faces[3 * faceIndex[at] + k]];
                    value += mirrored * (_mirrorSample[c * _plane + at] - value);
                }
                value += Math.Min(seen * 1.5f, 1) * (_sample[c * _plane + i] - value);
                color[c * _plane + i] = value;
            }
        }
    }

    /// <summary>A pixel whose surface turns away at the outline is as well seen as its best neighbour.</summary>
    private float SeenAtEdge(int i)
    {
        float best = 0;
        int x = i % _size, y = i / _size;
        for (int dy = -2; dy <= 2; dy++)
        {
            for (int dx = -2; dx <= 2; dx++)
            {
                if ((uint)(x + dx) < (uint)_size && (uint)(y + dy) < (uint)_size)
                    best = Math.Max(best, _quality[(y + dy) * _size + x + dx]);
            }
        }
        return best;
    }

    /// <summary>Mask = 1 - alpha, smoothed by (1 2 1) x (1 2 1) / 16.</summary>
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
        private double _n, _x, _y, _u, _v, _xx, _re, _im;

        public float Real { get; private set; }

        public float Imaginary { get; private set; }

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
