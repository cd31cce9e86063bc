using System.Numerics;
using Lwg.MLNet.Body;

namespace Lwg.MLNet.Synthesis.People;

/// <summary>
/// A body and its clothes as one mesh: the body's vertices are offset by the thickness of their cover; a skirt, the tail of a top, a
/// coat and long hair hang as separate sheets.
/// </summary>
internal sealed partial class DressedBody
{
    private const int AnchorRings = 8;
    private const float SkirtTop = -0.27f, TailTop = -0.08f, AnchorStep = 0.03f, LowestAnchor = -0.29f, HairTop = 0.43f;

    private static readonly Vector3 s_axis = new(0, 0, -0.015f);

    private readonly BodyModel _body;
    private readonly PosedBody _posed;
    private readonly VertexSmoothing _shoulders;
    private readonly HangingSheet _skirt = new(48, 12, closed: true, lined: false), _tail = new(48, 8, closed: true, lined: true),
        _coat = new(49, 14, closed: false, lined: true), _hair = new(28, 12, closed: false, lined: true);
    private readonly int[] _anchors, _tailAnchors, _coatAnchors;
    private readonly float[] _thickness;
    private readonly bool[] _onHead;
    private readonly Vector3[] _hanging, _rest, _restNormals;
    private readonly HangingKind[] _kinds;
    private readonly float[] _restJoints = new float[3 * Skeleton.JointCount];
    private int _skirtAt = -1, _tailAt = -1, _coatAt = -1, _hairAt = -1;

    public DressedBody(BodyModel body)
    {
        _body = body;
        _posed = new PosedBody(body);
        BodyVertexCount = body.VertexCount;
        int most = BodyVertexCount + _skirt.VertexCount + _tail.VertexCount + _coat.VertexCount + _hair.VertexCount;
        (Vertices, Normals, _rest, _restNormals, _kinds) =
            (new Vector3[most], new Vector3[most], new Vector3[most], new Vector3[most], new HangingKind[most]);
        (_thickness, _hanging) = (new float[BodyVertexCount], new Vector3[BodyVertexCount]);
        for (int v = 0; v < BodyVertexCount; v++)
            _rest[v] = new Vector3(body.Data.Template.AsSpan(3 * v, 3));
        _onHead = new bool[BodyVertexCount];
        for (int f = 0; f < body.FaceCount; f++)
        {
            for (int k = 0; k < 3 && IsHead(f); k++)
                _onHead[body.Faces[3 * f + k]] = true;
        }
        Faces = new int[3 * (body.FaceCount + _skirt.FaceCount + _tail.FaceCount + _coat.FaceCount + _hair.FaceCount)];
        body.Faces.CopyTo(Faces);
        NormalsOf(_rest, body.Faces, _restNormals.AsSpan(0, BodyVertexCount));
        // Skinning accumulates volume where an arm hangs down; the surface is smoothed from the collar to the upper arm.
        _shoulders = new VertexSmoothing(body.Faces, _rest.AsSpan(0, BodyVertexCount), p =>
            Blend.Step(0.05f, 0.10f, p.Y) * Blend.Step(0.09f, 0.14f, MathF.Abs(p.X)) * Blend.Step(0.36f, 0.26f, MathF.Abs(p.X)));
        (_anchors, _tailAnchors, _coatAnchors) = (Anchors(), new int[_tail.OuterCount], new int[_coat.OuterCount]);
    }

    /// <summary>The number of vertices of the body; those of hanging sheets follow.</summary>
    public int BodyVertexCount { get; }

    /// <summary>The number of vertices, including hanging sheets.</summary>
    public int VertexCount { get; private set; }

    /// <summary>The faces; those of hanging sheets come last.</summary>
    public int[] Faces { get; }

    /// <summary>The number of faces to draw.</summary>
    public int FaceCount { get; private set; }

    /// <summary>The vertices in the world: y up, z towards the viewer, metres.</summary>
    public Vector3[] Vertices { get; }

    /// <summary>Their normals.</summary>
    public Vector3[] Normals { get; }

    /// <summary>The vertices at rest.</summary>
    public ReadOnlySpan<Vector3> Rest => _rest;

    /// <summary>The normals at rest.</summary>
    public ReadOnlySpan<Vector3> RestNormals => _restNormals;

