using Lwg.MLNet.Body;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Keypoints;
using Lwg.MLNet.Rendering;

namespace Lwg.MLNet.Tests.Estimation;

/// <summary>
/// An estimator whose truth is known: all people stand in the same pose and are painted white on black. It finds the box of the white
/// pixels and returns the key points, mask and body of the person in that box; the test can then change the result.
/// </summary>
internal sealed class SilhouetteEstimator(SilhouetteEstimator.Change? change = null, bool tellsPresence = true) : SmplEstimator
{
    public const int Size = 96, Grid = 48;

    private static readonly PosedBody s_standing = Pose(Standing(1, 0, 0));
    private static readonly (float Left, float Top, float Right, float Bottom) s_extent = Extent();

    /// <summary>Changes the result of the estimator.</summary>
    public delegate void Change(float[] smpl, float[] keypoints, float[] mask, float[] presence);

    internal override int PictureSize => Size;

    internal override float Margin => 0.12f;

    internal override bool EstimatesKeypoints => true;

    internal override int MaskSize => Grid;

    /// <summary>The number of passes of all workers.</summary>
    public int Looks { get; private set; }

    /// <summary>Returns a standing person who faces the viewer, arms hanging away from the body.</summary>
    public static float[] Standing(float scale, float x, float y)
    {
        float[] smpl = new float[SmplLayout.ParameterCount];
        (smpl[0], smpl[1], smpl[2]) = (scale, x, y);
        smpl[SmplLayout.PoseOffset] = MathF.PI;
        (smpl[SmplLayout.PoseOffset + 3 * 16 + 2], smpl[SmplLayout.PoseOffset + 3 * 17 + 2]) = (-1, 1);
        return smpl;
    }

    /// <summary>Returns the person whose box has this centre and height, in pixels of the square of this side.</summary>
    public static float[] Standing(float middleX, float middleY, float height, int side)
    {
        float scale = 2 * height / side / (s_extent.Bottom - s_extent.Top);
        return Standing(scale, (2 * middleX / side - 1) / scale - (s_extent.Left + s_extent.Right) / 2, (2 * middleY / side - 1) / scale
            - (s_extent.Top + s_extent.Bottom) / 2);
    }

    /// <summary>Paints a person, and returns the picture and the silhouette: 1 on the person.</summary>
    public static (PixelBuffer Picture, float[] Person) Paint(float[] smpl, int width, int height)
    {
        int side = Math.Max(width, height);
        PosedBody posed = Pose(smpl);
        float[] points = new float[posed.Vertices.Length], weights = new float[3 * side * side], person = new float[side * side];
        int[] faces = new int[side * side];
        Camera.Project(posed.Vertices, smpl.AsSpan(0, SmplLayout.CameraCount), points);
        new MeshRasterizer(side).Draw(points, BodyModel.Default.Faces, faces, weights);
        var picture = new PixelBuffer(width, height);
        for (int i = 0; i < faces.Length; i++)
        {
            if (faces[i] < 0 || i % side >= width || i / side >= height)
                continue;
            person[i] = 1;
            picture.Row(i / side).Slice(3 * (i % side), 3).Fill(255);
        }
        return (picture, person);
    }

    /// <summary>Computes the 17 key points [17,3] of a body, in pixels of the square of this side, with confidence 1.</summary>
    public static float[] KeypointsOf(float[] smpl, int side)
    {
        PosedBody posed = Pose(smpl);
        float[] keypoints = new float[KeypointSet.Length];
        for (int k = 0; k < CocoSkeleton.KeypointCount; k++)
        {
            int own = 2 * Skeleton.CocoToKeypoint[k];
            (keypoints[3 * k], keypoints[3 * k + 1], keypoints[3 * k + 2]) =
                ((posed.Keypoints2D[own] + 1) * side / 2, (posed.Keypoints2D[own + 1] + 1) * side / 2, 1);
        }
        return keypoints;
    }

    internal override ISmplWorker CreateWorker(int batchSize = 1) => new Worker(this, change, tellsPresence);

    private static PosedBody Pose(float[] smpl)
    {
        var posed = new PosedBody(BodyModel.Default);
        BodyModel.Default.Pose(smpl, posed);
        return posed;
    }

    private static (float, float, float, float) Extent()
    {
        float[] v = s_standing.Vertices;
        float[] xs = [.. v.Where((_, i) => i % 3 == 0)], ys = [.. v.Where((_, i) => i % 3 == 1)];
        return (xs.Min(), ys.Min(), xs.Max(), ys.Max());
    }

    public override void Dispose() { }

    private sealed class Worker(SilhouetteEstimator estimator, Change? change, bool tellsPresence) : ISmplWorker
    {
        private readonly float[] _picture = new float[3 * Size * Size], _mask = new float[Grid * Grid], _presence = new float[2];
        private float[] _smpl = new float[SmplLayout.ParameterCount], _keypoints = new float[KeypointSet.Length];

        public Span<float> Picture(int row) => _picture;

        public void Run()
        {
            estimator.Looks++;
            (float left, float top, float right, float bottom) = (Size, Size, 0, 0);
            Array.Clear(_mask);
            for (int i = 0; i < Size * Size; i++)
            {
                (int x, int y) = (i % Size, i / Size);
                float light = (_picture[i] + 1) / 2;
                _mask[y * Grid / Size * Grid + x * Grid / Size] += light * Grid * Grid / Size / Size;
                if (light < 0.2f)
                    continue;
                (left, right, top, bottom) = (Math.Min(left, x), Math.Max(right, x + 1), Math.Min(top, y), Math.Max(bottom, y + 1));
            }
            bool somebody = right > left;
            (_presence[0], _presence[1]) = (somebody ? 0.9f : 0.1f, 0.2f);
            _smpl = somebody ? Standing((left + right) / 2, (top + bottom) / 2, bottom - top, Size) : Standing(1, 0, 0);
            _keypoints = KeypointsOf(_smpl, Size);
            change?.Invoke(_smpl, _keypoints, _mask, _presence);
        }

        public ReadOnlySpan<float> Smpl(int row) => _smpl;

        public ReadOnlySpan<float> Keypoints(int row) => _keypoints;

        public ReadOnlySpan<float> Mask(int row) => _mask;

        public ReadOnlySpan<float> Presence(int row) => tellsPresence ? _presence : [];

        public void Dispose() { }
    }
}
