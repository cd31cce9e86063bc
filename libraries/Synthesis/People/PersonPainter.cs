using System.Numerics;
using Lwg.MLNet.Body;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Rendering;

namespace Lwg.MLNet.Synthesis.People;

/// <summary>
/// Paints pictures of synthetic people: a posed body with procedural skin, face, hair and clothes, lit by a window and the sky, in a
/// room. For sample pictures and training; the pictures show no real person.
/// </summary>
internal sealed class PersonPainter
{
    private const int Supersampling = 3, RoomStep = 4;

    // The lamp is at the upper left in front of the person; colours are linear. World: y up, z towards the viewer.
    private static readonly Vector3 s_toLamp = Vector3.Normalize(new Vector3(-0.52f, 0.62f, 0.80f)), s_toViewer = Vector3.UnitZ;
    private static readonly Vector3 s_lamp = new(1.22f, 1.14f, 1.02f), s_sky = new(0.60f, 0.64f, 0.70f),
        s_bounce = new(0.30f, 0.25f, 0.20f);

    private readonly BodyModel _body;
    private readonly PosedBody _posed;
    private readonly SkyVisibility _visibility = new();
    private readonly Vector3[] _rest, _restNormals;

    /// <summary>Creates a painter for a body; not thread-safe.</summary>
    /// <param name="body">A body whose rest pose is SMPL's.</param>
    public PersonPainter(BodyModel body)
    {
        ArgumentNullException.ThrowIfNull(body);
        _body = body;
        _posed = new PosedBody(body);
        _rest = ToVectors(body.Data.Template, flip: false);
        _restNormals = Normals(_rest, body.Faces);
    }

    /// <summary>Paints a person.</summary>
    /// <param name="smpl">The 85 SMPL parameters.</param>
    /// <param name="look">The person's appearance.</param>
    /// <param name="size">Width and height in pixels, 32 to 2048.</param>
    /// <returns>An RGB picture; the camera of <paramref name="smpl"/> determines the person's position.</returns>
    /// <exception cref="ArgumentException">There are not 85 finite parameters, or the camera's scale is not above 0.</exception>
    public PixelBuffer Paint(ReadOnlySpan<float> smpl, PersonLook look, int size)
    {
        Outfit outfit = Checked(smpl, look, size);
        Vector3[] vertices = Dressed(smpl, outfit);
        Vector3[] normals = Normals(vertices, _body.Faces);

        float floor = vertices.Min(v => v.Y), toes = vertices.Where(v => v.Y < floor + 0.05f).Max(v => v.Z);
        Vector3 centre = (new Vector3(vertices.Min(v => v.X), floor, vertices.Min(v => v.Z))
            + new Vector3(vertices.Max(v => v.X), vertices.Max(v => v.Y), vertices.Max(v => v.Z))) / 2;
        var person = new ReadOnlySmpl(smpl);
        var room = new Room(look, person.Scale, person.TranslationX, person.TranslationY, floor, toes);
        var light = new Light(_visibility, vertices, normals, _body.Faces, centre, room, size);
        return Render(smpl, look, size, outfit, vertices, normals, room, light);
    }

    /// <summary>Returns the silhouette of the person in the same picture, with hair and clothes.</summary>
    /// <param name="smpl">The 85 SMPL parameters.</param>
    /// <param name="look">The person's appearance.</param>
    /// <param name="size">S, 32 to 2048.</param>
    /// <returns>[1,S,S]: the share of each pixel that the person covers, in ninths.</returns>
    /// <exception cref="ArgumentException">There are not 85 finite parameters, or the camera's scale is not above 0.</exception>
    public float[] Silhouette(ReadOnlySpan<float> smpl, PersonLook look, int size)
    {
        Outfit outfit = Checked(smpl, look, size);
        int fine = Supersampling * size;
        (int[] faceIndex, _) = Rasterize(smpl, Dressed(smpl, outfit), fine);
        float[] silhouette = new float[size * size];
        for (int i = 0; i < faceIndex.Length; i++)
        {
            if (faceIndex[i] >= 0)
                silhouette[i / fine / Supersampling * size + i % fine / Supersampling] += 1f / (Supersampling * Supersampling);
        }
        return silhouette;
    }

