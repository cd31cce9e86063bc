using System.Numerics;
using Lwg.MLNet.Body;
using Lwg.MLNet.Keypoints;

namespace Lwg.MLNet.Synthesis.People;

/// <summary>
/// Training pictures for person estimators: a synthetic person of any position and size, upright or slightly tilted, in front of another
/// cluttered backdrop, partly hidden, cut by the picture's edge, beside a second person, or missing. The same number gives the same
/// picture. Holds its buffers; not thread-safe.
/// </summary>
internal sealed class SyntheticSnapshots
{
    private const int Numbers = 2;

    // A second person counts only if its visible area exceeds this share of the person in front.
    private const float LeastBystander = 0.1f;

    private const int MostBystanders = 3;

    private const float PhotographShare = 0.5f, TexturedShare = 0.35f, HeadlessShare = 0.08f;

    // From the painter's second version on: other people in front of the person, as in crops of group photographs; and seats.
    private const float InFrontShare = 0.35f, SeatShare = 0.75f;

    private readonly BodyModel _body;
    private readonly int _size;
    private readonly SyntheticPeople _people;
    private readonly SyntheticPair _pair;
    private readonly PosedBody _posed;
    private readonly Vector3[] _backdrop;
    private readonly Vector4[] _layer;
    private readonly float[] _line, _other, _others, _ahead, _textured;
    private readonly BackdropPhotographs? _photographs;
    private readonly bool _isVaried;
    private long _filled = -1;

    /// <summary>Creates a painter for pictures of one size.</summary>
    /// <param name="body">A body whose rest pose is SMPL's.</param>
    /// <param name="size">S, 32 to 1024 pixels.</param>
    /// <param name="photographs">Used as the background of half of the people, and as the texture of some; null for painted backdrops
    /// only.</param>
    /// <param name="version">The version of the painter; see <see cref="SyntheticPeople.Version"/>.</param>
    public SyntheticSnapshots(BodyModel body, int size, BackdropPhotographs? photographs = null,
        int version = SyntheticPeople.FirstVersion)
    {
        ArgumentNullException.ThrowIfNull(body);
        (_body, _size, _photographs) = (body, size, photographs);
        _isVaried = version > SyntheticPeople.FirstVersion;
        _people = new SyntheticPeople(body, size)
        {
            Version = version,
            TurnsToAnySide = true,
            AreActive = _isVaried,
        };
        (_pair, _posed) = (new SyntheticPair(size), new PosedBody(body));
        (_backdrop, _layer, _line, _other) = (new Vector3[size * size], new Vector4[size * size], new float[size], new float[size * size]);
        (_others, _ahead) = (new float[size * size], new float[size * size]);
        _textured = photographs is null ? [] : new float[3 * size * size];
    }

