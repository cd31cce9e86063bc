using System.Runtime.Intrinsics;
using Lwg.MLNet.Body;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Warping;

namespace Lwg.MLNet.Composition;

/// <summary>
/// Moves skirts, dresses and long coats, which hang around both legs and are not on the body's surface. The photograph's pixels between and
/// beside the legs, down to the hem, follow the pair of legs (<see cref="LegRows"/>): a point keeps its place along and across the
/// pair. Without such clothes in the source's mask, nothing changes. Holds scratch buffers; use an instance on one thread at a time.
/// </summary>
internal sealed class HangingClothes
{
    // The maximum size of the map on which clothes are searched.
    private const int MapSize = 256;

    // A smaller person, in pixels of the map, does not show the gap between the legs.
    private const int LeastPixels = 64;

    // As shares of the person's height: how far beyond the legs clothes are searched, and the rim over which they fade.
    private const float Reach = 0.22f, Fade = 0.012f;

    // Where along the legs the clothes begin and have full weight; and over which length they fade at the hem.
    private const float Begin = 0.02f, Full = 0.2f, HemFade = 0.05f;

    // Around the clothes the generator's output beside the body gives way to the background: how far below the hem, along the legs, and how
    // far beside, as a share of the height. Both fade out over the second half.
    private const float ClearsBelow = 0.3f, ClearsBeside = 0.12f;

    // A piece that moves less than the first share of the height is left to the generator, one that moves by the second has full weight.
    private const float MovedLeast = 0.004f, MovedFully = 0.012f;

    private static readonly int s_arms = PartsInFront.Bit(BodyPart.LeftArm) | PartsInFront.Bit(BodyPart.RightArm)
        | PartsInFront.Bit(BodyPart.LeftHand) | PartsInFront.Bit(BodyPart.RightHand);

    private readonly int _size, _small;
    private readonly int[] _partOfFace;
    private readonly PixelPicker _picker;
    private readonly LegRows _source, _target;
    private readonly PartsInFront _front, _body;
    private readonly int[] _faces;
    private readonly float[] _mask, _smallMask, _arms;
    private readonly bool[] _isBody;
    private readonly Vector128<float>[] _shares;
    private readonly Morphology _morphology;
    private float _height, _hem, _beyond;

    /// <summary>Allocates buffers for pictures of one size.</summary>
    /// <param name="size">S.</param>
    /// <param name="body">A body with marked parts.</param>
    public HangingClothes(int size, BodyModel body)
    {
        (_size, _small) = (size, Math.Min(size, MapSize));
        int n = _small * _small;
        _partOfFace = body.Surface.Part.ToArray();
        (_source, _target) = (new LegRows(body), new LegRows(body));
        (_front, _body) = (new PartsInFront(_small, body), new PartsInFront(_small, body));
        (_picker, _morphology, _faces) = (new PixelPicker(size, _small), new Morphology(_small, _small), new int[n]);
        _isBody = new bool[n];
        (_mask, _smallMask, _arms, _shares) = (new float[size * size], new float[n], new float[n], new Vector128<float>[n]);
    }

    /// <summary>Where the clothes of the source end, as t of <see cref="LegRows"/>; 0 if none hang around both legs.</summary>
    public float Hem => _hem;

    /// <summary>Sets a source and searches such clothes.</summary>
    /// <param name="points">The picture points of the source's faces [F,3,2].</param>
    /// <param name="faceIndex">Its face index map [S,S].</param>
    /// <param name="personMask">An estimator's person mask [G,G]; if it is empty, no clothes are found.</param>
    public void Prepare(ReadOnlySpan<float> points, ReadOnlySpan<int> faceIndex, ReadOnlySpan<float> personMask)
    {
        _hem = 0;
        if (personMask.IsEmpty || !_source.Measure(points))
            return;
        _picker.Pick(faceIndex, 1, _faces.AsSpan());
        MaskGrid.Resize(personMask, _mask, _size);
        _picker.Pick<float>(_mask, 1, _smallMask.AsSpan());
        (int top, int bottom) = (_small, -1);
        for (int i = 0; i < _faces.Length; i++)
        {
            if (_faces[i] >= 0)
                (top, bottom) = (Math.Min(top, i / _small), Math.Max(bottom, i / _small));
            (_isBody[i], _arms[i]) = (_faces[i] >= 0, IsArm(i) ? 1 : 0);
        }
        if (bottom - top < LeastPixels || !PersonPixels.LiesOn(_smallMask, _isBody))
            return;
        _height = 2f * (bottom - top + 1) / _small;
        var hem = new HemSearch(_source, _height, At);
        if (!hem.Find(Reach))
            return;
        (_hem, _beyond) = (hem.Hem, hem.Beyond);
        // The clothes behind an arm and its rim are not known.
        _morphology.Dilate(_arms, 5, _arms);
        for (int i = 0; i < _shares.Length; i++)
            _shares[i] = Vector128.Create(1 - _arms[i], Ramp.Smooth(0.3f, 0.7f, _smallMask[i]), 0, 0);
    }