    private static Outfit Checked(ReadOnlySpan<float> smpl, PersonLook look, int size)
    {
        SmplLayout.Check(smpl);
        ArgumentNullException.ThrowIfNull(look);
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 32);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, 2048);
        if (new ReadOnlySmpl(smpl).Scale is <= 0 and var scale)
            throw new ArgumentException($"The camera's scale is {scale}; it must be above 0.", nameof(smpl));
        return new Outfit(look);
    }

    private PixelBuffer Render(ReadOnlySpan<float> smpl, PersonLook look, int size, Outfit outfit, Vector3[] vertices, Vector3[] normals,
        Room room, Light light)
    {
        int fine = Supersampling * size;
        (int[] faceIndex, float[] weights) = Rasterize(smpl, vertices, fine);
        var picture = new PixelBuffer(size, size);
        var grain = new Noise(look.Seed + 5);
        int[] faces = _body.Data.Faces;
        byte[] bytes = new byte[3 * size * size];
        Parallel.For(0, size, row =>
        {
            for (int column = 0; column < size; column++)
            {
                Vector3 sum = Vector3.Zero;
                for (int k = 0; k < Supersampling * Supersampling; k++)
                {
                    int i = Supersampling * column + k % Supersampling, j = Supersampling * row + k / Supersampling;
                    int sample = j * fine + i, face = faceIndex[sample];
                    if (face < 0)
                    {
                        sum += RoomColor(room, light, (2 * i + 1 - fine) / (float)fine, (2 * j + 1 - fine) / (float)fine);
                        continue;
                    }
                    var w = new Vector3(weights[3 * sample], weights[3 * sample + 1], weights[3 * sample + 2]);
                    int a = faces[3 * face], b = faces[3 * face + 1], c = faces[3 * face + 2];
                    Vector3 rest = Mix(_rest, a, b, c, w), restNormal = Vector3.Normalize(Mix(_restNormals, a, b, c, w));
                    Vector3 normal = Vector3.Normalize(Mix(normals, a, b, c, w));
                    sum += Shade(outfit.MaterialAt(rest, restNormal), restNormal, normal, Mix(light.Sky, a, b, c, w),
                        Mix(light.Lamp, a, b, c, w));
                }
                Finish(sum / (Supersampling * Supersampling), column, row, size, grain, bytes.AsSpan(3 * (row * size + column), 3));
            }
        });
        bytes.CopyTo(picture.Data);
        return picture;
    }

    private (int[] FaceIndex, float[] Weights) Rasterize(ReadOnlySpan<float> smpl, Vector3[] vertices, int size)
    {
        int[] faceIndex = new int[size * size];
        float[] weights = new float[3 * size * size], points = new float[3 * vertices.Length];
        var person = new ReadOnlySmpl(smpl);
        for (int v = 0; v < vertices.Length; v++)
        {
            points[3 * v] = person.Scale * (vertices[v].X + person.TranslationX);
            points[3 * v + 1] = person.Scale * (vertices[v].Y - person.TranslationY);
            points[3 * v + 2] = Camera.Distance - vertices[v].Z;
        }
        new MeshRasterizer(size).Draw(points, _body.Faces, faceIndex, weights);
        return (faceIndex, weights);
    }

    private static Vector3 Shade(Material material, Vector3 restNormal, Vector3 normal, float sky, float lamp)
    {
        Vector3 n = normal;
        if (material.Relief != Vector3.Zero)
        {
            Vector3 slope = material.Relief - Vector3.Dot(material.Relief, restNormal) * restNormal;
            n = Vector3.Normalize(normal - Vector3.Transform(slope, Between(restNormal, normal)));
        }
        float soft = material.Softness, cosine = Vector3.Dot(n, s_toLamp);
        float direct = MathF.Max((cosine + soft) / (1 + soft), 0) * lamp;
        // Light scattered under the skin is red.
        Vector3 crept = Vector3.Lerp(Vector3.One, new Vector3(1.15f, 0.92f, 0.86f), soft * MathF.Max(1 - 2 * MathF.Max(cosine, 0), 0));
        float up = 0.5f + 0.5f * n.Y, open = 0.15f + 0.85f * sky;
        Vector3 diffuse = s_lamp * crept * direct + Vector3.Lerp(s_bounce, s_sky, up) * open + 0.16f * s_sky * MathF.Max(n.Z, 0) * open;
        Vector3 half = Vector3.Normalize(s_toLamp + s_toViewer);
        float highlight = material.Gloss * MathF.Pow(MathF.Max(Vector3.Dot(n, half), 0), material.Sharpness) * lamp;
        float rim = 0.10f * MathF.Pow(1 - MathF.Abs(n.Z), 3) * sky * up;
        return material.Albedo * (diffuse + rim * s_sky) + highlight * s_lamp;
    }

    private static Vector3 RoomColor(Room room, Light light, float x, float y)
    {
        (Vector3 p, Vector3 n) = room.At(x, y);
        (float sky, float lamp) = light.OfRoom(x, y);
        // The lamp is near: brighter to the left and at the top.
        float near = 1.06f - 0.14f * (x + 0.5f) - 0.10f * (y + 0.2f);
        float cosine = MathF.Max(Vector3.Dot(n, s_toLamp), 0);
        return room.Albedo(p) * (s_lamp * (cosine * lamp * near) + s_sky * (0.85f * sky));
    }

    // A camera's tone curve with a soft shoulder, vignetting, sRGB and slight grain.
    private static void Finish(Vector3 light, int column, int row, int size, Noise grain, Span<byte> pixel)
    {
        float x = (2 * column + 1 - size) / (float)size, y = (2 * row + 1 - size) / (float)size;
        light *= 0.92f * (1 - 0.07f * (x * x + y * y));
        light = light * (Vector3.One + 0.12f * light) / (Vector3.One + 0.30f * light);
        float speck = 0.007f * grain.At(new Vector3(column * 0.9f, row * 0.9f, 0.5f));
        for (int c = 0; c < 3; c++)
            pixel[c] = (byte)(Math.Clamp(Rgb.FromLinear(MathF.Max(light[c], 0)) + speck, 0, 1) * 255 + 0.5f);
    }

    private Vector3[] Dressed(ReadOnlySpan<float> smpl, Outfit outfit)
    {
        _body.Pose(smpl, _posed);
        Vector3[] vertices = ToVectors(_posed.Vertices, flip: true), outward = Normals(vertices, _body.Faces);
        for (int v = 0; v < vertices.Length; v++)
            vertices[v] += outfit.Thickness(_rest[v]) * outward[v] + WithHead(outfit.Hanging(_rest[v]));
        return vertices;
    }

    // Rotates a rest direction with the head into the world (the camera's y and z have the opposite signs).
    private Vector3 WithHead(Vector3 d)
    {
        ReadOnlySpan<float> r = _posed.WorldRotations.AsSpan(9 * Skeleton.Head, 9);
        return new Vector3(r[0] * d.X + r[1] * d.Y + r[2] * d.Z, -(r[3] * d.X + r[4] * d.Y + r[5] * d.Z),
            -(r[6] * d.X + r[7] * d.Y + r[8] * d.Z));
    }

    private static Vector3[] ToVectors(float[] coordinates, bool flip)
    {
        var vectors = new Vector3[coordinates.Length / 3];
        var sign = flip ? new Vector3(1, -1, -1) : Vector3.One;
        for (int v = 0; v < vectors.Length; v++)
            vectors[v] = sign * new Vector3(coordinates.AsSpan(3 * v, 3));
        return vectors;
    }

    private static Vector3[] Normals(Vector3[] vertices, ReadOnlySpan<int> faces)
    {
        var normals = new Vector3[vertices.Length];
        for (int f = 0; f < faces.Length; f += 3)
        {
            Vector3 a = vertices[faces[f]], n = Vector3.Cross(vertices[faces[f + 1]] - a, vertices[faces[f + 2]] - a);
            for (int k = 0; k < 3; k++)
                normals[faces[f + k]] += n;
        }
        for (int v = 0; v < normals.Length; v++)
            normals[v] = normals[v].LengthSquared() > 0 ? Vector3.Normalize(normals[v]) : Vector3.UnitZ;
        return normals;
    }

    // Returns the shortest rotation from one direction to another.
    private static Quaternion Between(Vector3 from, Vector3 to)
    {
        float w = 1 + Vector3.Dot(from, to);
        return w < 1e-4f ? Quaternion.Identity : Quaternion.Normalize(new Quaternion(Vector3.Cross(from, to), w));
    }

    private static Vector3 Mix(Vector3[] values, int a, int b, int c, Vector3 w) => w.X * values[a] + w.Y * values[b] + w.Z * values[c];

    private static float Mix(float[] values, int a, int b, int c, Vector3 w) => w.X * values[a] + w.Y * values[b] + w.Z * values[c];

    /// <summary>The visibility of sky and lamp at the vertices and on a coarse grid of points of the room.</summary>
    private sealed class Light
    {
        private readonly int _side;
        private readonly int _vertexCount;
        private readonly float _perUnit;

        public Light(SkyVisibility visibility, Vector3[] vertices, Vector3[] normals, ReadOnlySpan<int> faces, Vector3 centre, Room room,
            int size)
        {
            _vertexCount = vertices.Length;
            _side = (size + RoomStep - 1) / RoomStep + 1;
            _perUnit = 0.5f * size / RoomStep;
            var points = new Vector3[_vertexCount + _side * _side];
            var directions = new Vector3[points.Length];
            vertices.CopyTo(points, 0);
            normals.CopyTo(directions, 0);
            for (int k = 0; k < _side * _side; k++)
                (points[_vertexCount + k], directions[_vertexCount + k]) = room.At(k % _side / _perUnit - 1, k / _side / _perUnit - 1);
            (Sky, Lamp) = (new float[points.Length], new float[points.Length]);
            visibility.Compute(vertices, faces, centre, s_toLamp, points, directions, Sky, Lamp);
            // The limited number of directions would cause streaks on the even wall.
            int wallRows = Math.Clamp((int)((room.Edge + 1) * _perUnit), 0, _side);
            SmoothWall(Sky, wallRows);
            SmoothWall(Lamp, wallRows);
        }

        public float[] Sky { get; }

        public float[] Lamp { get; }

        public (float Sky, float Lamp) OfRoom(float x, float y)
        {
            float column = (x + 1) * _perUnit, row = (y + 1) * _perUnit;
            int i = Math.Min((int)column, _side - 2), j = Math.Min((int)row, _side - 2);
            float u = column - i, v = row - j;
            return (At(Sky, i, j, u, v), At(Lamp, i, j, u, v));
        }

        private void SmoothWall(float[] values, int rows)
        {
            float[] line = new float[Math.Max(_side, rows)];
            for (int pass = 0; pass < 10; pass++)
            {
                for (int j = 0; j < rows; j++)
                    SmoothLine(values, _vertexCount + j * _side, 1, _side, line);
                for (int i = 0; i < _side; i++)
                    SmoothLine(values, _vertexCount + i, _side, rows, line);
            }
        }

        private static void SmoothLine(float[] values, int start, int step, int count, float[] line)
        {
            for (int i = 0; i < count; i++)
                line[i] = values[start + i * step];
            for (int i = 0; i < count; i++)
                values[start + i * step] = 0.25f * line[Math.Max(i - 1, 0)] + 0.5f * line[i] + 0.25f * line[Math.Min(i + 1, count - 1)];
        }

        private float At(float[] values, int i, int j, float u, float v)
        {
            int k = _vertexCount + j * _side + i;
            return (1 - v) * ((1 - u) * values[k] + u * values[k + 1]) + v * ((1 - u) * values[k + _side] + u * values[k + _side + 1]);
        }
    }
}
