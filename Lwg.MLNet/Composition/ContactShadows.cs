using Lwg.MLNet.Backgrounds;
using Lwg.MLNet.Body;
using Lwg.MLNet.Imaging;

namespace Lwg.MLNet.Composition;

/// <summary>
/// Moves the shadows around the source's feet to the target's feet: the floor becomes lighter where the feet were and darker where they
/// are (<see cref="FloorShadow"/>). A foot that is lifted loses its shadow. Feet that do not move leave the floor as it is. Holds scratch
/// buffers; use an instance on one thread at a time.
/// </summary>
internal sealed class ContactShadows
{
    // How much a foot is lifted above the other one, compared with the source, in metres: up to the first value it has its full shadow,
    // from the second on it has no shadow.
    private const float LiftedLeast = 0.06f, LiftedFully = 0.16f;

    // The value of unknown pixels beside the photograph.
    private const float Margin = 2;

    // Feet that move less than this, metres, keep the floor as it is.
    private const float Still = 0.002f;

    private readonly int _size, _plane;
    private readonly FeetPlaces _source, _target;
    private readonly FloorShadow _floor;
    private readonly float[] _unknown, _mask, _plate, _picture, _before, _after;
    private readonly float[] _columns, _rows;
    private bool _isEstimated, _hasFeet;
    private FootShadow? _shadow;
    private (int Left, int Top, int Right, int Bottom) _changed;

    /// <summary>Allocates buffers for pictures of one size.</summary>
    /// <param name="size">S.</param>
    /// <param name="body">A body with marked parts.</param>
    public ContactShadows(int size, BodyModel body)
    {
        (_size, _plane) = (size, size * size);
        (_source, _target, _floor) = (new FeetPlaces(body), new FeetPlaces(body), new FloorShadow(size));
        (_unknown, _mask, _plate, _picture) = (new float[_plane], new float[_plane], new float[3 * _plane], new float[3 * _plane]);
        (_before, _after, _columns, _rows) = (new float[_plane], new float[_plane], new float[size], new float[size]);
    }

    /// <summary>The shadow of the source, estimated with its first target; null before that, or if it has none.</summary>
    public FootShadow? Shadow => _shadow;

    /// <summary>Sets a source.</summary>
    /// <param name="picture">Its picture [3,S,S] in [-1,1].</param>
    /// <param name="points">The picture points of its faces [F,3,2].</param>
    /// <param name="faceIndex">Its face index map [S,S].</param>
    /// <param name="personMask">An estimator's person mask [G,G]; empty if unknown.</param>
    public void Prepare(ReadOnlySpan<float> picture, ReadOnlySpan<float> points, ReadOnlySpan<int> faceIndex,
        ReadOnlySpan<float> personMask)
    {
        (_isEstimated, _shadow, _changed) = (false, null, (0, 0, -1, -1));
        _hasFeet = _source.Measure(points);
        picture.CopyTo(_picture);
        if (personMask.IsEmpty)
            Array.Clear(_mask);
        else
            MaskGrid.Resize(personMask, _mask, _size);
        for (int i = 0; i < _plane; i++)
        {
            _unknown[i] = faceIndex[i] >= 0 || _mask[i] > MaskGrid.PersonFrom ? 1 : 0;
            _mask[i] = personMask.IsEmpty ? _unknown[i] : Ramp.Smooth(0.1f, MaskGrid.PersonFrom, _mask[i]);
        }
        Array.Clear(_before);
        Array.Clear(_after);
        PictureMargins.Hide(picture, _unknown, _size, _after);
        for (int i = 0; i < _plane; i++)
            (_unknown[i], _after[i]) = (_after[i] > 0 ? Margin : _unknown[i], 0);
    }

    /// <summary>Moves the shadows.</summary>
    /// <param name="picture">The source's picture [3,S,S] in [-1,1].</param>
    /// <param name="targetPoints">The picture points of the target's faces [F,3,2].</param>
    /// <param name="result">The result on the source's background; its background and picture are changed.</param>
    /// <returns>The source's picture with the moved shadows on its floor, valid until the next call.</returns>
    public ReadOnlySpan<float> Apply(ReadOnlySpan<float> picture, ReadOnlySpan<float> targetPoints, TransferResult result)
    {
        if (!_isEstimated)
        {
            result.Background.CopyTo(_plate, 0);
            _shadow = _hasFeet ? _floor.Estimate(_plate, _unknown, _source) : null;
            _isEstimated = true;
        }
        Restore(picture);
        if (_shadow is not { } shadow || !_target.Measure(targetPoints) || !Moves())
            return _picture;
        Cast(shadow, _source, _before, lifted: false);
        Cast(shadow, _target, _after, lifted: true);
        for (int y = _changed.Top; y <= _changed.Bottom; y++)
        {
            for (int x = _changed.Left; x <= _changed.Right; x++)
                Change(x, y, result);
        }
        return _picture;
    }