    /// <summary>Fills a picture.</summary>
    /// <param name="number">The number of the picture, from 0; two consecutive ones show one person. From 2,000,000 on people are held
    /// out of training.</param>
    /// <param name="snapshot">Receives the picture; must have this size.</param>
    public void Fill(long number, Snapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        if (snapshot.Size != _size)
            throw new ArgumentException($"The snapshot has {snapshot.Size} pixels a side, but must have {_size}.", nameof(snapshot));
        if (_filled != number / Numbers)
            _people.Fill(_filled = number / Numbers, 0, _pair);
        bool first = number % Numbers == 0;
        (float[] image, float[] mask, float[] smpl) = first ? (_pair.SourceImage, _pair.SourceMask, _pair.SourceSmpl)
            : (_pair.TargetImage, _pair.TargetMask, _pair.TargetSmpl);
        var dice = new Dice((ulong)number * 0x9E3779B97F4A7C15 + 4711);
        float kind = dice.Share();
        snapshot.PersonCount = kind < 0.05f ? 0 : kind < 0.25f ? 2 : 1;
        Placement place = Place(ref dice, mask, _isVaried ? PaddedEdges.HeadlessShare(Towards(smpl)) : HeadlessShare);

        MoveBody(smpl, place, snapshot);
        Seat? seat = _isVaried && snapshot.PersonCount > 0 && dice.Chance(SeatShare) ? Seat.Of(snapshot) : null;
        var finish = new PhotoFinish(ref dice);
        PaintBackdrop(ref dice, place, finish, snapshot.Image);
        if (_photographs is not null && dice.Chance(TexturedShare))
            image = Textured(ref dice, image, mask);
        int others = snapshot.PersonCount == 2 ? 1 + dice.Below(MostBystanders) : 0, ahead = 0;
        for (int i = 0; _isVaried && i < others; i++)
            ahead += dice.Chance(InFrontShare) ? 1 : 0;
        Array.Clear(_others);
        AddBystanders(ref dice, place, first, others - ahead, snapshot.Image);
        Array.Clear(snapshot.Mask);
        seat?.PaintBehind(ref dice, snapshot.Image);
        if (snapshot.PersonCount > 0)
            Put(image, mask, place, snapshot.Image, snapshot.Mask, Vector3.One, Vector3.Zero, 0);
        seat?.PaintAhead(ref dice, snapshot);
        Array.Clear(_ahead);
        AddBystanders(ref dice, place, first, ahead, snapshot.Image, _ahead);
        for (int i = 0; i < _ahead.Length; i++)
            snapshot.Mask[i] *= 1 - _ahead[i];
        if (snapshot.PersonCount == 2 && !IsBystanderSeen(snapshot.Mask))
            snapshot.PersonCount = 1;
        HideBehind(_ahead, snapshot.Keypoints);
        if (dice.Chance(0.35f))
            Hide(ref dice, snapshot);
        Recolour(ref dice, snapshot.Image);
        finish.Spoil(snapshot.Image, _size, ref dice, 1, _line);
        if (_isVaried && snapshot.PersonCount > 0)
            new PaddedEdges(ref dice, snapshot, Bounds(snapshot.Mask), Towards(smpl)).Apply(snapshot);
        if (snapshot.PersonCount == 0)
        {
            for (int k = 0; k < CocoSkeleton.KeypointCount; k++)
                snapshot.Keypoints[3 * k + 2] = 0;
        }
    }

    // Maps a pixel of the pair's picture to the snapshot: rotation, scale, shift.
    private readonly record struct Placement(float Scale, float Angle, float ShiftX, float ShiftY)
    {
        public (float X, float Y) Apply(float x, float y)
        {
            (float sine, float cosine) = MathF.SinCos(Angle);
            return (Scale * (cosine * x - sine * y) + ShiftX, Scale * (sine * x + cosine * y) + ShiftY);
        }

        public (float X, float Y) Undo(float x, float y)
        {
            (float sine, float cosine) = MathF.SinCos(Angle);
            float u = (x - ShiftX) / Scale, v = (y - ShiftY) / Scale;
            return (cosine * u + sine * v, cosine * v - sine * u);
        }
    }

    private Placement Place(ref Dice dice, float[] mask, float headlessShare)
    {
        (int left, int right, int top, int bottom) = Bounds(mask);
        float extent = Math.Max(right - left, bottom - top), kind = dice.Share();
        float share = kind < 0.7f ? dice.Between(0.58f, 0.93f) : kind < 0.9f ? dice.Between(0.3f, 0.75f) : dice.Between(0.9f, 1.5f);
        float scale = share * _size / extent, angle = dice.Chance(0.5f) ? 0.08f * dice.Normal() : 0;
        float room = MathF.Max(1 - share, 0) / 2;
        float x = _size * (0.5f + (kind < 0.7f ? 0.05f * dice.Normal() : dice.Between(-1, 1) * MathF.Max(room, 0.1f)));
        float y = _size * (0.5f + (kind < 0.7f ? 0.05f * dice.Normal() : kind < 0.9f ? dice.Between(-1, 1) * room
            : dice.Between(-0.1f, 1) * (share - 0.8f) / 2));
        // Cuts off the head of some people, so that the estimator learns to tell front and back by the rest of the body.
        float tall = scale * (bottom - top);
        y = dice.Chance(headlessShare) ? tall * (0.5f - dice.Between(0.03f, 0.2f)) : y;
        var place = new Placement(scale, angle, 0, 0);
        (float cx, float cy) = place.Apply((left + right) / 2f, (top + bottom) / 2f);
        place = place with { ShiftX = x - cx, ShiftY = y - cy };
        // An edge that cuts off the person in the original picture must also be outside the snapshot.
        if (bottom >= _size - 1 && place.Apply(_size / 2f, _size).Y < _size + 4)
            place = place with { Angle = 0, ShiftY = _size + 4 - scale * _size };
        if (right >= _size - 1 && place.Apply(_size, _size / 2f).X < _size + 4)
            place = place with { Angle = 0, ShiftX = _size + 4 - scale * _size };
        if (left <= 0 && place.Apply(0, _size / 2f).X > -4)
            place = place with { Angle = 0, ShiftX = -4 };
        if (top <= 0 && place.Apply(_size / 2f, 0).Y > -4)
            place = place with { Angle = 0, ShiftY = -4 };
        return place;
    }

