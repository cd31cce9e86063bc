using System.Runtime.Intrinsics;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Warping;

namespace Lwg.MLNet.Composition;

/// <summary>
/// Keeps the photograph where the target is near the source: the closer the pose, the closer the picture is to the photograph, pixel by
/// pixel. For each pixel of the target, T gives the position of its surface in the source; beside the body the nearest limb gives it.
/// Where that position is nearly the same and the source shows the same surface there (the mapping there and back returns to its start),
/// the source's own pixels, moved by the same amount, replace the generator's. In the source's own pose the result is the photograph.
/// Holds scratch buffers; use an instance on one thread at a time.
/// </summary>
internal sealed class NearSource
{
    // The maximum size of the maps on which deviations are measured.
    private const int MapSize = 256;

    // As shares of the person's height: the photograph has full weight if a pixel moves by at most the first value, and no weight from
    // the second value on. The other two values limit the error of the mapping back in the same way.
    private const float MovedLittle = 0.01f, MovedFar = 0.07f, BackExactly = 0.01f, BackElsewhere = 0.03f;

    // Beside the body moves are estimated from the outline, so the limit is lower.
    private const float MovedFarBeside = 0.03f;

    // From this move on it is visible that pixels beside the person move.
    private const float MovedVisibly = 0.025f;

    // The greatest distance from the body, as a share of the height, of the target's hair and loose clothes; beyond it is background.
    private const float LooseTo = 0.06f;

    // The distance from the person, as a share of the height, within which the background moves with the person.
    private const float Around = 0.06f;

    // Beside the body moves are averaged over this many pixels to each side, because T is discontinuous at the outline, where the surface
    // is seen at a grazing angle.
    private const int Blur = 2;

    // The photograph ends this many pixels of the map before the area that it does not show.
    private const int Seam = 3;

    // Moves below this share of a pixel are ignored.
    private const float Still = 1f / 8;

    private readonly int _size, _small, _plane;
    private readonly PixelPicker _picker;
    private readonly NearestPixels _search;
    private readonly Morphology _morphology;
    private readonly int[] _sourceFaces, _targetFaces, _nearSource, _nearTarget, _nearPerson;
    private readonly float[] _sourceWeights, _targetWeights, _person, _core, _back, _forth, _before, _moveX, _moveY, _keep, _smooth;
    private readonly bool[] _chosen;
    private readonly float[] _mask, _smallMask;
    private bool _hasMask;
    private float _height;

    // Values sampled together in the source: the move of its surface to the target, right and down, and whether the person is there,
    // possibly and certainly.
    private readonly Vector128<float>[] _there;

    // For each pixel of the target: the weight of the photograph, and the offset right and down in it.
    private readonly Vector128<float>[] _shown;

    // The box around both people; outside it the photograph is unchanged.
    private int _left, _top, _right, _bottom, _personLeft, _personTop, _personRight, _personBottom;

    /// <summary>Allocates buffers for pictures of one size.</summary>
    /// <param name="size">S.</param>
    public NearSource(int size)
    {
        (_size, _small) = (size, Math.Min(size, MapSize));
        int n = _plane = _small * _small;
        (_picker, _search, _morphology) = (new PixelPicker(size, _small), new NearestPixels(_small), new Morphology(_small, _small));
        (_sourceFaces, _targetFaces, _nearSource, _nearTarget, _nearPerson) = (new int[n], new int[n], new int[n], new int[n], new int[n]);
        (_sourceWeights, _targetWeights) = (new float[3 * n], new float[3 * n]);
        (_person, _back, _forth, _moveX, _moveY, _keep, _smooth) =
            (new float[n], new float[2 * n], new float[2 * n], new float[n], new float[n], new float[n], new float[n]);
        (_before, _core) = (new float[2 * n], new float[n]);
        (_there, _shown) = (new Vector128<float>[n], new Vector128<float>[n]);
        (_chosen, _mask, _smallMask) = (new bool[n], new float[size * size], new float[n]);
    }