    /// <summary>The kind of each vertex.</summary>
    public ReadOnlySpan<HangingKind> Kinds => _kinds;

    /// <summary>Returns whether a face is on the body's head; false if the body has no parts.</summary>
    public bool IsHead(int face) => _body.Surface.HasParts && face < _body.FaceCount && _body.Surface.Part[face] == (int)BodyPart.Head;

    /// <summary>Dresses the body.</summary>
    /// <param name="wardrobe">The clothes and skin below the neck.</param>
    /// <param name="head">Hair and the rest of the head.</param>
    public void Dress(Wardrobe wardrobe, Wardrobe head)
    {
        for (int v = 0; v < BodyVertexCount; v++)
        {
            Wardrobe worn = _onHead[v] ? head : wardrobe;
            _thickness[v] = worn.CoverAt(_rest[v]).Thickness;
            _hanging[v] = worn.Hanging(_rest[v]);
        }
        (VertexCount, FaceCount) = (BodyVertexCount, _body.FaceCount);
        _skirtAt = wardrobe.SkirtHem < 0 ? Add(_skirt, HangingKind.Skirt) : -1;
        _tailAt = wardrobe.TailFlare > 0 && !wardrobe.IsDress ? Add(_tail, HangingKind.Tail) : -1;
        _coatAt = wardrobe.Coat is not null ? Add(_coat, HangingKind.Coat) : -1;
        _hairAt = head.HairEnd is not null ? Add(_hair, HangingKind.Hair) : -1;
        if (_skirtAt >= 0)
            CutSkirt(wardrobe);
        if (_tailAt >= 0)
            CutTail(wardrobe);
        if (_coatAt >= 0)
            CutCoat(wardrobe.Coat!);
        if (_hairAt >= 0 && head.Look.HairCut == HairCut.Tied)
            CutPonytail(head.HairEnd!.Value);
        else if (_hairAt >= 0)
            CutHair(head.HairEnd!.Value, head.FrontLocks);
    }

    /// <summary>Poses body and clothes.</summary>
    public void Pose(ReadOnlySpan<float> smpl)
    {
        _body.Pose(smpl, _posed);
        _body.RestJoints(new ReadOnlySmpl(smpl).Shape, _restJoints);
        for (int v = 0; v < BodyVertexCount; v++)
            Vertices[v] = new Vector3(_posed.Vertices[3 * v], -_posed.Vertices[3 * v + 1], -_posed.Vertices[3 * v + 2]);
        _shoulders.Apply(Vertices);
        NormalsOf(Vertices, _body.Faces, Normals.AsSpan(0, BodyVertexCount));
        if (_skirtAt >= 0)
            HangSkirt();
        if (_tailAt >= 0)
            HangTail();
        if (_coatAt >= 0)
            HangCoat();
        if (_hairAt >= 0)
            HangHair();
        for (int v = 0; v < BodyVertexCount; v++)
        {
            if (_thickness[v] != 0 || _hanging[v] != Vector3.Zero)
                Vertices[v] += _thickness[v] * Normals[v] + Turned(Skeleton.Head, _hanging[v]);
        }
        NormalsOf(Vertices, Faces.AsSpan(0, 3 * FaceCount), Normals.AsSpan(0, VertexCount));
    }

    private int Add(HangingSheet sheet, HangingKind kind)
    {
        int first = VertexCount;
        sheet.Faces(first, Faces.AsSpan(3 * FaceCount, 3 * sheet.FaceCount));
        _kinds.AsSpan(first, sheet.VertexCount).Fill(kind);
        (VertexCount, FaceCount) = (VertexCount + sheet.VertexCount, FaceCount + sheet.FaceCount);
        return first;
    }

