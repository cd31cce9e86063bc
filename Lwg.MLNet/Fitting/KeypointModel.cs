using Lwg.MLNet.Body;
using Lwg.MLNet.Keypoints;

namespace Lwg.MLNet.Fitting;

/// <summary>The points of landmark networks beyond the 17 COCO key points, in the order of the fit's points.</summary>
internal enum FurtherPoint
{
    LeftHeel,
    RightHeel,
    LeftToe,
    RightToe,
    LeftHand,
    RightHand,
}

/// <summary>
/// The dependence of the 17 COCO key points, and of some vertices, on the parameters of a body. Key point k is sum_v r_kv sum_j w_vj (R_j
/// (v - J_j) + p_j), where v and J_j are linear in the shape. Summed over the vertices, it is sum_j (R_j d_kj + w_kj p_j) with a few
/// d_kj, which are linear in the shape too; a vertex is the same with a single r. Pose blend shapes are omitted: they move key points by
/// millimetres.
/// </summary>
internal sealed class KeypointModel
{
    /// <summary>The number of points that follow the 17 key points: heels, toes and hands (<see cref="FurtherPoint"/>).</summary>
    public const int FurtherPoints = 6;

    /// <summary>The index of the first outline vertex among the points.</summary>
    public const int OutlineOffset = CocoSkeleton.KeypointCount + FurtherPoints;

    private const int ShapeCount = SmplLayout.ShapeCount;

    private readonly int[] _firstLink;

    /// <summary>Precomputes the sums for a body.</summary>
    /// <param name="body">The body.</param>
    /// <param name="vertices">The vertices that follow the key points and the further points, from <see cref="OutlineOffset"/> on.</param>
    /// <exception cref="BodyMismatchException">The body has no key points.</exception>
    public KeypointModel(BodyModel body, params ReadOnlySpan<int> vertices)
    {
        if (!body.HasKeypoints)
            throw new BodyMismatchException(
                "The body has no key point regressor ('cocoplus_regressor'), and none could be derived because its mesh shows no head, "
                + "so nothing can be fitted to key points.");
        Parents = body.Data.Parents;
        RestJoints = JointsOf(body);
        PointCount = OutlineOffset + vertices.Length;
        Links = LinksOf(body, vertices);
        _firstLink = new int[PointCount + 1];
        foreach (Link link in Links)
            _firstLink[link.Point + 1]++;
        for (int k = 0; k < PointCount; k++)
            _firstLink[k + 1] += _firstLink[k];
    }

    private static Linear[] JointsOf(BodyModel body)
    {
        var joints = new Linear[Skeleton.JointCount];
        for (int j = 0; j < joints.Length; j++)
        {
            joints[j] = new Linear();
            for (int v = 0; v < body.VertexCount; v++)
                joints[j].Add(body.Data, v, body.Data.JointRegressor[j * body.VertexCount + v]);
        }
        return joints;
    }

    private Link[] LinksOf(BodyModel body, ReadOnlySpan<int> vertices)
    {
        BodyModelData data = body.Data;
        var feet = new FootVertices(body);
        var links = new List<Link>();
        var byJoint = new Link?[Skeleton.JointCount];
        for (int k = 0; k < PointCount; k++)
        {
            Array.Clear(byJoint);
            if (k >= OutlineOffset)
                Carry(k, vertices[k - OutlineOffset], 1);
            else if (k >= CocoSkeleton.KeypointCount)
                CarryFurther(k, (FurtherPoint)(k - CocoSkeleton.KeypointCount));
            for (int v = 0; v < body.VertexCount && k < CocoSkeleton.KeypointCount; v++)
                Carry(k, v, data.KeypointRegressor[Skeleton.CocoToKeypoint[k] * body.VertexCount + v]);
            foreach (Link? link in byJoint)
            {
                if (link is null)
                    continue;
                link.Offset.Add(RestJoints[link.Joint], -link.Weight);
                links.Add(link);
            }
        }
        return [.. links];

        void CarryFurther(int k, FurtherPoint point)
        {
            if (point is FurtherPoint.LeftHand or FurtherPoint.RightHand)
                links.Add(new Link(k, point == FurtherPoint.LeftHand ? Skeleton.LeftHand : Skeleton.RightHand) { Weight = 1 });
            else
                Carry(k, feet[point], 1);
        }

        void Carry(int k, int v, float r)
        {
            for (int j = 0; r != 0 && j < byJoint.Length; j++)
            {
                double w = (double)r * data.SkinningWeights[v * Skeleton.JointCount + j];
                if (w == 0)
                    continue;
                Link link = byJoint[j] ??= new Link(k, j);
                link.Weight += w;
                link.Offset.Add(data, v, w);
            }
        }
    }

    /// <summary>The number of points: the key points, then the vertices.</summary>
    public int PointCount { get; }

    /// <summary>The parent of each joint.</summary>
    public int[] Parents { get; }

    /// <summary>The joints at rest.</summary>
    public Linear[] RestJoints { get; }

    /// <summary>The joints that move each point, in the order of the points.</summary>
    public Link[] Links { get; }

    /// <summary>Returns the joints that move one point.</summary>
    public ReadOnlySpan<Link> LinksOf(int point) => Links.AsSpan(_firstLink[point].._firstLink[point + 1]);

    /// <summary>A point that is linear in the ten shape parameters.</summary>
    public sealed class Linear
    {
        private readonly Vector3D[] _terms = new Vector3D[1 + ShapeCount];

        /// <summary>Returns the derivative of the point by a shape parameter.</summary>
        public Vector3D Direction(int shape) => _terms[1 + shape];

        public Vector3D At(ReadOnlySpan<double> shape)
        {
            Vector3D sum = _terms[0];
            for (int b = 0; b < ShapeCount; b++)
                sum += shape[b] * _terms[1 + b];
            return sum;
        }

        public void Add(Linear other, double weight)
        {
            for (int i = 0; i < _terms.Length; i++)
                _terms[i] += weight * other._terms[i];
        }

        public void Add(BodyModelData data, int vertex, double weight)
        {
            if (weight == 0)
                return;
            _terms[0] += weight * new Vector3D(data.Template[3 * vertex], data.Template[3 * vertex + 1], data.Template[3 * vertex + 2]);
            ReadOnlySpan<float> directions = data.ShapeDirections.AsSpan(3 * ShapeCount * vertex, 3 * ShapeCount);
            for (int b = 0; b < ShapeCount; b++)
                _terms[1 + b] += weight * new Vector3D(directions[b], directions[ShapeCount + b], directions[2 * ShapeCount + b]);
        }
    }

    /// <summary>The contribution of a joint to a point: R d + weight * p.</summary>
    public sealed class Link(int point, int joint)
    {
        public int Point { get; } = point;

        public int Joint { get; } = joint;

        public double Weight { get; set; }

        public Linear Offset { get; } = new();
    }
}