    // The cosine of the angle between the direction that a body faces and that to the camera, both on the ground.
    private static float Towards(float[] smpl)
    {
        Span<float> root = stackalloc float[9];
        Rotations.FromAxisAngle(new Smpl(smpl).Root, root);
        return -root[8] / MathF.Max(MathF.Sqrt(root[2] * root[2] + root[8] * root[8]), 1e-6f);
    }

    private (int Left, int Right, int Top, int Bottom) Bounds(float[] mask)
    {
        (int left, int right, int top, int bottom) = (_size, 0, _size, 0);
        for (int i = 0; i < mask.Length; i++)
        {
            if (mask[i] < 0.5f)
                continue;
            (left, right) = (Math.Min(left, i % _size), Math.Max(right, i % _size));
            (top, bottom) = (Math.Min(top, i / _size), Math.Max(bottom, i / _size));
        }
        return right > left ? (left, right, top, bottom) : (0, _size - 1, 0, _size - 1);
    }

    private void PaintBackdrop(ref Dice dice, in Placement place, PhotoFinish finish, float[] image)
    {
        if (_photographs is not null && dice.Chance(PhotographShare))
        {
            _photographs.Paint(ref dice, _size, _backdrop);
        }
        else
        {
            var scene = new SyntheticBackdrop(ref dice);
            float feet = 2 * place.Apply(_size / 2f, 0.95f * _size).Y / _size - 1;
            scene.Paint(feet - dice.Between(0.02f, 0.7f), _size, _backdrop);
        }
        finish.Develop(_backdrop, _size, image);
        int things = dice.Chance(0.55f) ? dice.Below(9) : 0;
        for (int i = 0; i < things; i++)
            new Patch(ref dice, _size, dice.Between(0, 1), dice.Between(0, 1), dice.Between(0.03f, 0.35f)).Paint(image, null, null);
    }

    // Real cloth, skin and hair are less smooth than painted ones: the contrast of a photograph is multiplied onto the person.
    private float[] Textured(ref Dice dice, float[] image, float[] mask)
    {
        _photographs!.Paint(ref dice, _size, _backdrop);
        float mean = 1e-4f, strength = dice.Between(0.2f, 0.8f);
        foreach (Vector3 light in _backdrop)
            mean += Vector3.Dot(light, new Vector3(0.3f, 0.59f, 0.11f)) / _backdrop.Length;
        for (int i = 0; i < mask.Length; i++)
        {
            Vector3 gain = Vector3.SquareRoot(_backdrop[i] / mean);
            for (int c = 0; c < 3; c++)
            {
                float value = image[c * mask.Length + i] + 1;
                _textured[c * mask.Length + i] = Math.Min(value * (1 + strength * mask[i] * (Math.Min(gain[c], 2) - 1)), 2) - 1;
            }
        }
        return _textured;
    }

    // Adds people of the pair, and their masks to those of the bystanders and to the given ones.
    private void AddBystanders(ref Dice dice, in Placement place, bool first, int count, float[] onto, float[]? masks = null)
    {
        for (int i = 0; i < count; i++)
        {
            bool same = dice.Chance(0.3f) == first;
            AddBystander(ref dice, place, same ? _pair.SourceImage : _pair.TargetImage, same ? _pair.SourceMask : _pair.TargetMask, onto,
                isAhead: masks is not null);
            for (int k = 0; k < _others.Length; k++)
            {
                _others[k] = MathF.Max(_others[k], _other[k]);
                if (masks is not null)
                    masks[k] = MathF.Max(masks[k], _other[k]);
            }
        }
    }