    /// <summary>Copies the clothes into a picture.</summary>
    /// <param name="picture">The source's picture [3,S,S] in [-1,1].</param>
    /// <param name="targetPoints">The picture points of the target's faces [F,3,2].</param>
    /// <param name="targetFaceIndex">The target's face index map [S,S].</param>
    /// <param name="result">The result; its colours, mask and picture are changed.</param>
    public void Apply(ReadOnlySpan<float> picture, ReadOnlySpan<float> targetPoints, ReadOnlySpan<int> targetFaceIndex,
        TransferResult result)
    {
        if (_hem == 0 || !_target.Measure(targetPoints))
            return;
        float weight = Ramp.Smooth(MovedLeast * _height, MovedFully * _height, Farthest());
        if (weight <= 0)
            return;
        _picker.Pick(targetFaceIndex, 1, _faces.AsSpan());
        _front.Mark(_faces, s_arms);
        _body.Mark(_faces, PartsInFront.All);
        float unit = 2f / _size, scale = (float)_small / _size;
        (int left, int top, int right, int bottom) = Bounds();
        for (int y = top; y <= bottom; y++)
        {
            for (int x = left; x <= right; x++)
                Put(picture, (x + 0.5f) * unit - 1, (y + 0.5f) * unit - 1, y * _size + x, weight, scale, result);
        }
    }

    private void Put(ReadOnlySpan<float> picture, float x, float y, int i, float weight, float scale, TransferResult result)
    {
        (float t, float side, float beyond) = _target.Of(x, y);
        (float below, float beside) = (t - _hem, MathF.Abs(beyond) - _beyond);
        float shown = weight * Ramp.Smooth(Begin, Full, t)
            * (1 - Ramp.Smooth(ClearsBelow / 2, ClearsBelow, below))
            * (1 - Ramp.Smooth(ClearsBeside / 2 * _height, ClearsBeside * _height, beside));
        if (shown <= 0.002f)
            return;
        (float u, float v) = _source.Point(t, side, beyond);
        float sx = (u + 1) * _size / 2 - 0.5f, sy = (v + 1) * _size / 2 - 0.5f;
        if (!(sx >= 0 && sy >= 0 && sx <= _size - 1 && sy <= _size - 1))
            return;
        Vector128<float> share = MapSampler.Bilinear(_shares, _small, Math.Clamp((sx + 0.5f) * scale - 0.5f, 0, _small - 1),
            Math.Clamp((sy + 0.5f) * scale - 0.5f, 0, _small - 1));
        (float column, float row) = ((i % _size + 0.5f) * scale, (i / _size + 0.5f) * scale);
        shown *= share[0] * _front.Free(column, row);
        float clothes = share[1] * (1 - Ramp.Smooth(0, HemFade, below))
            * (1 - Ramp.Smooth(0, Fade * _height, beside));
        if (shown > 0.002f)
            PieceBlend.Mix(picture, sx, sy, i, shown, clothes, _body.Free(column, row), result);
    }

    // The largest move of a corner of the legs, [-1,1].
    private float Farthest()
    {
        float farthest = 0;
        foreach (float t in (ReadOnlySpan<float>)[0, 1, 2])
        {
            foreach (float side in (ReadOnlySpan<float>)[-1, 1])
            {
                (float x, float y) = _source.Point(t, side, 0);
                (float u, float v) = _target.Point(t, side, 0);
                farthest = MathF.Max(farthest, MathF.Sqrt((u - x) * (u - x) + (v - y) * (v - y)));
            }
        }
        return farthest;
    }

    // The box of the clothes in the target, pixels.
    private (int Left, int Top, int Right, int Bottom) Bounds()
    {
        (float left, float top, float right, float bottom) = (1, 1, -1, -1);
        float reach = _beyond + ClearsBeside * _height, end = _hem + ClearsBelow;
        foreach (float t in (ReadOnlySpan<float>)[0, 1, 2, end])
        {
            foreach (float side in (ReadOnlySpan<float>)[-1, 1])
            {
                (float x, float y) = _target.Point(MathF.Min(t, end), side, side * reach);
                (left, top, right, bottom) = (MathF.Min(left, x), MathF.Min(top, y), MathF.Max(right, x), MathF.Max(bottom, y));
            }
        }
        return (Pixel(left), Pixel(top), Pixel(right), Pixel(bottom));

        int Pixel(float at) => (int)Math.Clamp((at + 1) * _size / 2, 0, _size - 1);
    }

    // What the source shows at a point.
    private HemSearch.Sample At(float x, float y)
    {
        int column = (int)MathF.Floor((x + 1) * _small / 2), row = (int)MathF.Floor((y + 1) * _small / 2);
        if ((uint)column >= (uint)_small || (uint)row >= (uint)_small)
            return default;
        int i = row * _small + column;
        return new HemSearch.Sample(_faces[i] >= 0, _arms[i] > 0, _smallMask[i] > 0.5f);
    }

    private bool IsArm(int pixel) => _faces[pixel] >= 0 && (s_arms >> _partOfFace[_faces[pixel]] & 1) != 0;
}