    /// <summary>Sets the source.</summary>
    /// <param name="faceIndex">Its face index map [S,S].</param>
    /// <param name="weights">Its weight map [S,S,3].</param>
    /// <param name="personMask">An estimator's person mask [G,G]; empty if unknown.</param>
    public void Prepare(ReadOnlySpan<int> faceIndex, ReadOnlySpan<float> weights, ReadOnlySpan<float> personMask)
    {
        _picker.Pick(faceIndex, 1, _sourceFaces.AsSpan());
        _picker.Pick(weights, 3, _sourceWeights.AsSpan());
        _hasMask = !personMask.IsEmpty;
        if (_hasMask)
        {
            MaskGrid.Resize(personMask, _mask, _size);
            _picker.Pick<float>(_mask, 1, _smallMask.AsSpan());
            for (int i = 0; i < _plane; i++)
                _chosen[i] = _sourceFaces[i] >= 0;
            _hasMask = PersonPixels.LiesOn(_smallMask, _chosen);
        }
        (int top, int bottom) = (_small, -1);
        for (int i = 0; i < _plane; i++)
        {
            bool body = _sourceFaces[i] >= 0;
            if (body)
                (top, bottom) = (Math.Min(top, i / _small), Math.Max(bottom, i / _small));
            _core[i] = (_hasMask ? _smallMask[i] > PersonPixels.PersonFrom : body) ? 1 : 0;
            _person[i] = body || (_hasMask && _smallMask[i] > MaskGrid.PersonFrom) ? 1 : 0;
        }
        _height = Math.Max(bottom - top + 1, 0);
        Find(_sourceFaces, _nearSource);
        // Pixels at the rim of a person contain background.
        _morphology.Erode(_core, 3, _core);
        _morphology.Dilate(_person, 2 * Math.Max(_small / 64, 1) + 1, _person);
        (_personLeft, _personTop, _personRight, _personBottom) = (_small, _small, -1, -1);
        for (int i = 0; i < _plane; i++)
        {
            _chosen[i] = _person[i] > 0;
            if (_chosen[i])
                (_personLeft, _personTop, _personRight, _personBottom) =
                    (Math.Min(_personLeft, i % _small), Math.Min(_personTop, i / _small), Math.Max(_personRight, i % _small),
                    Math.Max(_personBottom, i / _small));
        }
        _search.Find(_chosen, _nearPerson);
    }

    /// <summary>Copies the source's pixels into a picture.</summary>
    /// <param name="picture">The source's picture [3,S,S] in [-1,1].</param>
    /// <param name="sourcePoints">The picture points of the source's faces [F,3,2].</param>
    /// <param name="targetPoints">The picture points of the target's faces [F,3,2].</param>
    /// <param name="targetFaceIndex">The target's face index map [S,S].</param>
    /// <param name="targetWeights">The target's weight map [S,S,3].</param>
    /// <param name="ownBackground">Whether the background is the source's own; otherwise only the person is copied.</param>
    /// <param name="result">The result; its picture is changed. With another background, its colours and mask are changed and it is
    /// composed again.</param>
    public void Apply(
        ReadOnlySpan<float> picture, ReadOnlySpan<float> sourcePoints, ReadOnlySpan<float> targetPoints, ReadOnlySpan<int> targetFaceIndex,
        ReadOnlySpan<float> targetWeights, bool ownBackground, TransferResult result)
    {
        if (_height == 0)
            return;
        _picker.Pick(targetFaceIndex, 1, _targetFaces.AsSpan());
        _picker.Pick(targetWeights, 3, _targetWeights.AsSpan());
        Find(_targetFaces, _nearTarget);
        FindBox();
        Moves(_targetFaces, _targetWeights, sourcePoints, _nearTarget, _back);
        Moves(_sourceFaces, _sourceWeights, targetPoints, _nearSource, _forth);
        Compare();
        Soften();
        Put(picture, ownBackground ? result.Image : result.Color, ownBackground || !_hasMask ? [] : result.Mask);
        if (!ownBackground)
            result.Compose();
    }

    private void FindBox()
    {
        (_left, _top, _right, _bottom) = (_personLeft, _personTop, _personRight, _personBottom);
        for (int i = 0; i < _plane; i++)
        {
            if (_targetFaces[i] >= 0)
                (_left, _top, _right, _bottom) =
                    (Math.Min(_left, i % _small), Math.Min(_top, i / _small), Math.Max(_right, i % _small), Math.Max(_bottom, i / _small));
        }
        int around = (int)MathF.Ceiling(MathF.Max(Around, LooseTo) * _height) + Blur + Seam + 2;
        (_left, _top) = (Math.Max(_left - around, 0), Math.Max(_top - around, 0));
        (_right, _bottom) = (Math.Min(_right + around, _small - 1), Math.Min(_bottom + around, _small - 1));
    }

