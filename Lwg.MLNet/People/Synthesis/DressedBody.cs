using System.Numerics;
using Lwg.MLNet.Body;

namespace Lwg.MLNet.People;

/// <summary>A body with its clothes as one mesh: the body's vertices stand off by what covers them, and a skirt hangs around the legs.</summary>
internal sealed class DressedBody
{
    private const int Around = 48, Down = 12, HeadJoint = 15;
    private const float SkirtTop = -0.27f;

    private readonly BodyModel _body;
    private readonly PosedBody _posed;
    private readonly float[] _thickness;
    private readonly Vector3[] _hanging, _rest, _restNormals;
    private readonly float[] _restJoints = new float[3 * Skeleton.JointCount];

    public DressedBody(BodyModel body)
    {
        _body = body;
        _posed = new PosedBody(body);
        int skirt = Around * (Down + 1);
        BodyVertexCount = body.VertexCount;
        (Vertices, Normals) = (new Vector3[BodyVertexCount + skirt], new Vector3[BodyVertexCount + skirt]);
        (_rest, _restNormals, _thickness, _hanging) = (new Vector3[Vertices.Length], new Vector3[Vertices.Length], new float[BodyVertexCount], new Vector3[BodyVertexCount]);
        for (int v = 0; v < BodyVertexCount; v++)
            _rest[v] = new Vector3(body.Data.Template.AsSpan(3 * v, 3));
        Faces = [.. body.Faces, .. SkirtFaces()];
        NormalsOf(_rest, body.Faces, _restNormals.AsSpan(0, BodyVertexCount));
    }

    /// <summary>How many vertices are the body's; the skirt's follow.</summary>
    public int BodyVertexCount { get; }

    /// <summary>The faces; those of the skirt come last.</summary>
    public int[] Faces { get; }

    /// <summary>How many of the faces are drawn.</summary>
    public int FaceCount { get; private set; }

    /// <summary>The vertices in the world: y up, z towards the viewer, metres.</summary>
    public Vector3[] Vertices { get; }

    /// <summary>Their normals.</summary>
    public Vector3[] Normals { get; }

    /// <summary>The points at rest.</summary>
    public ReadOnlySpan<Vector3> Rest => _rest;

    /// <summary>The normals at rest.</summary>
    public ReadOnlySpan<Vector3> RestNormals => _restNormals;

    /// <summary>Puts clothes on.</summary>
    public void Dress(Wardrobe wardrobe)
    {
        for (int v = 0; v < BodyVertexCount; v++)
        {
            _thickness[v] = wardrobe.CoverAt(_rest[v]).Thickness;
            _hanging[v] = wardrobe.Hanging(_rest[v]);
        }
        FaceCount = wardrobe.SkirtHem < 0 ? Faces.Length / 3 : _body.FaceCount;
        if (wardrobe.SkirtHem >= 0)
            return;
        for (int ring = 0; ring <= Down; ring++)
        {
            float share = ring / (float)Down, y = SkirtTop + share * (wardrobe.SkirtHem - SkirtTop);
            // Over the hips at first, then falling with a flare and soft pleats.
            float hips = Blend.Step(0, 0.3f, share), radiusX = 0.145f + 0.048f * hips + wardrobe.SkirtFlare * share, radiusZ = 0.115f + 0.035f * hips + 0.8f * wardrobe.SkirtFlare * share;
            for (int i = 0; i < Around; i++)
            {
                float angle = 2 * MathF.PI * i / Around, pleat = 1 + 0.03f * share * MathF.Sin(9 * angle);
                int at = BodyVertexCount + ring * Around + i;
                _rest[at] = new Vector3(radiusX * pleat * MathF.Sin(angle), y, -0.01f + radiusZ * pleat * MathF.Cos(angle));
                _restNormals[at] = new Vector3(MathF.Sin(angle), 0, MathF.Cos(angle));
            }
        }
    }

    /// <summary>Poses body and clothes.</summary>
    public void Pose(ReadOnlySpan<float> smpl)
    {
        _body.Pose(smpl, _posed);
        for (int v = 0; v < BodyVertexCount; v++)
            Vertices[v] = new Vector3(_posed.Vertices[3 * v], -_posed.Vertices[3 * v + 1], -_posed.Vertices[3 * v + 2]);
        NormalsOf(Vertices, _body.Faces, Normals.AsSpan(0, BodyVertexCount));
        for (int v = 0; v < BodyVertexCount; v++)
        {
            if (_thickness[v] != 0 || _hanging[v] != Vector3.Zero)
                Vertices[v] += _thickness[v] * Normals[v] + Turned(HeadJoint, _hanging[v]);
        }
        if (FaceCount > _body.FaceCount)
            HangSkirt(smpl);
        NormalsOf(Vertices, Faces.AsSpan(0, 3 * FaceCount), Normals);
    }

    // The skirt follows the pelvis at its top and the nearer thigh towards its hem.
    private void HangSkirt(ReadOnlySpan<float> smpl)
    {
        _body.RestJoints(smpl.Slice(SmplLayout.ShapeOffset, SmplLayout.ShapeCount), _restJoints);
        for (int at = BodyVertexCount; at < Vertices.Length; at++)
        {
            Vector3 p = _rest[at];
            float legs = 0.85f * Blend.Step(-0.33f, -0.55f, p.Y), left = Blend.Step(-0.12f, 0.12f, p.X);
            Vertices[at] = (1 - legs) * Carried(0, p) + legs * (left * Carried(1, p) + (1 - left) * Carried(2, p));
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
        return new Vector3(r[0] * d.X + r[1] * d.Y + r[2] * d.Z, -(r[3] * d.X + r[4] * d.Y + r[5] * d.Z), -(r[6] * d.X + r[7] * d.Y + r[8] * d.Z));
    }

    private IEnumerable<int> SkirtFaces()
    {
        for (int ring = 0; ring < Down; ring++)
        {
            for (int i = 0; i < Around; i++)
            {
                int a = _body.VertexCount + ring * Around + i, b = _body.VertexCount + ring * Around + (i + 1) % Around;
                foreach (int v in (int[])[a, a + Around, b, b, a + Around, b + Around])
                    yield return v;
            }
        }
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
