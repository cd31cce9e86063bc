using Lwg.MLNet.Body;

namespace Lwg.MLNet.Fitting;

/// <summary>The key points of a <see cref="KeypointModel"/> in one pose and shape, and their derivatives by the joints and the
/// shape.</summary>
internal sealed class KeypointPose(KeypointModel model)
{
    private const int ShapeCount = SmplLayout.ShapeCount;

    private readonly Vector3D[] _rest = new Vector3D[Skeleton.JointCount];
    private readonly Vector3D[] _position = new Vector3D[Skeleton.JointCount];
    private readonly Vector3D[] _positionByShape = new Vector3D[Skeleton.JointCount * ShapeCount];
    private readonly List<KeypointModel.Link> _links = [.. model.Links.TakeWhile(l => l.Point < KeypointModel.OutlineOffset)];

    // The index of the derivatives of each point: only the points in use have one.
    private readonly int[] _place = [.. Enumerable.Range(0, model.PointCount)];
    private int _places = KeypointModel.OutlineOffset;
    private Vector3D[] _lever = [], _byShape = [];

    /// <summary>The rotation of each joint in the camera frame.</summary>
    public Matrix3D[] World { get; } = new Matrix3D[Skeleton.JointCount];

    /// <summary>The key points and the other points of the model, metres, before the camera.</summary>
    public Vector3D[] Points { get; } = new Vector3D[model.PointCount];

    /// <summary>Sets the vertices after the key points that are needed; initially none. The others keep their old positions.</summary>
    /// <param name="points">The points, from <see cref="KeypointModel.OutlineOffset"/> on.</param>
    public void Need(IEnumerable<int> points)
    {
        _links.RemoveAll(link => link.Point >= KeypointModel.OutlineOffset);
        _places = KeypointModel.OutlineOffset;
        foreach (int point in points)
        {
            _links.AddRange(model.LinksOf(point));
            _place[point] = _places++;
        }
    }

    /// <summary>Poses the needed points.</summary>
    /// <param name="local">The rotation of each joint in its parent's frame.</param>
    /// <param name="shape">The ten shape parameters.</param>
    public void Evaluate(ReadOnlySpan<Matrix3D> local, ReadOnlySpan<double> shape)
    {
        for (int j = 0; j < Skeleton.JointCount; j++)
        {
            int parent = model.Parents[j];
            _rest[j] = model.RestJoints[j].At(shape);
            World[j] = parent < 0 ? local[j] : World[parent] * local[j];
            _position[j] = parent < 0 ? _rest[j] : _position[parent] + World[parent] * (_rest[j] - _rest[parent]);
        }
        foreach (KeypointModel.Link link in _links)
            Points[link.Point] = default;
        foreach (KeypointModel.Link link in _links)
            Points[link.Point] += World[link.Joint] * link.Offset.At(shape) + link.Weight * _position[link.Joint];
    }

    /// <summary>Computes the derivatives at the last evaluated pose.</summary>
    /// <param name="shape">The ten shape parameters.</param>
    public void Differentiate(ReadOnlySpan<double> shape)
    {
        for (int j = 0; j < Skeleton.JointCount; j++)
        {
            int parent = model.Parents[j];
            for (int b = 0; b < ShapeCount; b++)
            {
                Vector3D own = model.RestJoints[j].Direction(b);
                _positionByShape[j * ShapeCount + b] = parent < 0
                    ? own
                    : _positionByShape[parent * ShapeCount + b] + World[parent] * (own - model.RestJoints[parent].Direction(b));
            }
        }
        if (_lever.Length < _places * Skeleton.JointCount)
            (_lever, _byShape) = (new Vector3D[_places * Skeleton.JointCount], new Vector3D[_places * ShapeCount]);
        Array.Clear(_lever);
        Array.Clear(_byShape);
        foreach (KeypointModel.Link link in _links)
        {
            int j = link.Joint;
            Span<Vector3D> lever = _lever.AsSpan(_place[link.Point] * Skeleton.JointCount, Skeleton.JointCount),
                byShape = _byShape.AsSpan(_place[link.Point] * ShapeCount, ShapeCount);
            Vector3D arm = World[j] * link.Offset.At(shape) + link.Weight * _position[j];
            for (int a = j; a >= 0; a = model.Parents[a])
                lever[a] += arm - link.Weight * _position[a];
            for (int b = 0; b < ShapeCount; b++)
                byShape[b] += World[j] * link.Offset.Direction(b) + link.Weight * _positionByShape[j * ShapeCount + b];
        }
    }

    /// <summary>Returns the derivatives of a point by the ten shape parameters.</summary>
    public ReadOnlySpan<Vector3D> ByShape(int point) => _byShape.AsSpan(_place[point] * ShapeCount, ShapeCount);

    /// <summary>Returns the movement of a point when a joint and its descendants rotate by a small axis-angle vector in the camera
    /// frame.</summary>
    public Vector3D ByTurn(int point, int joint, Vector3D turn) =>
        Vector3D.Cross(turn, _lever[_place[point] * Skeleton.JointCount + joint]);

    /// <summary>Whether the rotation of a joint moves a point.</summary>
    public bool MovesWith(int point, int joint) => _lever[_place[point] * Skeleton.JointCount + joint] != default;

    /// <summary>Whether a joint is another joint or an ancestor of it.</summary>
    public bool Carries(int joint, int other)
    {
        for (; other >= 0; other = model.Parents[other])
        {
            if (other == joint)
                return true;
        }
        return false;
    }
}
