using Lwg.MLNet.Body;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Warping;

namespace Lwg.MLNet.Generation;

/// <summary>
/// Limits what a network draws beside a body to what the photograph shows there: a network spreads light clothes like a skirt around the
/// legs. The place of a pixel beside the target's body is found beside the source's, at the same distance from the same point of the
/// outline; what the person's mask does not show there gives way to the background. The head, whose hair turns with it, is left as it is.
/// Holds scratch buffers; use an instance on one thread at a time.
/// </summary>
internal sealed class OutlineLimit
{
    // How far beside the body, and how far within it the direction of the outline is read, as shares of N.
    private const float Reach = 0.12f, Within = 4f / 256;

    // The value from which the mask is the person, and how far it is widened, as a share of N: only what is clearly outside gives way,
    // since estimated masks are soft and bodies are displaced.
    private const float PersonFrom = 0.25f, Wider = 3f / 256;

    // A limb whose width changes by more than this factor has turned away; it has another outline.
    private const float LargestStretch = 2.5f;

    private const float LeastPerson = 0.02f, WellSeen = 0.5f;

    private readonly int _size;
    private readonly bool[] _isHead, _body;
    private readonly int[] _nearest;
    private readonly float[] _mask, _shown;
    private readonly NearestPixels _search;
    private readonly Morphology _morphology;
    private bool _isKnown;

    /// <summary>Allocates buffers for pictures of one size.</summary>
    /// <param name="size">N.</param>
    /// <param name="body">The body.</param>
    public OutlineLimit(int size, BodyModel body)
    {
        int n = size * size;
        (_size, _search, _morphology) = (size, new NearestPixels(size), new Morphology(size, size));
        (_body, _nearest, _mask, _shown) = (new bool[n], new int[n], new float[n], new float[n]);
        _isHead = body.Surface.HasHead ? body.Surface.Head.ToArray() : new bool[body.FaceCount];
    }

    /// <summary>Sets a source.</summary>
    /// <param name="mask">An estimator's person mask [G,G]; if it is empty, nothing is limited.</param>
    /// <param name="faceIndex">The source's face index map [N,N].</param>
    public void Take(ReadOnlySpan<float> mask, ReadOnlySpan<int> faceIndex)
    {
        _isKnown = false;
        if (mask.IsEmpty)
            return;
        MaskGrid.Resize(mask, _mask, _size);
        for (int i = 0; i < _body.Length; i++)
            _body[i] = faceIndex[i] >= 0;
        _isKnown = PersonPixels.LiesOn(_mask, _body);
        if (!_isKnown)
            return;
        for (int i = 0; i < _mask.Length; i++)
            _mask[i] = _mask[i] > PersonFrom ? 1 : 0;
        _morphology.Dilate(_mask, 2 * Math.Max((int)(Wider * _size), 1) + 1, _mask);
    }

    /// <summary>Changes a network's mask.</summary>
    /// <param name="source">The analysed source.</param>
    /// <param name="faceIndex">The target's face index map [N,N].</param>
    /// <param name="weights">The target's weight map [N,N,3].</param>
    /// <param name="background">The network's mask [N,N], 1 on background; changed.</param>
    public void Apply(TextureWarpSource source, ReadOnlySpan<int> faceIndex, ReadOnlySpan<float> weights, Span<float> background)
    {
        if (!_isKnown)
            return;
        for (int i = 0; i < _body.Length; i++)
            _body[i] = faceIndex[i] >= 0;
        _search.Find(_body, _nearest);
        for (int i = 0; i < _shown.Length; i++)
            _shown[i] = _body[i] || 1 - background[i] < LeastPerson ? 1 : Shown(source, faceIndex, weights, i);
        for (int i = 0; i < _shown.Length; i++)
        {
            if (!_body[i] && 1 - background[i] >= LeastPerson && !(_nearest[i] >= 0 && _isHead[faceIndex[_nearest[i]]]))
                background[i] = 1 - (1 - background[i]) * Smooth(i);
        }
    }

    // How surely the photograph shows the person at the place of a pixel beside the body; 1 if that is not known.
    private float Shown(TextureWarpSource source, ReadOnlySpan<int> faceIndex, ReadOnlySpan<float> weights, int pixel)
    {
        int near = _nearest[pixel];
        if (near < 0 || _isHead[faceIndex[near]])
            return 1;
        (int x, int y) = (near % _size, near / _size);
        float within = MathF.Max(Within * _size, 2), dx = pixel % _size - x, dy = pixel / _size - y;
        float distance = MathF.Sqrt(dx * dx + dy * dy);
        int inner = At(x - within * dx / distance, y - within * dy / distance);
        if (distance > Reach * _size || inner < 0 || !_body[inner] || Place(source, faceIndex, weights, near) is not { } edge
            || Place(source, faceIndex, weights, inner) is not { } inside)
            return 1;
        (float ux, float uy) = ((edge.X - inside.X) / within, (edge.Y - inside.Y) / within);
        if (MathF.Sqrt(ux * ux + uy * uy) is not (> 1 / LargestStretch and < LargestStretch))
            return 1;
        int beside = At(edge.X + ux * distance, edge.Y + uy * distance);
        return beside < 0 ? 1 : _mask[beside];
    }

    // The mean over a pixel and its neighbours: nearest points jump.
    private float Smooth(int pixel)
    {
        float sum = 0;
        int count = 0;
        for (int dy = -1; dy <= 1; dy++)
        {
            for (int dx = -1; dx <= 1; dx++)
            {
                if (At(pixel % _size + dx, pixel / _size + dy) is >= 0 and var at && !_body[at])
                    (sum, count) = (sum + _shown[at], count + 1);
            }
        }
        return sum / count;
    }

    // Where the source shows the surface at a pixel of the target, in pixels; null if it does not.
    private (float X, float Y)? Place(TextureWarpSource source, ReadOnlySpan<int> faceIndex, ReadOnlySpan<float> weights, int pixel)
    {
        var at = new VertexBlend(source.Generator.Body.Faces, faceIndex[pixel], weights.Slice(3 * pixel, 3));
        if (at.Of(source.Seen) < WellSeen)
            return null;
        (float x, float y) = at.PointOf(source.Points);
        return ((x + 1) / 2 * _size - 0.5f, (y + 1) / 2 * _size - 0.5f);
    }

    private int At(float x, float y)
    {
        (int column, int row) = ((int)MathF.Round(x), (int)MathF.Round(y));
        return (uint)column < (uint)_size && (uint)row < (uint)_size ? row * _size + column : -1;
    }
}
