using Lwg.MLNet.Body;

namespace Lwg.MLNet.Benchmarks;

/// <summary>The bodies for the measurements.</summary>
internal static class Bodies
{
    // SMPL's 24 joints at rest, metres.
    private static readonly float[] s_joints =
    [
        0, -.22f, .03f, .07f, -.31f, .02f, -.07f, -.31f, .02f, 0, -.11f, 0, .105f, -.69f, .016f, -.105f, -.69f, .016f, 0, .02f, 0, .09f,
        -1.09f, -.027f,
        -.09f, -1.09f, -.027f, 0, .07f, .03f, .116f, -1.14f, .094f, -.116f, -1.14f, .094f, 0, .29f, -.015f, .08f, .194f, -.008f, -.08f,
        .194f, -.008f,
        0, .35f, .037f, .174f, .226f, -.017f, -.174f, .226f, -.017f, .43f, .213f, -.042f, -.43f, .213f, -.042f, .683f, .221f, -.045f,
        -.683f, .221f, -.045f,
        .767f, .214f, -.058f, -.767f, .214f, -.058f,
    ];

    public static IEnumerable<(string Name, BodyModel Body)> All()
    {
        yield return ("ours", BodyModel.Default);
        yield return ("13,776 faces", new BodyModel(SmplSized()));
    }

    /// <summary>
    /// A surface of revolution with a person's profile, in SMPL's layout and exactly its size: 6,890 vertices, 13,776 faces (closed,
    /// genus 0), four bones per vertex, all 207 pose blend shapes dense. Its faces are about as large as SMPL's.
    /// </summary>
    public static BodyModelData SmplSized() => Lathe(84, 82);

    /// <summary>Returns the same figure in another size, with 2 x rings x around faces.</summary>
    /// <param name="rings">The number of rings of vertices, one above the other.</param>
    /// <param name="around">The number of vertices per ring.</param>
    public static BodyModelData Lathe(int rings, int around)
    {
        int vertexCount = rings * around + 2;
        var random = new Random(1);
        float[] template = Template(rings, around);
        int[] faces = Faces(rings, around);
        int f = faces.Length / 3;
        return new BodyModelData
        {
            Template = template,
            ShapeDirections = Noise(3 * vertexCount * SmplLayout.ShapeCount, 0.01f),
            PoseDirections = Noise(3 * vertexCount * BodyModel.PoseFeatureCount, 0.001f),
            JointRegressor = Regressor(template, Skeleton.JointCount, firstJoint: Skeleton.Pelvis),
            Parents = [.. Skeleton.Parents],
            SkinningWeights = Weights(template),
            Faces = faces,
            KeypointRegressor = Regressor(template, Skeleton.KeypointCount, firstJoint: Skeleton.Spine1),
            Uv = [.. Enumerable.Range(0, vertexCount)
            .SelectMany(v => (float[])[v % around / (float)around, 1 - v / around / (float)(rings + 1)])],
            UvFaces = faces,
            Part = [.. Enumerable.Range(0, f).Select(i => i % 10)],
            FaceFront = [.. Enumerable.Range(0, f).Select(i => i % 40 == 0 ? 1 : 0)],
            Head = [.. Enumerable.Range(0, f).Select(i => i % 10 == 0 ? 1 : 0)],
        };

        float[] Noise(int count, float scale) => [.. Enumerable.Range(0, count).Select(_ => scale * (2 * random.NextSingle() - 1))];
    }

    private static float[] Template(int rings, int around)
    {
        int vertexCount = rings * around + 2;
        var template = new float[3 * vertexCount];
        for (int r = 0; r < rings; r++)
        {
            double angle = Math.PI * (r + 1) / (rings + 1), y = 0.55 - 0.87 * (1 - Math.Cos(angle)), radius = Radius(y)
                * Math.Min(1, 4 * Math.Sin(angle));
            for (int s = 0; s < around; s++)
            {
                double turn = Math.Tau * s / around;
                Set(r * around + s, radius * Math.Cos(turn), y, -0.7 * radius * Math.Sin(turn));
            }
        }
        Set(vertexCount - 2, 0, 0.56, 0);
        Set(vertexCount - 1, 0, -1.2, 0);
        return template;

        void Set(int v, double x, double y, double z) =>
            (template[3 * v], template[3 * v + 1], template[3 * v + 2]) = ((float)x, (float)y, (float)z);
    }

    // Each vertex is bound to the four nearest joints.
    private static float[] Weights(float[] template)
    {
        const int Count = Skeleton.JointCount;
        var weights = new float[template.Length / 3 * Count];
        for (int v = 0; v < template.Length / 3; v++)
        {
            int[] nearest = [.. Enumerable.Range(0, Count).OrderBy(j => Distance(template, v, s_joints, j)).Take(4)];
            float[] near = [.. nearest.Select(j => 1 / (0.01f + (float)Distance(template, v, s_joints, j)))];
            for (int k = 0; k < 4; k++)
                weights[Count * v + nearest[k]] = near[k] / near.Sum();
        }
        return weights;
    }

    // Each row the mean of the ten vertices that are nearest to a joint.
    private static float[] Regressor(float[] template, int rows, int firstJoint)
    {
        int vertexCount = template.Length / 3;
        var regressor = new float[rows * vertexCount];
        for (int r = 0; r < rows; r++)
        {
            foreach (int v in Enumerable.Range(0, vertexCount).OrderBy(v => Distance(template, v, s_joints, firstJoint + r)).Take(10))
                regressor[r * vertexCount + v] = 0.1f;
        }
        return regressor;
    }

    // Faces between rings, and to the two poles.
    private static int[] Faces(int rings, int around)
    {
        int last = (rings - 1) * around, top = rings * around;
        var faces = new List<int>();
        for (int s = 0; s < around; s++)
        {
            int next = (s + 1) % around;
            faces.AddRange([top, s, next, top + 1, last + next, last + s]);
            for (int a = 0; a < last; a += around)
                faces.AddRange([a + s, a + around + s, a + around + next, a + s, a + around + next, a + next]);
        }
        return [.. faces];
    }

    // Half the person's width at a height (metres, the pelvis at -.22): head, neck, shoulders with the arms hanging, waist, hips, legs.
    private static double Radius(double y)
    {
        (double Y, double Radius)[] profile =
            [(-1.2, 0.12), (-0.7, 0.13), (-0.3, 0.22), (0, 0.2), (0.2, 0.25), (0.26, 0.2), (0.31, 0.07), (0.36, 0.08), (0.45, 0.09),
                (0.6, 0.08)];
        int i = 1;
        while (i < profile.Length - 1 && y > profile[i].Y)
            i++;
        double t = Math.Clamp((y - profile[i - 1].Y) / (profile[i].Y - profile[i - 1].Y), 0, 1);
        return profile[i - 1].Radius + t * (profile[i].Radius - profile[i - 1].Radius);
    }

    private static double Distance(float[] points, int p, float[] others, int o) =>
        Math.Sqrt(Enumerable.Range(0, 3)
        .Sum(c => (double)(points[3 * p + c] - others[3 * o + c]) * (points[3 * p + c] - others[3 * o + c])));
}
