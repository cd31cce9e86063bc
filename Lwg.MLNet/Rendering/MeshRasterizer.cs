using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Lwg.MLNet.Rendering;

/// <summary>
/// Draws the faces of a mesh into S x S maps of face indices and barycentric weights, with the semantics of neural_renderer (Kato et al.
/// 2018): inclusive edges, back faces skipped, screen-space weights; the nearest face wins, and the lowest index on a tie. Every pixel is
/// bit for bit the same as if it were tested against every face in 32-bit floats. Holds the depth buffer, so a call allocates nothing; an
/// instance must be used by one thread at a time.
/// </summary>
internal sealed class MeshRasterizer
{
    /// <summary>The minimum size of a map.</summary>
    public const int MinimumSize = 1;

    /// <summary>The maximum size of a map.</summary>
    public const int MaximumSize = 8192;

    private const float Near = 0.1f;
    private const float Far = 100f;

    // Below this extent, products of coordinates may underflow.
    private const float SmallestExtent = 1e-12f;

    // The side of the blocks that are tested for a thin face.
    private const int BlockSize = 16;

    private readonly float[] _depth;
    private readonly float[] _centres;
    private readonly Vector128<float> _toPixel;
    private readonly Vector128<float> _pixelOffset;
    private readonly Vector128<float> _smallestBounds;