    // Takes back the changes for the last target.
    private void Restore(ReadOnlySpan<float> picture)
    {
        for (int y = _changed.Top; y <= _changed.Bottom; y++)
        {
            (int first, int count) = (y * _size + _changed.Left, _changed.Right - _changed.Left + 1);
            _before.AsSpan(first, count).Clear();
            _after.AsSpan(first, count).Clear();
            for (int c = 0; c < _picture.Length; c += _plane)
                picture.Slice(c + first, count).CopyTo(_picture.AsSpan(c + first));
        }
        _changed = (_size, _size, -1, -1);
    }

    private bool Moves()
    {
        for (int foot = 0; foot < FeetPlaces.Count; foot++)
        {
            (float x, float y) = (_target.Soles[foot].X - _source.Soles[foot].X, _target.Soles[foot].Y - _source.Soles[foot].Y);
            if (x * x + y * y > Still * _source.Metre * Still * _source.Metre)
                return true;
        }
        return false;
    }

    // Writes the shadow of both feet: where they overlap, the darker one.
    private void Cast(in FootShadow shadow, FeetPlaces feet, float[] map, bool lifted)
    {
        float half = _size / 2f, metre = feet.Metre * half;
        for (int foot = 0; foot < FeetPlaces.Count; foot++)
        {
            (float x, float y) = feet.Soles[foot];
            (x, y) = ((x + 1) * half - 0.5f + shadow.Right * metre, (y + 1) * half - 0.5f + shadow.Down * metre);
            float dark = shadow.Darkness * (lifted ? 1 - Lifted(foot) : 1);
            int left = Pixel(x - FootShadow.Reach * shadow.Width * metre), right = Pixel(x + FootShadow.Reach * shadow.Width * metre),
                top = Pixel(y - FootShadow.Reach * shadow.Depth * metre), bottom = Pixel(y + FootShadow.Reach * shadow.Depth * metre);
            Bell(x, shadow.Width * metre, left, right, _columns);
            Bell(y, shadow.Depth * metre, top, bottom, _rows);
            for (int row = top; row <= bottom; row++)
            {
                for (int column = left; column <= right; column++)
                {
                    ref float value = ref map[row * _size + column];
                    value = MathF.Max(value, dark * _rows[row] * _columns[column]);
                }
            }
            _changed = (Math.Min(_changed.Left, left), Math.Min(_changed.Top, top), Math.Max(_changed.Right, right),
                Math.Max(_changed.Bottom, bottom));
        }

        int Pixel(float at) => (int)Math.Clamp(at, 0, _size - 1);
    }

    private static void Bell(float middle, float deviation, int first, int last, float[] values)
    {
        for (int i = first; i <= last; i++)
        {
            float d = (i - middle) / deviation;
            values[i] = d * d < FootShadow.Reach * FootShadow.Reach ? MathF.Exp(-d * d / 2) : 0;
        }
    }

    private float Lifted(int foot)
    {
        float scale = _target.Metre / _source.Metre,
            higher = _target.Soles[1 - foot].Y - _target.Soles[foot].Y - scale * (_source.Soles[1 - foot].Y - _source.Soles[foot].Y);
        return Ramp.Smooth(LiftedLeast, LiftedFully, higher / _target.Metre);
    }

    private void Change(int x, int y, TransferResult result)
    {
        int i = y * _size + x;
        if (_before[i] == _after[i] || _unknown[i] == Margin)
            return;
        float light = (1 - _after[i]) / (1 - _before[i]);
        for (int c = 0; c < 3; c++)
        {
            int k = c * _plane + i;
            float floor = _floor.FloorAt(c, x, y), background = Lit(_plate[k], light, floor);
            result.Image[k] = Math.Clamp(result.Image[k] + result.Mask[i] * (background - result.Background[k]), -1, 1);
            result.Background[k] = background;
            _picture[k] = float.Lerp(Lit(_picture[k], light, floor), _picture[k], _mask[i]);
        }
    }

    // What is dark for another reason, and the filled floor under the person, must not become lighter than the floor.
    private static float Lit(float value, float light, float floor)
    {
        float lit = (value + 1) * light - 1;
        return light <= 1 ? lit : MathF.Min(lit, MathF.Max(value, floor));
    }
}