    // Follows the hips at first, then falls with a flare and soft pleats.
    private void CutSkirt(Wardrobe wardrobe)
    {
        for (int k = 0; k < _skirt.OuterCount; k++)
        {
            float share = k / _skirt.Around / (float)_skirt.Down, angle = 2 * MathF.PI * (k % _skirt.Around) / _skirt.Around;
            float hips = Blend.Step(0, 0.3f, share), radiusX = 0.145f + 0.048f * hips + wardrobe.SkirtFlare * share, radiusZ = 0.115f
                + 0.035f * hips + 0.8f * wardrobe.SkirtFlare * share;
            float pleat = 1 + 0.03f * share * MathF.Sin(9 * angle);
            _rest[_skirtAt + k] = new Vector3(radiusX * pleat * MathF.Sin(angle), SkirtTop + share * (wardrobe.SkirtHem - SkirtTop), -0.01f
                + radiusZ * pleat * MathF.Cos(angle));
            _restNormals[_skirtAt + k] = new Vector3(MathF.Sin(angle), 0, MathF.Cos(angle));
        }
    }

    // The tail leaves the body below the chest and falls: the hips push it outwards, and it returns inwards only slightly.
    private void CutTail(Wardrobe wardrobe)
    {
        for (int i = 0; i < _tail.Around; i++)
        {
            float angle = 2 * MathF.PI * i / _tail.Around, reach = 0;
            var direction = new Vector3(MathF.Sin(angle), 0, MathF.Cos(angle));
            for (int ring = 0; ring <= _tail.Down; ring++)
            {
                int k = ring * _tail.Around + i;
                float share = ring / (float)_tail.Down, fall = share * (TailTop - wardrobe.Hem), y = TailTop - fall;
                int anchor = _tailAnchors[k] = _anchors[Math.Min((int)(fall / AnchorStep + 0.5f), AnchorRings - 1) * _tail.Around + i];
                Vector3 outward = (_rest[anchor] - s_axis) with { Y = 0 };
                float body = outward.Length() + _thickness[anchor];
                float fold = 0.25f * wardrobe.TailFlare * share
                    * (MathF.Sin(7 * angle + 3 * wardrobe.Hem * 40) + 0.6f * MathF.Sin(12 * angle + 1));
                reach = ring == 0 ? body - 0.004f
                    : MathF.Max(body + 0.010f * Blend.Step(0, 0.3f, share) + wardrobe.TailFlare * share, reach - 0.10f
                    * (TailTop - wardrobe.Hem) / _tail.Down);
                _rest[_tailAt + k] = (s_axis + (reach + fold) * direction) with { Y = y };
                _restNormals[_tailAt + k] = direction;
            }
        }
        Line(_tail, _tailAt, 0.004f);
    }

    // From ear to ear around the back of the head, then behind the shoulders, and over their front as far as the locks reach.
    private void CutHair(float end, float locks)
    {
        for (int k = 0; k < _hair.OuterCount; k++)
        {
            float share = k / _hair.Around / (float)_hair.Down, side = 2f * (k % _hair.Around) / (_hair.Around - 1) - 1, y = HairTop
                + share * (end - HairTop);
            y += 0.015f * share * MathF.Sin(11 * side);
            float angle = MathF.PI + side * float.Lerp(1.85f + 0.2f * locks, 1.5f + 0.8f * locks, Blend.Step(0.30f, 0.20f, y)),
                low = Blend.Step(0.30f, 0.16f, y),
                narrow = Blend.Step(0.8f, 1.1f, share);
            float radiusX = 0.100f + 0.006f * low - 0.02f * narrow, radiusZ = 0.121f + 0.012f * low, wave = 1 + 0.025f
                * MathF.Sin(9 * side + 2 * share);
            float over = locks * Blend.Step(0.27f, 0.12f, y) * Blend.Step(0.70f, 0.95f, MathF.Abs(side));
            _rest[_hairAt + k] = new Vector3(radiusX * wave * MathF.Sin(angle), y, -0.004f - 0.012f * low + radiusZ * wave
                * MathF.Cos(angle) + 0.07f * over);
            _restNormals[_hairAt + k] = new Vector3(MathF.Sin(angle), 0, MathF.Cos(angle));
        }
        Line(_hair, _hairAt, 0.014f);
    }

    private void Line(HangingSheet sheet, int first, float depth)
    {
        for (int k = 0; k < sheet.OuterCount; k++)
        {
            _rest[first + sheet.OuterCount + k] = _rest[first + k] - depth * _restNormals[first + k];
            _restNormals[first + sheet.OuterCount + k] = -_restNormals[first + k];
        }
    }

