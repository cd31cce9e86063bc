using System.Numerics;
using System.Runtime.InteropServices;
using Lwg.MLNet.Body;
using Lwg.MLNet.Rendering;

namespace Lwg.MLNet.Synthesis.People;

/// <summary>
/// An unlimited number of people for training and measurements. Each identity has a shape, skin, hair, face, clothes, a backdrop, light
/// and a camera, all derived from its number; the pictures show no real person. The same numbers give the same pictures. Holds its
/// buffers; not thread-safe.
/// </summary>
public sealed class SyntheticPeople
{
    /// <summary>The versions of the painter. Version 1 does not change, so that measurements stay comparable. Version 2 adds kinds of
    /// shoes, coats, hair and poses, and shows backs and profiles as often as fronts.</summary>
    internal const int FirstVersion = 1, LastVersion = 2;

    private const float ExertingShare = 0.3f, SittingShare = 0.22f, LyingShare = 0.03f;

    // A sitting person is less tall, so it has place for more pixels.
    private const float SittingScale = 1.25f;

    // The outermost place of a person in the picture, which ends at 1.
    private const float Edge = 0.97f;

    // The mean light of a photograph that leaves the light of the person as it is.
    private const float MiddleLight = 0.25f;

    private readonly BodyModel _body;
    private readonly int _size;
    private readonly DressedBody _dressed;
    private readonly SyntheticLight _light;
    private readonly MeshRasterizer _rasterizer;
    private readonly PosedBody _posed;
    private readonly float[] _points, _weights, _line, _shadow;
    private readonly int[] _faceIndex;
    private readonly Vector3[] _backdrop, _picture, _lightLine;

    private long _identity = -1, _clothes = -1;
    private Wardrobe _wardrobe = null!, _head = null!;
    private Vector3 _tint = Vector3.One;
    private PhotoFinish _finish = null!;
    private SyntheticBackdrop _scene = null!;
    private readonly float[] _shape = new float[SmplLayout.ShapeCount];
    private float _scale, _centreX, _floor, _wallGap, _horizon, _wallShadow, _contact;