    private void Find(ReadOnlySpan<int> faces, int[] nearest)
    {
        for (int i = 0; i < _plane; i++)
            _chosen[i] = faces[i] >= 0;
        _search.Find(_chosen, nearest);
    }

    /// <summary>Computes the move of the surface at each pixel, in pixels of the map; beside the body that of the nearest limb.</summary>
    private void Moves(int[] faces, float[] weights, ReadOnlySpan<float> points, int[] nearest, float[] moves)
    {
        float unit = _small / 2f;
        for (int i = 0; i < _plane; i++)
        {
            if (faces[i] < 0)
                continue;
            ReadOnlySpan<float> p = points.Slice(6 * faces[i], 6), w = weights.AsSpan(3 * i, 3);
            (float x, float y) = _picker.Centre(i);
            moves[2 * i] = (w[0] * p[0] + w[1] * p[2] + w[2] * p[4] - x) * unit;
            moves[2 * i + 1] = (w[0] * p[1] + w[1] * p[3] + w[2] * p[5] - y) * unit;
        }
        for (int i = 0; i < _plane; i++)
        {
            int near = nearest[i];
            if (near != i)
                (moves[2 * i], moves[2 * i + 1]) = near < 0 ? (0, 0) : (moves[2 * near], moves[2 * near + 1]);
        }
        Average(moves, nearest);
    }

    /// <summary>Averages over a square around each pixel beside the body, first rows, then columns.</summary>
    private void Average(float[] moves, int[] nearest)
    {
        foreach (int step in (ReadOnlySpan<int>)[1, _small])
        {
            moves.CopyTo(_before, 0);
            for (int y = _top; y <= _bottom; y++)
            {
                for (int x = _left, i = y * _small + x; x <= _right; x++, i++)
                {
                    if (nearest[i] == i)
                        continue;
                    int at = step == 1 ? x : y, first = Math.Max(at - Blur, 0), last = Math.Min(at + Blur, _small - 1);
                    float sumX = 0, sumY = 0;
                    for (int j = i + (first - at) * step, k = first; k <= last; k++, j += step)
                    {
                        sumX += _before[2 * j];
                        sumY += _before[2 * j + 1];
                    }
                    (moves[2 * i], moves[2 * i + 1]) = (sumX / (last - first + 1), sumY / (last - first + 1));
                }
            }
        }
    }

    /// <summary>Computes for each pixel its offset in the source and whether the source shows it.</summary>
    private void Compare()
    {
        for (int i = 0; i < _plane; i++)
            _there[i] = Vector128.Create(_forth[2 * i], _forth[2 * i + 1], _person[i], _core[i]);
        Array.Fill(_keep, 1);
        Array.Clear(_moveX);
        Array.Clear(_moveY);
        for (int row = _top; row <= _bottom; row++)
        {
            for (int column = _left, i = row * _small + column; column <= _right; column++, i++)
            {
                bool body = _targetFaces[i] >= 0;
                float x = column, y = row, dx = _back[2 * i], dy = _back[2 * i + 1];
                if (!body)
                {
                    // The move of the background decreases with distance and ends near the person.
                    float share = 1 - Ramp.Smooth(0, Around * _height, DistanceTo(_nearPerson, x + dx, y + dy));
                    (dx, dy) = (share * dx, share * dy);
                }
                float keep = KeepOf(x, y, dx, dy, body);
                // Pixels far from the body do not move with it.
                if (!body && keep < 1 && Ramp.Smooth(LooseTo / 3 * _height, LooseTo * _height,
                    DistanceTo(_nearTarget, x, y)) is > 0 and var loose && loose * KeepOf(x, y, 0, 0, body) is var still && still > keep)
                    (keep, dx, dy) = (still, 0, 0);
                (_moveX[i], _moveY[i], _keep[i]) = (dx, dy, keep);
            }
        }
    }