    // Key points behind another person are hidden.
    private void HideBehind(float[] ahead, float[] keypoints)
    {
        for (int k = 0; k < CocoSkeleton.KeypointCount; k++)
        {
            if (keypoints[3 * k + 2] > 0 && ahead[(int)keypoints[3 * k + 1] * _size + (int)keypoints[3 * k]] > 0.5f)
                keypoints[3 * k + 2] = 0.5f;
        }
    }

    // Adds a picture of the pair in other colours, beside the person.
    private void AddBystander(ref Dice dice, in Placement place, float[] image, float[] mask, float[] onto, bool isAhead)
    {
        Array.Clear(_other);
        (int left, int right, int top, int bottom) = Bounds(mask);
        if (left <= 0 || top <= 0 || right >= _size - 1)
            return;
        float scale = place.Scale * (isAhead ? dice.Between(0.8f, 1.2f) : dice.Between(0.55f, 1.0f)), side = dice.Chance(0.5f) ? 1 : -1;
        (float x, float y) = place.Apply(_size / 2f, 0.93f * _size);
        float aside = isAhead ? dice.Between(0.1f, 0.4f) : dice.Between(0.3f, 0.75f), higher = dice.Between(0, 0.1f) * (isAhead ? -1 : 1);
        var other = new Placement(scale, 0, x + side * scale * _size * aside - scale * (left + right) / 2f,
            y - scale * bottom - higher * scale * _size);
        if (bottom >= _size - 1)
            other = other with { ShiftY = MathF.Max(other.ShiftY, _size + 2 - scale * _size) };
        Put(image, mask, other, onto, _other, new Vector3(dice.Between(0.6f, 1.1f), dice.Between(0.6f, 1.1f), dice.Between(0.6f, 1.1f)),
            new Vector3(dice.Between(-0.2f, 0.2f)), dice.Below(3));
    }

    // The second person may be outside the picture or behind the first.
    private bool IsBystanderSeen(float[] mask)
    {
        float person = 0, other = 0;
        for (int i = 0; i < mask.Length; i++)
            (person, other) = (person + mask[i], other + _others[i] * (1 - mask[i]));
        return other > LeastBystander * person;
    }

    // Adds the difference that the person and its shadow make to their own backdrop to another backdrop.
    private void Put(float[] image, float[] mask, in Placement place, float[] onto, float[] onMask, Vector3 gain, Vector3 shift, int turn)
    {
        int n = _size * _size;
        for (int i = 0; i < n; i++)
        {
            float m = mask[i];
            var own = new Vector3(image[i], image[n + i], image[2 * n + i]);
            var behind = new Vector3(_pair.Background[i], _pair.Background[n + i], _pair.Background[2 * n + i]);
            Vector3 added = own - (1 - m) * behind;
            if (turn == 1)
                added = new Vector3(added.Y, added.Z, added.X);
            else if (turn == 2)
                added = new Vector3(added.Z, added.X, added.Y);
            _layer[i] = new Vector4(gain * added + m * shift, m);
        }
        int taps = place.Scale < 0.85f ? 2 : 1;
        for (int row = 0; row < _size; row++)
        {
            for (int column = 0; column < _size; column++)
            {
                Vector4 sum = default;
                for (int t = 0; t < taps * taps; t++)
                {
                    (float u, float v) = place.Undo(column + (0.5f + t % taps) / taps, row + (0.5f + t / taps) / taps);
                    sum += Sample(u - 0.5f, v - 0.5f);
                }
                sum /= taps * taps;
                int at = row * _size + column;
                for (int c = 0; c < 3; c++)
                    onto[c * n + at] = sum[c] + (1 - sum.W) * onto[c * n + at];
                onMask[at] = sum.W;
            }
        }
    }

    private Vector4 Sample(float u, float v)
    {
        if (!(u > -1 && v > -1 && u < _size && v < _size))
            return default;
        int i = (int)MathF.Floor(u), j = (int)MathF.Floor(v);
        float a = u - i, b = v - j;
        return (1 - b) * ((1 - a) * At(i, j) + a * At(i + 1, j)) + b * ((1 - a) * At(i, j + 1) + a * At(i + 1, j + 1));
    }

    private Vector4 At(int column, int row) => (uint)column < (uint)_size && (uint)row < (uint)_size ? _layer[row * _size + column]
        : default;