    /// <summary>Creates a rasteriser for maps of one size.</summary>
    /// <param name="size">The side of the maps, S, 1 to 8192 pixels.</param>
    public MeshRasterizer(int size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, MinimumSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, MaximumSize);
        Size = size;
        _depth = new float[size * size];
        _centres = new float[size];
        for (int i = 0; i < size; i++)
            _centres[i] = (2 * i + 1 - size) / (float)size;
        // Maps to pixel coordinates of (minX, minY, -maxX, -maxY), reduced by a slack that exceeds the rounding errors here and in the
        // pixel centres.
        float slack = size * (1f / (1 << 20)), middle = (size - 1) / 2f;
        _toPixel = Vector128.Create(size / 2f);
        _pixelOffset = Vector128.Create(middle, middle, -middle, -middle) - Vector128.Create(slack);
        _smallestBounds = Vector128.Create(0f, 0f, 1f - size, 1f - size);
    }

    /// <summary>S, the width and height of the maps.</summary>
    public int Size { get; }

    /// <summary>Draws the faces.</summary>
    /// <param name="points">The projected vertices [V,3]: x right and y UP in [-1,1] over the picture, depth away from the viewer
    /// (<see cref="Camera.Project"/>).</param>
    /// <param name="faces">The faces [F,3], counter-clockwise on the screen if they face the viewer. Faces with a corner that is not
    /// finite are not drawn.</param>
    /// <param name="faceIndex">Receives the face index map [S,S], row 0 at the top, -1 on background.</param>
    /// <param name="weights">Receives the weight map [S,S,3], one weight per corner, 0 on background.</param>
    public void Draw(ReadOnlySpan<float> points, ReadOnlySpan<int> faces, Span<int> faceIndex, Span<float> weights)
    {
        int s = Size;
        if (faceIndex.Length != s * s)
            throw new ArgumentException($"The face index map must have {s} x {s} elements, but has {faceIndex.Length}.", nameof(faceIndex));
        if (weights.Length != 3 * s * s)
            throw new ArgumentException($"The weight map must have {s} x {s} x 3 elements, but has {weights.Length}.", nameof(weights));
        faceIndex.Fill(-1);
        weights.Clear();
        _depth.AsSpan().Fill(Far);
        bool finite = TensorPrimitives.IsFiniteAll(points);
        for (int f = 0; f < faces.Length / 3; f++)
        {
            int a = 3 * faces[3 * f], b = 3 * faces[3 * f + 1], c = 3 * faces[3 * f + 2];
            Triangle t = default;
            (t.X0, t.Y0) = (points[a], points[a + 1]);
            (t.X1, t.Y1) = (points[b], points[b + 1]);
            (t.X2, t.Y2) = (points[c], points[c + 1]);
            // Back faces are rejected first: they are half of all faces.
            float forward = (t.Y2 - t.Y0) * (t.X1 - t.X0), backward = (t.Y1 - t.Y0) * (t.X2 - t.X0);
            if (forward < backward)
                continue;
            t.Z = Vector128.Create(points[a + 2], points[b + 2], points[c + 2], 1);
            t.Face = f;
            if (finite || (TensorPrimitives.IsFiniteAll(points.Slice(a, 3)) && TensorPrimitives.IsFiniteAll(points.Slice(b, 3))
                && TensorPrimitives.IsFiniteAll(points.Slice(c, 3))))
                DrawFace(in t, forward - backward, faceIndex, weights);
        }
    }

    private void DrawFace(in Triangle t, float area, Span<int> faceIndex, Span<float> weights)
    {
        float minX = float.MinNative(t.X0, float.MinNative(t.X1, t.X2)), maxX = float.MaxNative(t.X0, float.MaxNative(t.X1, t.X2));
        float minY = float.MinNative(t.Y0, float.MinNative(t.Y1, t.Y2)), maxY = float.MaxNative(t.Y0, float.MaxNative(t.Y1, t.Y2));
        float extent = float.MaxNative(maxX - minX, maxY - minY);
        // Pixels outside the box of a face can pass the three edge tests by rounding alone. Let d be the distance of such a pixel from
        // the box along the farther axis, E the extent, A twice the area and u = 2^-24. One of the pixel's barycentric coordinates is at
        // most -d / 2E, so one edge value is at most -A d / 2E, while the six roundings in it add less than 6.02 u (d + E) E. With c =
        // 2^-21 = 8 u (the error of the area itself is less than c E^2) the test certainly fails if d > 2 c E^3 / (area - 3 c E^2), which
        // is less than 4 c E^3 / area if area > 8 c E^2.
        const float c = 1f / (1 << 21);
        if (area > 8 * c * extent * extent && extent > SmallestExtent)
        {
            float margin = 4 * c * extent * extent * extent / area;
            Vector128<float> bounds = (Vector128.Create(minX, minY, -maxX, -maxY) - Vector128.Create(margin)) * _toPixel + _pixelOffset;
            bounds = Vector128.MinNative(Vector128.MaxNative(Vector128.Ceiling(bounds), _smallestBounds), Vector128.Create((float)Size));
            Vector128<int> box = Vector128.ConvertToInt32Native(bounds);
            int left = box[0], low = box[1], right = -box[2], high = -box[3];
            if (left <= right && low <= high)
                Fill(in t, left, right, low, high, faceIndex, weights);
        }
        else if (extent > 0)
        {
            // A face whose corners coincide passes the edge tests of every pixel, but its weights are 0 / 0, so nothing of it is drawn.
            DrawThinFace(in t, faceIndex, weights);
        }
    }

    /// <summary>Draws a face so thin that, by rounding, pixels anywhere on its line may pass. Rounding is monotone, so an edge test that
    /// fails at the most favourable corner of a block fails in the whole block.</summary>
    private void DrawThinFace(in Triangle t, Span<int> faceIndex, Span<float> weights)
    {
        for (int low = 0; low < Size; low += BlockSize)
        {
            int high = Math.Min(low + BlockSize, Size) - 1;
            for (int left = 0; left < Size; left += BlockSize)
            {
                int right = Math.Min(left + BlockSize, Size) - 1;
                if (Misses(t.X0, t.Y0, t.X1, t.Y1) || Misses(t.X1, t.Y1, t.X2, t.Y2) || Misses(t.X2, t.Y2, t.X0, t.Y0))
                    continue;
                Fill(in t, left, right, low, high, faceIndex, weights);

                bool Misses(float xa, float ya, float xb, float yb)
                {
                    float ex = xb - xa, ey = yb - ya;
                    float xp = _centres[ey > 0 ? left : right], yp = _centres[ex > 0 ? high : low];
                    return (yp - ya) * ex < (xp - xa) * ey;
                }
            }
        }
    }

    private void Fill(in Triangle t, int left, int right, int low, int high, Span<int> faceIndex, Span<float> weights)
    {
        int s = Size;
        float x0 = t.X0, y0 = t.Y0, x1 = t.X1, y1 = t.Y1, x2 = t.X2, y2 = t.Y2;
        float ex0 = x1 - x0, ey0 = y1 - y0, ex1 = x2 - x1, ey1 = y2 - y1, ex2 = x0 - x2, ey2 = y0 - y2;
        // The caller has checked that both maps and the depths contain all pixels of left..right, low..high.
        ref float centres = ref MemoryMarshal.GetArrayDataReference(_centres);
        ref float depths = ref MemoryMarshal.GetArrayDataReference(_depth);
        ref int index = ref MemoryMarshal.GetReference(faceIndex);
        ref float weight = ref MemoryMarshal.GetReference(weights);
        Vector128<float> z = t.Z, ofColumn = default, ofRow = default, constant = default;
        bool ready = false;
        for (int j = low; j <= high; j++)
        {
            float yp = Unsafe.Add(ref centres, j);
            float t0 = (yp - y0) * ex0, t1 = (yp - y1) * ex1, t2 = (yp - y2) * ex2;
            int row = (s - 1 - j) * s;
            bool entered = false;
            for (int i = left; i <= right; i++)
            {
                float xp = Unsafe.Add(ref centres, i);
                if (t0 < (xp - x0) * ey0 || t1 < (xp - x1) * ey1 || t2 < (xp - x2) * ey2)
                {
                    // Each test holds up to a pixel or from a pixel on, so the inner pixels of a row are one run.
                    if (entered)
                        break;
                    continue;
                }
                entered = true;
                if (!ready)
                {
                    ready = true;
                    Invert(in t, s, out ofColumn, out ofRow, out constant);
                }
                Vector128<float> w = ofColumn * i + ofRow * j + constant;
                // fmin(fmax(w, 0), 1): NaN becomes 0.
                w = Vector128.MinNative(w & Vector128.GreaterThan(w, Vector128<float>.Zero), Vector128<float>.One);
                w /= Vector128.Create(w[0] + w[1] + w[2]);
                Vector128<float> q = w / z;
                float depth = 1 / (q[0] + q[1] + q[2]);
                int pixel = row + i;
                // A NaN depth fails this comparison. A stored depth is nearer than Far, the initial value of the buffer.
                if (depth > Near && depth < Unsafe.Add(ref depths, pixel))
                {
                    Unsafe.Add(ref depths, pixel) = depth;
                    Unsafe.Add(ref index, pixel) = t.Face;
                    Unsafe.Add(ref weight, 3 * pixel) = w[0];
                    Unsafe.Add(ref weight, 3 * pixel + 1) = w[1];
                    Unsafe.Add(ref weight, 3 * pixel + 2) = w[2];
                }
            }
        }
    }

    /// <summary>Computes the inverse of the matrix of pixel-space corners, column by column: weights = ofColumn * i + ofRow * j +
    /// constant.</summary>
    private static void Invert(in Triangle t, int s, out Vector128<float> ofColumn, out Vector128<float> ofRow,
        out Vector128<float> constant)
    {
        float x0 = 0.5f * (t.X0 * s + s - 1), y0 = 0.5f * (t.Y0 * s + s - 1);
        float x1 = 0.5f * (t.X1 * s + s - 1), y1 = 0.5f * (t.Y1 * s + s - 1);
        float x2 = 0.5f * (t.X2 * s + s - 1), y2 = 0.5f * (t.Y2 * s + s - 1);
        var determinant = Vector128.Create(x2 * (y0 - y1) + x0 * (y1 - y2) + x1 * (y2 - y0));
        ofColumn = Vector128.Create(y1 - y2, y2 - y0, y0 - y1, 0) / determinant;
        ofRow = Vector128.Create(x2 - x1, x0 - x2, x1 - x0, 0) / determinant;
        constant = Vector128.Create(x1 * y2 - x2 * y1, x2 * y0 - x0 * y2, x0 * y1 - x1 * y0, 0) / determinant;
    }

    private struct Triangle
    {
        public float X0, Y0, X1, Y1, X2, Y2;
        public Vector128<float> Z;
        public int Face;
    }
}