    /// <summary>Creates a painter for pictures of one size.</summary>
    /// <param name="body">A body whose rest pose is SMPL's.</param>
    /// <param name="size">S, 32 to 1024 pixels.</param>
    public SyntheticPeople(BodyModel body, int size)
    {
        ArgumentNullException.ThrowIfNull(body);
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 32);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, 1024);
        (_body, _size) = (body, size);
        _dressed = new DressedBody(body);
        _posed = new PosedBody(body);
        _light = new SyntheticLight(_dressed.Vertices.Length);
        _rasterizer = new MeshRasterizer(2 * size);
        (_points, _weights, _faceIndex) = (new float[3 * _dressed.Vertices.Length], new float[12 * size * size], new int[4 * size * size]);
        (_backdrop, _picture, _lightLine, _line, _shadow) =
            (new Vector3[size * size], new Vector3[size * size], new Vector3[size], new float[size], new float[size * size]);
    }

    /// <summary>Whether half of the people face any direction. By default most face the camera, as in photographs.</summary>
    internal bool TurnsToAnySide { get; init; }

    /// <summary>Whether a third of the people run, kick, bend or reach, and a quarter sit, kneel or lie, as in photographs of every
    /// day and sport. By default all stand, walk, squat or dance.</summary>
    internal bool AreActive { get; init; }

    /// <summary>The version of the painter, <see cref="FirstVersion"/> to <see cref="LastVersion"/>.</summary>
    internal int Version
    {
        get => field;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, FirstVersion);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, LastVersion);
            field = value;
        }
    } = FirstVersion;

    /// <summary>Photographs used as backgrounds; null for painted backdrops only. In the first version they change nothing else; in
    /// the second, the person's light is adapted to the photograph.</summary>
    internal BackdropPhotographs? Photographs { get; init; }

    /// <summary>The share of the people in front of photographs, if there are some, 0 to 1.</summary>
    internal float PhotographShare { get; init; } = 0.5f;

    /// <summary>Fills a pair.</summary>
    /// <param name="identity">The number of the person, from 0.</param>
    /// <param name="number">The number of the pair of poses, from 0.</param>
    /// <param name="pair">Receives the pair; must have this size.</param>
    public void Fill(long identity, int number, SyntheticPair pair)
    {
        ArgumentNullException.ThrowIfNull(pair);
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        RequireSize(pair);
        Become(identity, identity);
        pair.Identity = identity;
        Dice dice = PosesOf(identity, number);
        Stand(ref dice, source: true, pair.SourceSmpl);
        Stand(ref dice, source: false, pair.TargetSmpl);
        Paint(identity, pair.SourceSmpl, pair.SourceImage, pair.SourceMask);
        Paint(identity, pair.TargetSmpl, pair.TargetImage, pair.TargetMask);
        _finish.Spoil(pair.SourceImage, _size, ref dice, 1, _line);
        _finish.Spoil(pair.TargetImage, _size, ref dice, 0.25f, _line);
        _finish.Develop(_backdrop, _size, pair.Background);
    }

    /// <summary>Fills an appearance transfer: the source is the person, the target the same person in the same pose with the clothes of
    /// another, painted by <see cref="PaintDressed"/>.</summary>
    /// <param name="identity">The number of the person, from 0.</param>
    /// <param name="clothes">The number of the person with the clothes, from 0.</param>
    /// <param name="number">The number of the poses, from 0.</param>
    /// <param name="pair">Receives source and target; must have this size.</param>
    /// <param name="referenceImage">Receives a picture [3,S,S] in [-1,1] of the person with the clothes.</param>
    /// <param name="referenceSmpl">Receives the 85 SMPL parameters of that picture.</param>
    /// <exception cref="BodyMismatchException">The body has no parts, so its head is unknown.</exception>
    public void FillDressed(long identity, long clothes, int number, SyntheticPair pair, Span<float> referenceImage, float[] referenceSmpl)
    {
        ArgumentNullException.ThrowIfNull(pair);
        ArgumentNullException.ThrowIfNull(referenceSmpl);
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        RequireSize(pair);
        Become(clothes, clothes);
        Dice dice = PosesOf(clothes, number);
        Stand(ref dice, source: true, referenceSmpl);
        Paint(clothes, referenceSmpl, referenceImage, pair.TargetMask);
        _finish.Spoil(referenceImage, _size, ref dice, 1, _line);

        Become(identity, identity);
        pair.Identity = identity;
        dice = PosesOf(identity, number);
        Stand(ref dice, source: true, pair.SourceSmpl);
        pair.SourceSmpl.CopyTo(pair.TargetSmpl, 0);
        Paint(identity, pair.SourceSmpl, pair.SourceImage, pair.SourceMask);
        PaintDressed(identity, clothes, pair.SourceSmpl, pair.TargetImage, pair.TargetMask);
        _finish.Spoil(pair.SourceImage, _size, ref dice, 1, _line);
        _finish.Spoil(pair.TargetImage, _size, ref dice, 0.25f, _line);
        _finish.Develop(_backdrop, _size, pair.Background);
    }

    /// <summary>Paints a person, without noise.</summary>
    /// <param name="identity">The number of the person, from 0.</param>
    /// <param name="smpl">The 85 SMPL parameters.</param>
    /// <param name="image">Receives [3,S,S] in [-1,1].</param>
    /// <param name="mask">Receives [1,S,S], the share of each pixel that the person covers.</param>
    public void Paint(long identity, ReadOnlySpan<float> smpl, Span<float> image, Span<float> mask) =>
        PaintDressed(identity, identity, smpl, image, mask);

    /// <summary>Paints a person with the clothes, and the skin below the neck, of another. The ground truth of an appearance transfer,
    /// without noise.</summary>
    /// <param name="identity">The number of the person, from 0.</param>
    /// <param name="clothes">The number of the person with the clothes, from 0.</param>
    /// <param name="smpl">The 85 SMPL parameters.</param>
    /// <param name="image">Receives [3,S,S] in [-1,1].</param>
    /// <param name="mask">Receives [1,S,S], the share of each pixel that the person covers.</param>
    /// <exception cref="BodyMismatchException">The clothes are those of another person, but the body has no parts, so its head is
    /// unknown.</exception>
    public void PaintDressed(long identity, long clothes, ReadOnlySpan<float> smpl, Span<float> image, Span<float> mask)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(clothes);
        if (clothes != identity)
            _ = _body.Surface.Part;
        SmplLayout.Check(smpl);
        if (image.Length != 3 * _size * _size)
            throw new ArgumentException($"The picture must have 3 x {_size} x {_size} values, but has {image.Length}.", nameof(image));
        if (mask.Length != _size * _size)
            throw new ArgumentException($"The mask must have {_size} x {_size} values, but has {mask.Length}.", nameof(mask));
        Become(identity, clothes);
        _dressed.Pose(smpl);
        _light.Shine(_dressed);
        var person = new ReadOnlySmpl(smpl);
        for (int v = 0; v < _dressed.VertexCount; v++)
        {
            Vector3 p = _dressed.Vertices[v];
            _points[3 * v] = person.Scale * (p.X + person.TranslationX);
            _points[3 * v + 1] = person.Scale * (p.Y - person.TranslationY);
            _points[3 * v + 2] = Camera.Distance - p.Z;
        }
        ReadOnlySpan<int> faces = _dressed.Faces.AsSpan(0, 3 * _dressed.FaceCount);
        _rasterizer.Draw(_points.AsSpan(0, 3 * _dressed.VertexCount), faces, _faceIndex, _weights);
        Cover(mask);
        Shadows(smpl, mask);
        for (int row = 0; row < _size; row++)
        {
            for (int column = 0; column < _size; column++)
            {
                int i = row * _size + column;
                Vector3 behind = _backdrop[i] * (1 - _shadow[i]);
                _picture[i] = mask[i] == 0 ? behind : mask[i] * _tint * Person(faces, row, column) + (1 - mask[i]) * behind;
            }
        }
        _finish.Develop(_picture, _size, image);
    }

    private static Dice PosesOf(long identity, int number) => new((ulong)identity * 0x2545F491 + (ulong)number * 0x9E3779B1 + 77);

    private void RequireSize(SyntheticPair pair)
    {
        if (pair.Size != _size)
            throw new ArgumentException($"The pair has pictures of {pair.Size} pixels, but must have {_size}.", nameof(pair));
    }

    // A pixel whose four samples show the same layer of one region is shaded once.
    private Vector3 Person(ReadOnlySpan<int> faces, int row, int column)
    {
        Vector3 rest = default, restNormal = default, normal = default;
        float open = 0, lamp = 0;
        int count = 0;
        HangingKind first = HangingKind.None;
        Wardrobe worn = _wardrobe;
        Vector3 sum = default;
        int shaded = 0;
        for (int k = 0; k < 4; k++)
        {
            int at = (2 * row + k / 2) * 2 * _size + 2 * column + k % 2, f = _faceIndex[at];
            if (f < 0)
                continue;
            int a = faces[3 * f], b = faces[3 * f + 1], c = faces[3 * f + 2];
            var w = new Vector3(_weights[3 * at], _weights[3 * at + 1], _weights[3 * at + 2]);
            Vector3 p = w.X * _dressed.Rest[a] + w.Y * _dressed.Rest[b] + w.Z * _dressed.Rest[c];
            HangingKind kind = _dressed.Kinds[a];
            Wardrobe wears = kind == HangingKind.Hair || (kind == HangingKind.None && _dressed.IsHead(f)) ? _head : _wardrobe;
            if (count > 0 && (kind != first || wears != worn || Vector3.DistanceSquared(p, rest / count) > 0.0006f))
            {
                sum += count * Shade(rest / count, restNormal, normal, open / count, lamp / count, first, worn);
                shaded += count;
                (rest, restNormal, normal, open, lamp, count) = (default, default, default, 0, 0, 0);
            }
            (first, worn) = (kind, wears);
            rest += p;
            restNormal += w.X * _dressed.RestNormals[a] + w.Y * _dressed.RestNormals[b] + w.Z * _dressed.RestNormals[c];
            normal += w.X * _dressed.Normals[a] + w.Y * _dressed.Normals[b] + w.Z * _dressed.Normals[c];
            (float o, float l) = _light.At(a, b, c, w);
            (open, lamp) = (open + o, lamp + l);
            count++;
        }
        return (sum + count * Shade(rest / count, restNormal, normal, open / count, lamp / count, first, worn)) / (shaded + count);
    }

    private Vector3 Shade(Vector3 rest, Vector3 restNormal, Vector3 normal, float open, float lamp, HangingKind kind, Wardrobe worn)
    {
        restNormal = restNormal.LengthSquared() > 1e-12f ? Vector3.Normalize(restNormal) : Vector3.UnitZ;
        normal = normal.LengthSquared() > 1e-12f ? Vector3.Normalize(normal) : Vector3.UnitZ;
        Material material = kind == HangingKind.None ? worn.MaterialAt(rest, restNormal) : worn.HangingAt(kind, rest, restNormal);
        return _light.Shade(material, restNormal, normal, open, lamp);
    }

    private void Cover(Span<float> mask)
    {
        int wide = 2 * _size;
        for (int row = 0; row < _size; row++)
        {
            for (int column = 0; column < _size; column++)
            {
                int at = 2 * row * wide + 2 * column;
                int count = (_faceIndex[at] >= 0 ? 1 : 0) + (_faceIndex[at + 1] >= 0 ? 1 : 0) + (_faceIndex[at + wide] >= 0 ? 1 : 0)
                    + (_faceIndex[at + wide + 1] >= 0 ? 1 : 0);
                mask[row * _size + column] = count / 4f;
            }
        }
    }

    // A soft shadow of the silhouette on the wall, and dark spots where the feet touch the floor.
    private void Shadows(ReadOnlySpan<float> smpl, ReadOnlySpan<float> mask)
    {
        Array.Clear(_shadow);
        int dx = (int)(_wallGap * _size * 0.5f), dy = (int)(0.03f * _size);
        if (_wallShadow > 0)
        {
            for (int row = dy; row < _size; row++)
            {
                for (int column = Math.Max(dx, 0); column < Math.Min(_size, _size + dx); column++)
                    _shadow[row * _size + column] = _wallShadow * mask[(row - dy) * _size + column - dx];
            }
            int radius = Math.Max(_size / 24, 2);
            for (int pass = 0; pass < 2; pass++)
                BoxBlur(_shadow, radius);
        }
        _body.Pose(smpl, _posed);
        var person = new ReadOnlySmpl(smpl);
        foreach (int foot in (ReadOnlySpan<int>)[Skeleton.LeftFoot, Skeleton.RightFoot])
        {
            float x = person.Scale * (_posed.Joints[3 * foot] + person.TranslationX),
                y = person.Scale * (_posed.Joints[3 * foot + 1] + person.TranslationY) + 0.05f * person.Scale;
            int top = Math.Max(0, (int)((y - 0.12f + 1) * _size / 2)), bottom = Math.Min(_size, (int)((y + 0.12f + 1) * _size / 2));
            for (int row = top; row < bottom; row++)
            {
                for (int column = 0; column < _size; column++)
                {
                    float u = ((2 * column + 1 - _size) / (float)_size - x) / 0.22f,
                        v = ((2 * row + 1 - _size) / (float)_size - y) / 0.045f, d = u * u + v * v;
                    if (d < 6)
                        _shadow[row * _size + column] = MathF.Max(_shadow[row * _size + column], _contact * MathF.Exp(-d));
                }
            }
        }
    }

    private void BoxBlur(Span<float> map, int radius, int channels = 1)
    {
        for (int pass = 0; pass < 2 * channels; pass++)
        {
            for (int k = 0; k < _size; k++)
            {
                int start = pass / 2 + channels * (pass % 2 == 0 ? k * _size : k), step = channels * (pass % 2 == 0 ? 1 : _size);
                for (int i = 0; i < _size; i++)
                    _line[i] = map[start + i * step];
                float sum = 0;
                for (int i = -radius; i <= radius; i++)
                    sum += _line[Math.Clamp(i, 0, _size - 1)];
                for (int i = 0; i < _size; i++)
                {
                    map[start + i * step] = sum / (2 * radius + 1);
                    sum += _line[Math.Min(i + radius + 1, _size - 1)] - _line[Math.Max(i - radius, 0)];
                }
            }
        }
    }

    // Limits the sharpness of the backdrop to that of the lens, so that edges have no steps.
    private void Soften(Vector3[] map)
    {
        for (int pass = 0; pass < 2; pass++)
        {
            for (int k = 0; k < _size; k++)
            {
                int start = pass == 0 ? k * _size : k, step = pass == 0 ? 1 : _size;
                for (int i = 0; i < _size; i++)
                    _lightLine[i] = map[start + i * step];
                for (int i = 0; i < _size; i++)
                    map[start + i * step] = 0.5f * _lightLine[i] + 0.25f
                        * (_lightLine[Math.Max(i - 1, 0)] + _lightLine[Math.Min(i + 1, _size - 1)]);
            }
        }
    }

    /// <summary>Sets the person's look, clothes, backdrop, light and camera.</summary>
    private void Become(long identity, long clothes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(identity);
        if (identity == _identity && clothes == _clothes)
            return;
        var dice = new Dice((ulong)clothes);
        DrawShape(ref dice);
        _wardrobe = _head = new Wardrobe(ref dice, VarietyOf(clothes));
        if (identity != clothes)
        {
            dice = new Dice((ulong)identity);
            DrawShape(ref dice);
            _head = new Wardrobe(ref dice, VarietyOf(identity));
        }
        _dressed.Dress(_wardrobe, _head);
        _light.Draw(ref dice);
        _scene = new SyntheticBackdrop(ref dice);
        _finish = new PhotoFinish(ref dice);
        float height = dice.Chance(0.88f) ? dice.Between(1.15f, 1.75f) : dice.Between(1.7f, 2.3f);
        _scale = height / 1.75f;
        _centreX = 0.08f * dice.Normal();
        // For a person taller than the picture, the feet are cut off, not the head.
        _floor = height < 1.75f ? height / 2 + 0.06f * dice.Normal() : height - 0.88f;
        _wallGap = dice.Between(-0.25f, 0.25f);
        _wallShadow = dice.Chance(0.3f) ? dice.Between(0.05f, 0.3f) : 0;
        _contact = _scene.Seamless ? dice.Between(0.1f, 0.5f) : dice.Between(0.2f, 0.7f);
        _horizon = MathF.Min(_floor, 1) - dice.Between(0.03f, 0.5f);
        PaintBackdrop(identity);
        (_identity, _clothes) = (identity, clothes);
    }

    private void PaintBackdrop(long identity)
    {
        _tint = Vector3.One;
        // A separate generator, so that the same number gives the same person with and without photographs.
        var dice = new Dice(unchecked((ulong)identity * 0xD6E8FEB86659FD93 + 0x5851F42D));
        if (Photographs is { } photographs && dice.Chance(PhotographShare))
        {
            photographs.Paint(ref dice, _size, _backdrop);
            if (VarietyOf(identity) is { } variety)
                _tint = LightOf(_backdrop, variety.Light);
            return;
        }
        _scene.Paint(_horizon, _size, _backdrop);
        int blur = (int)(_scene.Blur * _size + 0.5f);
        for (int pass = 0; pass < 2 && blur > 0; pass++)
            BoxBlur(MemoryMarshal.Cast<Vector3, float>(_backdrop.AsSpan()), blur, channels: 3);
        if (blur == 0)
            Soften(_backdrop);
    }

    private Variety? VarietyOf(long identity) => Version == FirstVersion ? null : new Variety(identity);

    // Returns the light of the backdrop: its mean colour and brightness, both within limits.
    private static Vector3 LightOf(Vector3[] backdrop, float share)
    {
        var mean = new Vector3(1e-3f);
        foreach (Vector3 light in backdrop)
            mean += light / backdrop.Length;
        float bright = Vector3.Dot(mean, new Vector3(0.3f, 0.59f, 0.11f));
        Vector3 colour = Vector3.Clamp(mean / bright, new Vector3(0.6f), new Vector3(1.6f));
        return Vector3.Lerp(Vector3.One, colour * Math.Clamp(MathF.Sqrt(bright / MiddleLight), 0.6f, 1.3f), share);
    }

    private void DrawShape(ref Dice dice)
    {
        for (int b = 0; b < _shape.Length; b++)
            _shape[b] = 0.9f * dice.Normal();
    }

    /// <summary>Draws a pose and places it on the floor.</summary>
    private void Stand(ref Dice dice, bool source, float[] smpl)
    {
        var person = new Smpl(smpl);
        if (Version == FirstVersion)
            SyntheticPose.Draw(ref dice, source, TurnsToAnySide, person.Pose);
        else
            SyntheticPose.DrawVaried(ref dice, source, TurnsToAnySide, person.Pose);
        float larger = AreActive ? Act(ref dice, person.Pose) : 1;
        _shape.CopyTo(person.Shape);
        person.SetCamera(_scale, 0, 0);
        _body.Pose(smpl, _posed);
        float left = float.MaxValue, right = float.MinValue, bottom = float.MinValue;
        for (int v = 0; v < _body.VertexCount; v++)
        {
            (left, right) = (MathF.Min(left, _posed.Vertices[3 * v]), MathF.Max(right, _posed.Vertices[3 * v]));
            bottom = MathF.Max(bottom, _posed.Vertices[3 * v + 1]);
        }
        float scale = larger * _scale * (1 + 0.01f * dice.Normal());
        if (AreActive)
            scale = MathF.Min(scale, 2 * Edge / (right - left));
        float half = scale * (right - left) / 2;
        float x = _centreX + (source ? 0 : 0.06f * dice.Normal());
        if (half < Edge)
            x = Math.Clamp(x, half - Edge, Edge - half);
        person.SetCamera(scale, x / scale - (left + right) / 2, _floor / scale - bottom);
    }

    // Changes the pose of some people; returns how much larger they are drawn.
    private static float Act(ref Dice dice, Span<float> pose)
    {
        float kind = dice.Share();
        if (kind < ExertingShare)
        {
            SyntheticPose.Exert(ref dice, pose);
        }
        else if (kind < ExertingShare + SittingShare)
        {
            SyntheticPose.Sit(ref dice, pose);
            return SittingScale;
        }
        else if (kind < ExertingShare + SittingShare + LyingShare)
        {
            SyntheticPose.Lie(ref dice, pose);
        }
        return 1;
    }
}