    // A rotation of the picture rotates the body about the camera's axis; scale and shift change the camera.
    private void MoveBody(float[] smpl, in Placement place, Snapshot snapshot)
    {
        smpl.CopyTo(snapshot.Smpl, 0);
        _body.Pose(smpl, _posed);
        (float sine, float cosine) = MathF.SinCos(place.Angle);
        var person = new Smpl(snapshot.Smpl);
        Span<float> root = person.Root, turned = stackalloc float[9], own = stackalloc float[9];
        Rotations.FromAxisAngle(root, own);
        Rotations.Multiply([cosine, -sine, 0, sine, cosine, 0, 0, 0, 1], own, turned);
        Rotations.ToAxisAngle(turned, root);
        (float s, float x, float y) = (person.Scale, _posed.Joints[0], _posed.Joints[1]);
        (float pixelX, float pixelY) = place.Apply((s * (x + person.TranslationX) + 1) * _size / 2,
            (s * (y + person.TranslationY) + 1) * _size / 2);
        float scale = s * place.Scale;
        person.SetCamera(scale, (2 * pixelX / _size - 1) / scale - x, (2 * pixelY / _size - 1) / scale - y);

        _body.Pose(snapshot.Smpl, _posed);
        for (int k = 0; k < CocoSkeleton.KeypointCount; k++)
        {
            int point = 2 * Skeleton.CocoToKeypoint[k];
            (float px, float py) = ((_posed.Keypoints2D[point] + 1) * _size / 2, (_posed.Keypoints2D[point + 1] + 1) * _size / 2);
            (snapshot.Keypoints[3 * k], snapshot.Keypoints[3 * k + 1]) = (px, py);
            snapshot.Keypoints[3 * k + 2] = px >= 0 && py >= 0 && px < _size && py < _size ? IsTurnedAway(k) ? 0.5f : 1 : 0;
        }
    }

    // Returns whether a key point of the head is on its far side: nose, eyes or ears whose skin faces away from the camera.
    private bool IsTurnedAway(int k)
    {
        if (k > CocoSkeleton.RightEar)
            return false;
        Vector3 left = Head(CocoSkeleton.LeftEar), right = Head(CocoSkeleton.RightEar),
            ahead = Vector3.Normalize(Head(CocoSkeleton.Nose) - (left + right) / 2),
            aside = Vector3.Normalize(left - right);
        Vector3 outwards = k switch
        {
            CocoSkeleton.Nose => ahead,
            CocoSkeleton.LeftEye => ahead + 0.5f * aside,
            CocoSkeleton.RightEye => ahead - 0.5f * aside,
            CocoSkeleton.LeftEar => aside,
            _ => -aside,
        };
        return outwards.Z > 0.25f;

        Vector3 Head(int point) => new(_posed.Keypoints.AsSpan(3 * Skeleton.CocoToKeypoint[point], 3));
    }

    private void Hide(ref Dice dice, Snapshot snapshot)
    {
        (int left, int right, int top, int bottom) = Bounds(snapshot.Mask);
        int count = 1 + dice.Below(2);
        for (int i = 0; i < count; i++)
        {
            float x = dice.Between(left, right) / _size, y = dice.Between(top + 0.2f * (bottom - top), bottom) / _size;
            new Patch(ref dice, _size, x, y, dice.Between(0.08f, 0.28f) * (bottom - top) / _size).Paint(snapshot.Image, snapshot.Mask,
                snapshot.Keypoints);
        }
    }

    private void Recolour(ref Dice dice, float[] image)
    {
        int n = _size * _size;
        float grey = dice.Chance(0.06f) ? 1 : dice.Chance(0.4f) ? dice.Between(0, 0.5f) : 0, contrast = dice.Between(0.7f, 1.25f);
        var gain = new Vector3(contrast * dice.Between(0.9f, 1.1f), contrast * dice.Between(0.9f, 1.1f), contrast
            * dice.Between(0.9f, 1.1f));
        var shift = new Vector3(dice.Between(-0.22f, 0.22f));
        for (int i = 0; i < n; i++)
        {
            var v = new Vector3(image[i], image[n + i], image[2 * n + i]);
            v = Vector3.Lerp(v, new Vector3(0.3f * v.X + 0.59f * v.Y + 0.11f * v.Z), grey) * gain + shift;
            (image[i], image[n + i], image[2 * n + i]) = (v.X, v.Y, v.Z);
        }
    }
}
