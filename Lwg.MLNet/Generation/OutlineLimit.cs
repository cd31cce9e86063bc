using Lwg.MLNet.Body;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Warping;

namespace Lwg.MLNet.Generation;

/// <summary>
/// Limits what a network draws beside a body to what the photograph shows there: a network spreads light clothes like a skirt around the
/// legs. The place of a pixel beside the target's body is found beside the source's, at the same distance from the same point of the
/// outline; what the person's mask does not show there gives way to the background. Where the source does not show that point, the mask's
/// usual reach beside the same part of the body is the limit. The head, whose hair turns with it, is left as it is.
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

    // The share of a part's outline beside which the mask ends within its usual reach, and within its greatest; and the least number of
    // pixels of an outline that shows them.
    private const float Usually = 0.9f, AtMost = 0.98f;
    private const int LeastOutline = 16;

    private readonly int _size;
    private readonly bool[] _isHead;
    private readonly int[] _limbOfFace;
    private readonly List<float>[] _reaches;
    private readonly float[] _usual, _greatest, _outline;
    private readonly float[] _mask, _shown;
    private readonly Morphology _morphology;
    private bool _isKnown;
    private int _bodyPixels;
    private float _larger;

    /// <summary>Allocates buffers for pictures of one size.</summary>
    /// <param name="size">N.</param>
    /// <param name="body">The body.</param>
    public OutlineLimit(int size, BodyModel body)
    {
        int n = size * size;
        (_size, _morphology, _mask, _shown) = (size, new Morphology(size, size), new float[n], new float[n]);
        _isHead = body.Surface.HasHead ? body.Surface.Head.ToArray() : new bool[body.FaceCount];
        _limbOfFace = body.Surface.HasParts ? [.. body.Surface.Part.ToArray().Select(LimbOf)] : new int[body.FaceCount];
        int limbs = _limbOfFace.Max() + 1;
        _reaches = [.. Enumerable.Range(0, limbs).Select(_ => new List<float>())];
        (_usual, _greatest, _outline) = (new float[limbs], new float[limbs], new float[n]);
    }

    // Left and right limbs have the same clothes.
    private static int LimbOf(int part) => (BodyPart)part switch
    {
        BodyPart.RightArm => (int)BodyPart.LeftArm,
        BodyPart.RightHand => (int)BodyPart.LeftHand,
        BodyPart.RightLeg => (int)BodyPart.LeftLeg,
        BodyPart.RightFoot => (int)BodyPart.LeftFoot,
        _ => part,
    };

    /// <summary>Sets a source.</summary>
    /// <param name="mask">An estimator's person mask [G,G]; if it is empty, nothing is limited.</param>
    /// <param name="faceIndex">The source's face index map [N,N].</param>
    /// <param name="body">Scratch; receives the source's body.</param>
    public void Take(ReadOnlySpan<float> mask, ReadOnlySpan<int> faceIndex, NearestBody body)
    {
        _isKnown = false;
        if (mask.IsEmpty)
            return;
        MaskGrid.Resize(mask, _mask, _size);
        body.Find(faceIndex);
        _isKnown = PersonPixels.LiesOn(_mask, body.IsBody);
        if (!_isKnown)
            return;
        for (int i = 0; i < _mask.Length; i++)
            _mask[i] = _mask[i] > PersonFrom ? 1 : 0;
        _bodyPixels = body.IsBody.AsSpan().Count(true);
        MeasureReach(faceIndex, body);
        _morphology.Dilate(_mask, 2 * Math.Max((int)(Wider * _size), 1) + 1, _mask);
    }

    // Measures for each limb how far beside its outline the mask ends.
    private void MeasureReach(ReadOnlySpan<int> faceIndex, NearestBody body)
    {
        Array.Fill(_outline, -1);
        for (int i = 0; i < _mask.Length; i++)
        {
            int near = body.Nearest[i];
            if (body.IsBody[i] || near < 0)
                continue;
            float dx = i % _size - near % _size, dy = i / _size - near / _size;
            _outline[near] = Math.Max(_outline[near], _mask[i] > 0 ? MathF.Sqrt(dx * dx + dy * dy) : 0);
        }
        foreach (List<float> reaches in _reaches)
            reaches.Clear();
        for (int i = 0; i < _mask.Length; i++)
        {
            if (_outline[i] >= 0)
                _reaches[_limbOfFace[faceIndex[i]]].Add(_outline[i]);
        }
        for (int limb = 0; limb < _reaches.Length; limb++)
        {
            List<float> reaches = _reaches[limb];
            reaches.Sort();
            bool isKnown = reaches.Count >= LeastOutline;
            _usual[limb] = isKnown ? reaches[(int)(Usually * (reaches.Count - 1))] + Wider * _size : float.MaxValue;
            _greatest[limb] = isKnown ? reaches[(int)(AtMost * (reaches.Count - 1))] + Wider * _size : float.MaxValue;
        }
    }

    /// <summary>Changes a network's mask.</summary>
    /// <param name="source">The analysed source.</param>
    /// <param name="faceIndex">The target's face index map [N,N].</param>
    /// <param name="weights">The target's weight map [N,N,3].</param>
    /// <param name="body">The target's body.</param>
    /// <param name="background">The network's mask [N,N], 1 on background; changed.</param>
    public void Apply(TextureWarpSource source, ReadOnlySpan<int> faceIndex, ReadOnlySpan<float> weights, NearestBody body,
        Span<float> background)
    {
        if (!_isKnown)
            return;
        // Clothes grow with the person.
        _larger = MathF.Max(MathF.Sqrt((float)body.IsBody.AsSpan().Count(true) / _bodyPixels), 1);
        for (int i = 0; i < _shown.Length; i++)
            _shown[i] = body.IsBody[i] || 1 - background[i] < LeastPerson ? 1 : Shown(source, faceIndex, weights, body, i);
        for (int i = 0; i < _shown.Length; i++)
        {
            if (!body.IsBody[i] && 1 - background[i] >= LeastPerson && !(body.Nearest[i] >= 0 && _isHead[faceIndex[body.Nearest[i]]]))
                background[i] = 1 - (1 - background[i]) * Smooth(body, i);
        }
    }

    // How surely the photograph shows the person at the place of a pixel beside the body.
    private float Shown(TextureWarpSource source, ReadOnlySpan<int> faceIndex, ReadOnlySpan<float> weights, NearestBody body,
        int pixel)
    {
        int near = body.Nearest[pixel];
        if (near < 0 || _isHead[faceIndex[near]])
            return 1;
        (int x, int y) = (near % _size, near / _size);
        float within = MathF.Max(Within * _size, 2), dx = pixel % _size - x, dy = pixel / _size - y;
        float distance = MathF.Sqrt(dx * dx + dy * dy);
        int limb = _limbOfFace[faceIndex[near]];
        if (distance > _larger * _greatest[limb])
            return 0;
        float usual = distance > _larger * _usual[limb] ? 0 : 1;
        int inner = At(x - within * dx / distance, y - within * dy / distance);
        if (distance > Reach * _size || inner < 0 || !body.IsBody[inner] || Place(source, faceIndex, weights, near) is not { } edge
            || Place(source, faceIndex, weights, inner) is not { } inside)
            return usual;
        (float ux, float uy) = ((edge.X - inside.X) / within, (edge.Y - inside.Y) / within);
        if (MathF.Sqrt(ux * ux + uy * uy) is not (> 1 / LargestStretch and < LargestStretch))
            return usual;
        int beside = At(edge.X + ux * distance, edge.Y + uy * distance);
        return beside < 0 ? 1 : _mask[beside];
    }

    // The mean over a pixel and its neighbours, because nearest points change abruptly.
    private float Smooth(NearestBody body, int pixel)
    {
        float sum = 0;
        int count = 0;
        for (int dy = -1; dy <= 1; dy++)
        {
            for (int dx = -1; dx <= 1; dx++)
            {
                if (At(pixel % _size + dx, pixel / _size + dy) is >= 0 and var at && !body.IsBody[at])
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