    // The skirt follows the pelvis at its top and the nearer thigh towards its hem.
    private void HangSkirt()
    {
        for (int at = _skirtAt; at < _skirtAt + _skirt.VertexCount; at++)
        {
            Vector3 p = _rest[at];
            float legs = 0.85f * Blend.Step(-0.33f, -0.55f, p.Y), left = Blend.Step(-0.12f, 0.12f, p.X);
            Vertices[at] = (1 - legs) * Carried(0, p) + legs * (left * Carried(1, p) + (1 - left) * Carried(2, p));
        }
    }

    // The tail keeps its offset from the body, whatever the body's shape.
    private void HangTail()
    {
        for (int k = 0; k < _tail.VertexCount; k++)
        {
            int at = _tailAt + k, anchor = _tailAnchors[k % _tail.OuterCount];
            Vector3 off = _rest[at] - _rest[anchor];
            float belly = Blend.Step(-0.24f, -0.10f, _rest[at].Y);
            Vertices[at] = Vertices[anchor] + (1 - belly) * Turned(Skeleton.Pelvis, off) + belly * Turned(Skeleton.Spine1, off);
        }
    }

    // Hair follows the head, and the chest where it touches the back.
    private void HangHair()
    {
        for (int at = _hairAt; at < _hairAt + _hair.VertexCount; at++)
        {
            Vector3 p = _rest[at];
            float back = 0.9f * Blend.Step(0.31f, 0.14f, p.Y);
            Vertices[at] = (1 - back) * Carried(Skeleton.Head, p) + back * Carried(Skeleton.Spine3, p);
        }
    }

    private Vector3 Carried(int joint, Vector3 p)
    {
        Vector3 from = p - new Vector3(_restJoints.AsSpan(3 * joint, 3));
        ReadOnlySpan<float> j = _posed.Joints.AsSpan(3 * joint, 3);
        return new Vector3(j[0], -j[1], -j[2]) + Turned(joint, from);
    }

    private Vector3 Turned(int joint, Vector3 d)
    {
        if (d == Vector3.Zero)
            return d;
        ReadOnlySpan<float> r = _posed.WorldRotations.AsSpan(9 * joint, 9);
        return new Vector3(r[0] * d.X + r[1] * d.Y + r[2] * d.Z, -(r[3] * d.X + r[4] * d.Y + r[5] * d.Z),
            -(r[6] * d.X + r[7] * d.Y + r[8] * d.Z));
    }

    // Returns the nearest vertex of the trunk for each height and direction around the hips.
    private int[] Anchors()
    {
        int[] anchors = new int[AnchorRings * _tail.Around];
        for (int k = 0; k < anchors.Length; k++)
        {
            float y = MathF.Max(TailTop - k / _tail.Around * AnchorStep, LowestAnchor), angle = 2 * MathF.PI
                * (k % _tail.Around) / _tail.Around, least = float.MaxValue;
            var direction = new Vector3(MathF.Sin(angle), 0, MathF.Cos(angle));
            for (int v = 0; v < BodyVertexCount; v++)
            {
                Vector3 p = _rest[v] - s_axis;
                if (MathF.Abs(p.X) > 0.22f || MathF.Abs(p.Y - y) > 0.06f)
                    continue;
                float aside = (p with { Y = 0 } - MathF.Max(Vector3.Dot(p, direction), 0) * direction).LengthSquared(), distance = aside
                    + (p.Y - y) * (p.Y - y);
                if (distance < least)
                    (least, anchors[k]) = (distance, v);
            }
        }
        return anchors;
    }

    private static void NormalsOf(ReadOnlySpan<Vector3> vertices, ReadOnlySpan<int> faces, Span<Vector3> normals)
    {
        normals.Clear();
        for (int f = 0; f < faces.Length; f += 3)
        {
            Vector3 a = vertices[faces[f]], n = Vector3.Cross(vertices[faces[f + 1]] - a, vertices[faces[f + 2]] - a);
            normals[faces[f]] += n;
            normals[faces[f + 1]] += n;
            normals[faces[f + 2]] += n;
        }
        for (int v = 0; v < normals.Length; v++)
            normals[v] = normals[v].LengthSquared() > 0 ? Vector3.Normalize(normals[v]) : Vector3.UnitZ;
    }
}