    /// <summary>Returns the weight with which the source's pixel at an offset belongs here, 0 to 1.</summary>
    private float KeepOf(float x, float y, float dx, float dy, bool body)
    {
        float moved = MathF.Sqrt(dx * dx + dy * dy), keep = 1
            - Ramp.Smooth(MovedLittle * _height, (body ? MovedFar : MovedFarBeside) * _height, moved);
        if (keep == 0)
            return 0;
        Vector128<float> there = MapSampler.Bilinear(_there, _small, Math.Clamp(x + dx, 0, _small - 1), Math.Clamp(y + dy, 0, _small - 1));
        // A fitted body may be wider than the person: background visible there is correct in place, but must not move.
        if (body)
            keep *= 1 - (1 - there[3]) * Ramp.Smooth(MovedLittle * _height, MovedVisibly * _height, moved);
        float person = body ? 1 : there[2], missX = dx + there[0], missY = dy + there[1];
        if (person > 0 && keep > 0)
            keep *= 1 - Ramp.Smooth(BackExactly * _height, BackElsewhere * _height, person
                * MathF.Sqrt(missX * missX + missY * missY));
        return keep;
    }

    private float DistanceTo(int[] nearest, float x, float y)
    {
        int i = (int)Math.Clamp(MathF.Round(y), 0, _small - 1) * _small + (int)Math.Clamp(MathF.Round(x), 0, _small - 1), near = nearest[i];
        if (near < 0)
            return float.PositiveInfinity;
        float dx = x - near % _small, dy = y - near / _small;
        return near == i ? 0 : MathF.Sqrt(dx * dx + dy * dy);
    }

    // The seam between photograph and generator is soft and on the generator's side.
    private void Soften()
    {
        if (_keep.AsSpan().ContainsAnyExcept(1f))
            _morphology.Erode(_keep, 2 * Seam + 1, _smooth);
        else
            Array.Fill(_smooth, 1);
        Array.Fill(_shown, Vector128.CreateScalar(1f));
        for (int y = _top; y <= _bottom; y++)
        {
            int up = Math.Max(y - 1, 0) * _small, at = y * _small, down = Math.Min(y + 1, _small - 1) * _small;
            for (int x = _left; x <= _right; x++)
            {
                int before = Math.Max(x - 1, 0), after = Math.Min(x + 1, _small - 1);
                float sum = _smooth[up + before] + _smooth[up + x] + _smooth[up + after] + _smooth[at + before] + _smooth[at + x]
                    + _smooth[at + after] + _smooth[down + before] + _smooth[down + x] + _smooth[down + after];
                _shown[at + x] = Vector128.Create(sum / 9, _moveX[at + x], _moveY[at + x], 0);
            }
        }
    }

    /// <summary>Blends at size S.</summary>
    private void Put(ReadOnlySpan<float> picture, Span<float> colors, Span<float> mask)
    {
        float scale = (float)_small / _size, enlarged = 1 / scale;
        int plane = _size * _size;
        for (int y = 0, i = 0; y < _size; y++)
        {
            float v = Math.Clamp((y + 0.5f) * scale - 0.5f, 0, _small - 1);
            for (int x = 0; x < _size; x++, i++)
            {
                Vector128<float> shown = MapSampler.Bilinear(_shown, _small, Math.Clamp((x + 0.5f) * scale - 0.5f, 0, _small - 1), v);
                float keep = shown[0], dx = shown[1] * enlarged, dy = shown[2] * enlarged;
                if (keep <= 0)
                    continue;
                bool still = MathF.Abs(dx) < Still && MathF.Abs(dy) < Still;
                for (int c = 0; c < 3; c++)
                {
                    ReadOnlySpan<float> from = picture.Slice(c * plane, plane);
                    float own = still ? from[i] : CubicSampler.Sample(from, _size, x + dx, y + dy);
                    ref float color = ref colors[c * plane + i];
                    color = keep >= 1 ? own : color + keep * (own - color);
                }
                if (!mask.IsEmpty)
                    mask[i] = float.Lerp(mask[i], 1
                        - Ramp.Smooth(0.3f, 0.7f, still ? _mask[i] : MaskAt(x + dx, y + dy)), keep);
            }
        }
    }

    private float MaskAt(float x, float y) =>
        _mask[(int)Math.Clamp(MathF.Round(y), 0, _size - 1) * _size + (int)Math.Clamp(MathF.Round(x), 0, _size - 1)];
}
