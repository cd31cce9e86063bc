using System.Numerics.Tensors;
using Lwg.MLNet.Body;
using Lwg.MLNet.Keypoints;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Double;
using MathNet.Numerics.Optimization;
using static Lwg.MLNet.Keypoints.CocoSkeleton;

namespace Lwg.MLNet.Fitting;

/// <summary>
/// The sum of squares that a key point fit minimises, with its gradient and Gauss-Newton Hessian. Unknowns, each scaled to its standard
/// deviation: log scale and offset of the camera, a rotation of the root from its start, the freedoms of <see cref="PosePrior"/>, the
/// shape. Each term adds its part to value, gradient and Hessian.
/// </summary>
internal sealed class KeypointObjective : IObjectiveModel
{
    private const int RootOffset = 3, FreedomOffset = 6;
    private const double ScaleDeviation = 0.1, OffsetDeviation = 0.1, RootDeviation = 0.5, LimitDeviation = 0.05, TiltDeviation = 0.05,
        TurnDeviation = 0.4, FacingDeviation = 0.2, ShapeDeviation = 1.3;

    // An estimated pose is a better guess than a relaxed standing pose. Its error as a fraction of the freedoms' deviations, and that of
    // the root in radians.
    private const double AnchorDeviation = 0.12, AnchoredRootDeviation = 0.05;

    // Landmarks in space only start the pose, so the anchor is wide; the depth of each bone has a deviation in metres.
    private const double BegunDeviation = 0.7, BegunRootDeviation = 0.35, DepthDeviation = 0.06;

    // Metres: the usual distance of cloth from the body, and the deviations of the cloth's edge from the edge of the body.
    private const double ClothThickness = 0.008, BesideDeviation = 0.015, WithinDeviation = 0.03;

    // All outline points together weigh at most as much as this many points.
    private const double OutlineWorth = 60;

    /// <summary>The bones, and other pairs of points, whose depth comes from landmarks in space; points as in
    /// <see cref="KeypointModel"/>.</summary>
    public static readonly (int From, int To)[] Bones =
    [
        (LeftShoulder, RightShoulder), (LeftHip, RightHip), (LeftHip, LeftShoulder), (RightHip, RightShoulder),
        (LeftShoulder, LeftElbow), (LeftElbow, LeftWrist), (RightShoulder, RightElbow), (RightElbow, RightWrist),
        (LeftHip, LeftKnee), (LeftKnee, LeftAnkle), (RightHip, RightKnee), (RightKnee, RightAnkle),
        (LeftEar, RightEar), (LeftEar, Nose), (RightEar, Nose),
        (LeftAnkle, Foot(FurtherPoint.LeftToe)), (RightAnkle, Foot(FurtherPoint.RightToe)),
    ];

    private readonly KeypointTarget _target;
    private readonly KeypointPose _pose;
    private readonly double[] _shape = new double[SmplLayout.ShapeCount];
    private readonly double[] _axes = new double[3 * Skeleton.JointCount];
    private readonly Matrix3D[] _local = new Matrix3D[Skeleton.JointCount];
    private readonly Turn[] _turns;
    private readonly double[] _row = new double[UnknownCount];
    private readonly DenseVector _gradient = new(UnknownCount);
    private readonly DenseMatrix _hessian = new(UnknownCount, UnknownCount);
    private readonly Matrix3D _start;
    private Vector<double>? _anchor;
    private SilhouetteField? _silhouette;
    private List<int> _outline = [];
    private bool _differentiated;

    /// <summary>Creates the objective of one start.</summary>
    /// <param name="model">The precomputed body.</param>
    /// <param name="target">The target of the fit.</param>
    /// <param name="start">The rotation of the root at the start.</param>
    public KeypointObjective(KeypointModel model, KeypointTarget target, Matrix3D start)
    {
        (_target, _start, _pose) = (target, start, new KeypointPose(model));
        var turns = new List<Turn>();
        for (int axis = 0; axis < 3; axis++)
            turns.Add(new Turn(RootOffset + axis, Skeleton.Pelvis, axis, RootDeviation));
        for (int f = 0; f < PosePrior.WithExtremities.Count; f++)
        {
            PoseFreedom freedom = PosePrior.WithExtremities[f];
            foreach (int joint in (int[])[freedom.Joint, .. freedom.Others])
                turns.Add(new Turn(FreedomOffset + f, joint, freedom.Axis, freedom.Share * freedom.Deviation));
        }
        _turns = [.. turns];
        Point = new DenseVector(UnknownCount);
    }

    /// <summary>The number of unknowns.</summary>
    public static int UnknownCount { get; } = FreedomOffset + PosePrior.WithExtremities.Count + SmplLayout.ShapeCount;

    private static int ShapeOffset { get; } = FreedomOffset + PosePrior.WithExtremities.Count;

    private static int Foot(FurtherPoint point) => CocoSkeleton.KeypointCount + (int)point;

    private double AnchorWidth => _target.Depths is null ? AnchorDeviation : BegunDeviation;

    private double AnchorRootWidth => _target.Depths is null ? AnchoredRootDeviation : BegunRootDeviation;

    public Vector<double> Point { get; private set; }

    public double Value { get; private set; }

    public Vector<double> Gradient
    {
        get
        {
            Differentiate();
            return _gradient;
        }
    }

    public Matrix<double> Hessian
    {
        get
        {
            Differentiate();
            return _hessian;
        }
    }

    public int FunctionEvaluations { get; set; }

    public int JacobianEvaluations { get; set; }

    public bool IsGradientSupported => true;

    public bool IsHessianSupported => true;

    /// <summary>Zero, so that the minimiser does not compute a covariance, which is not needed.</summary>
    public int DegreeOfFreedom => 0;

    public Vector<double> ObservedY => throw new NotSupportedException("The objective keeps sums, not residuals.");

    public Vector<double> ModelValues => throw new NotSupportedException("The objective keeps sums, not residuals.");

    public Matrix<double>? Weights => null;

    /// <summary>Creates an objective at given SMPL parameters, as closely as its freedoms allow. Joints without freedoms are in the rest
    /// pose.</summary>
    /// <param name="model">The precomputed body.</param>
    /// <param name="target">The target of the fit.</param>
    /// <param name="smpl">The 85 SMPL parameters.</param>
    public static KeypointObjective StartingAt(KeypointModel model, KeypointTarget target, ReadOnlySpan<float> smpl)
    {
        var person = new ReadOnlySmpl(smpl);
        ReadOnlySpan<float> pose = person.Pose, root = person.Root;
        var objective = new KeypointObjective(model, target, Matrix3D.Rotation(new Vector3D(root[0], root[1], root[2])));
        var point = new DenseVector(UnknownCount);
        point[0] = Math.Log(person.Scale / target.Scale) / ScaleDeviation;
        (point[1], point[2]) =
            (person.Scale * person.TranslationX / OffsetDeviation, person.Scale * person.TranslationY / OffsetDeviation);
        for (int f = 0; f < PosePrior.WithExtremities.Count; f++)
        {
            // A freedom that several joints share takes their sum.
            PoseFreedom freedom = PosePrior.WithExtremities[f];
            if (freedom.IsExtremity && target.Depths is null)
                continue;
            double sum = 0;
            foreach (int joint in (int[])[freedom.Joint, .. freedom.Others])
                sum += pose[3 * joint + freedom.Axis];
            point[FreedomOffset + f] = (sum - freedom.Share * freedom.Mean * (1 + freedom.Others.Length)) / (freedom.Share
                * freedom.Deviation * (1 + freedom.Others.Length));
        }
        for (int b = 0; b < SmplLayout.ShapeCount; b++)
            point[ShapeOffset + b] = person.Shape[b];
        objective.EvaluateAt(point);
        return objective;
    }

    /// <summary>Centres the priors on the current point instead of a relaxed standing pose that faces the viewer: an estimate has more
    /// information than the key points.</summary>
    public void AnchorHere()
    {
        _anchor = Point.Clone();
        EvaluateAt(Point);
    }

    /// <summary>The scale of the camera at the current point.</summary>
    public double Scale => _target.Scale * Math.Exp(ScaleDeviation * Point[0]);

    public void SetParameters(Vector<double> initialGuess, List<bool>? isFixed = null) => EvaluateAt(initialGuess);

    public void EvaluateAt(Vector<double> parameters)
    {
        Point = parameters.Clone();
        _differentiated = false;
        FunctionEvaluations++;
        for (int b = 0; b < _shape.Length; b++)
            _shape[b] = Point[ShapeOffset + b];
        PosePrior.Rest.CopyTo(_axes);
        foreach (Turn turn in _turns)
            _axes[3 * turn.Joint + turn.Axis] += turn.Unit * Point[turn.Unknown];
        for (int j = 0; j < _local.Length; j++)
            _local[j] = Matrix3D.Rotation(Axes(j));
        _local[Skeleton.Pelvis] *= _start;
        _pose.Evaluate(_local, _shape);
        Value = Accumulate(withDerivatives: false);
    }

    /// <summary>Computes the scale and offset of the camera that best map the key points of the current pose to the marked ones.</summary>
    /// <returns>The current point with that camera.</returns>
    public Vector<double> WithFittedCamera()
    {
        double sum = 0, x = 0, y = 0, u = 0, v = 0;
        for (int k = 0; k < CocoSkeleton.KeypointCount; k++)
        {
            double w = _target.Weight[k];
            (sum, x, y) = (sum + w, x + w * _pose.Points[k].X, y + w * _pose.Points[k].Y);
            (u, v) = (u + w * _target.X[k], v + w * _target.Y[k]);
        }
        (x, y, u, v) = (x / sum, y / sum, u / sum, v / sum);
        double along = 0, square = 1e-9;
        for (int k = 0; k < CocoSkeleton.KeypointCount; k++)
        {
            double w = _target.Weight[k], dx = _pose.Points[k].X - x, dy = _pose.Points[k].Y - y;
            along += w * (dx * (_target.X[k] - u) + dy * (_target.Y[k] - v));
            square += w * (dx * dx + dy * dy);
        }
        double scale = Math.Clamp(along / square, 0.7 * _target.Scale, 1.4 * _target.Scale);
        Vector<double> point = Point.Clone();
        point[0] = Math.Log(scale / _target.Scale) / ScaleDeviation;
        point[1] = (u - scale * x) / OffsetDeviation;
        point[2] = (v - scale * y) / OffsetDeviation;
        return point;
    }

    /// <summary>Writes the 85 SMPL parameters of the current point.</summary>
    public void CopyTo(Span<float> smpl)
    {
        smpl.Clear();
        double scale = Scale;
        var person = new Smpl(smpl);
        person.SetCamera((float)scale, (float)(OffsetDeviation * Point[1] / scale), (float)(OffsetDeviation * Point[2] / scale));
        for (int i = 3; i < _axes.Length; i++)
            person.Pose[i] = (float)_axes[i];
        Matrix3D root = _local[Skeleton.Pelvis];
        ReadOnlySpan<float> matrix =
        [
            (float)root.Row0.X, (float)root.Row0.Y, (float)root.Row0.Z,
            (float)root.Row1.X, (float)root.Row1.Y, (float)root.Row1.Z,
            (float)root.Row2.X, (float)root.Row2.Y, (float)root.Row2.Z,
        ];
        Rotations.ToAxisAngle(matrix, person.Root);
        for (int b = 0; b < _shape.Length; b++)
            person.Shape[b] = (float)_shape[b];
    }

    public IObjectiveModel Fork() => throw new NotSupportedException("The objective is not forked.");

    public IObjectiveModel CreateNew() => throw new NotSupportedException("The objective is not copied.");

    public IObjectiveFunction ToObjectiveFunction() => throw new NotSupportedException("The objective is a sum of squares only.");

    private void Differentiate()
    {
        if (_differentiated)
            return;
        _differentiated = true;
        JacobianEvaluations++;
        _pose.Differentiate(_shape);
        for (int t = 0; t < _turns.Length; t++)
        {
            Turn turn = _turns[t];
            Vector3D inParent = Matrix3D.RotationJacobian(Axes(turn.Joint)).Column(turn.Axis);
            int parent = ParentOf(turn.Joint);
            turn.Direction = turn.Unit * (parent < 0 ? inParent : _pose.World[parent] * inParent);
        }
        _gradient.Clear();
        _hessian.Clear();
        Accumulate(withDerivatives: true);
        double[] h = _hessian.Values;
        for (int c = 0; c < UnknownCount; c++)
        {
            for (int r = 0; r < c; r++)
                h[c * UnknownCount + r] = h[r * UnknownCount + c];
        }
    }

    /// <summary>Adds a term that fits the outline of the body to the edge of the person.</summary>
    /// <param name="person">The person's silhouette.</param>
    /// <param name="outline">The points of the model that are on the outline of the body.</param>
    public void DrawTo(SilhouetteField person, List<int> outline)
    {
        (_silhouette, _outline) = (person, outline);
        _pose.Need(outline);
        EvaluateAt(Point);
    }

    private double Accumulate(bool withDerivatives) =>
        AddKeypoints(withDerivatives) + AddPriors(withDerivatives) + AddStance(withDerivatives) + AddFacing(withDerivatives)
        + AddDepths(withDerivatives) + AddSilhouette(withDerivatives);

    /// <summary>Adds the residuals of the outline. Clothes are outside the body by their thickness and more, so a body beyond their edge
    /// is the larger error.</summary>
    private double AddSilhouette(bool withDerivatives)
    {
        if (_silhouette is null || _outline.Count == 0)
            return 0;
        double sum = 0, scale = Scale, share = Math.Sqrt(Math.Min(OutlineWorth / _outline.Count, 1));
        foreach (int p in _outline)
        {
            Vector3D at = _pose.Points[p];
            double x = scale * at.X + OffsetDeviation * Point[1], y = scale * at.Y + OffsetDeviation * Point[2];
            if (!_silhouette.TryAt(x, y, out double distance, out double slopeX, out double slopeY))
                continue;
            double metres = distance / _target.Scale + ClothThickness, unit = share / (metres > 0 ? BesideDeviation : WithinDeviation);
            (double residual, double slope) = Tamed(unit * metres, 2 * share);
            sum += residual * residual;
            if (!withDerivatives)
                continue;
            unit *= slope / _target.Scale;
            Array.Clear(_row);
            _row[0] = unit * scale * (slopeX * at.X + slopeY * at.Y) * ScaleDeviation;
            _row[1] = unit * slopeX * OffsetDeviation;
            _row[2] = unit * slopeY * OffsetDeviation;
            var towards = new Vector3D(unit * scale * slopeX, unit * scale * slopeY, 0);
            foreach (Turn turn in _turns)
            {
                if (_pose.MovesWith(p, turn.Joint))
                    _row[turn.Unknown] += Vector3D.Dot(towards, _pose.ByTurn(p, turn.Joint, turn.Direction));
            }
            ReadOnlySpan<Vector3D> byShape = _pose.ByShape(p);
            for (int b = 0; b < SmplLayout.ShapeCount; b++)
            {
                Vector3D by = byShape[b];
                _row[ShapeOffset + b] = Vector3D.Dot(towards, by);
            }
            AddRow(residual);
        }
        return sum;
    }

    private double AddKeypoints(bool withDerivatives)
    {
        double sum = 0, scale = Scale;
        for (int k = 0; k < _target.Weight.Length; k++)
        {
            double weight = _target.Weight[k];
            if (weight == 0)
                continue;
            Vector3D at = _pose.Points[k];
            for (int c = 0; c < 2; c++)
            {
                double seen = scale * at[c] + OffsetDeviation * Point[1 + c];
                (double residual, double slope) = Tamed(weight * (seen - (c == 0 ? _target.X[k] : _target.Y[k])), 3);
                sum += residual * residual;
                if (!withDerivatives)
                    continue;
                Array.Clear(_row);
                double unit = slope * weight;
                _row[0] = unit * scale * at[c] * ScaleDeviation;
                _row[1 + c] = unit * OffsetDeviation;
                foreach (Turn turn in _turns)
                {
                    if (_pose.MovesWith(k, turn.Joint))
                        _row[turn.Unknown] += unit * scale * _pose.ByTurn(k, turn.Joint, turn.Direction)[c];
                }
                for (int b = 0; b < SmplLayout.ShapeCount; b++)
                    _row[ShapeOffset + b] = unit * scale * _pose.ByShape(k)[b][c];
                AddRow(residual);
            }
        }
        return sum;
    }

    /// <summary>Adds the residuals of the depth of bones against landmarks in space.</summary>
    private double AddDepths(bool withDerivatives)
    {
        if (_target.Depths is not { } depths)
            return 0;
        double sum = 0;
        const double Unit = 1 / DepthDeviation;
        for (int i = 0; i < depths.Length; i++)
        {
            (int from, int to) = Bones[i];
            (double residual, double slope) = Tamed(Unit * (_pose.Points[to].Z - _pose.Points[from].Z - depths[i]), 2);
            sum += residual * residual;
            if (!withDerivatives)
                continue;
            Array.Clear(_row);
            foreach (Turn turn in _turns)
            {
                if (_pose.MovesWith(to, turn.Joint) || _pose.MovesWith(from, turn.Joint))
                    _row[turn.Unknown] += Unit * slope
                        * (_pose.ByTurn(to, turn.Joint, turn.Direction).Z - _pose.ByTurn(from, turn.Joint, turn.Direction).Z);
            }
            for (int b = 0; b < SmplLayout.ShapeCount; b++)
                _row[ShapeOffset + b] = Unit * slope * (_pose.ByShape(to)[b].Z - _pose.ByShape(from)[b].Z);
            AddRow(residual);
        }
        return sum;
    }

    private double AddPriors(bool withDerivatives)
    {
        double sum = 0;
        for (int f = 0; f < PosePrior.WithExtremities.Count; f++)
        {
            PoseFreedom freedom = PosePrior.WithExtremities[f];
            int i = FreedomOffset + f;
            (double residual, double slope) = _anchor is null ? Tamed(Point[i], 1.5) : Tamed((Point[i] - _anchor[i]) / AnchorWidth, 1.5);
            sum += residual * residual;
            if (withDerivatives)
                AddDiagonal(i, residual, _anchor is null ? slope : slope / AnchorWidth);
            double angle = freedom.Mean + freedom.Deviation * Point[i];
            double beyond = Math.Max(0, angle - freedom.Maximum) + Math.Min(0, angle - freedom.Minimum);
            sum += beyond * beyond / (LimitDeviation * LimitDeviation);
            if (withDerivatives && beyond != 0)
                AddDiagonal(i, beyond / LimitDeviation, freedom.Deviation / LimitDeviation);
        }
        for (int b = 0; b < SmplLayout.ShapeCount; b++)
        {
            double residual = _shape[b] / ShapeDeviation;
            sum += residual * residual;
            if (withDerivatives)
                AddDiagonal(ShapeOffset + b, residual, 1 / ShapeDeviation);
        }
        return sum;
    }

    /// <summary>Adds the priors of the root. People stand upright rather than lean towards the camera or away, and are photographed from
    /// the front or from behind: the up axis of the pelvis is in the picture plane and its forward axis perpendicular to it.</summary>
    private double AddStance(bool withDerivatives)
    {
        Vector3D up = _pose.World[Skeleton.Pelvis].Column(1), forward = _pose.World[Skeleton.Pelvis].Column(2);
        (double tilt, double tiltSlope) = _target.Depths is null ? Tamed(up.Z / TiltDeviation, 1.5) : (0, 0);
        if (_anchor is not null)
            return AddAnchoredRoot(withDerivatives, up, tilt, tiltSlope);
        (double turn, double turnSlope) = Tamed(forward.X / TurnDeviation, 1.5);
        if (withDerivatives)
        {
            AddTurnedDirection(Skeleton.Pelvis, up, 2, tilt, tiltSlope / TiltDeviation);
            AddTurnedDirection(Skeleton.Pelvis, forward, 0, turn, turnSlope / TurnDeviation);
        }
        return tilt * tilt + turn * turn;
    }

    // The rotation of the root is relative to the start of the objective, which is the anchor.
    private double AddAnchoredRoot(bool withDerivatives, Vector3D up, double tilt, double tiltSlope)
    {
        if (withDerivatives)
            AddTurnedDirection(Skeleton.Pelvis, up, 2, tilt, tiltSlope / TiltDeviation);
        double sum = tilt * tilt;
        for (int axis = 0; axis < 3; axis++)
        {
            double unit = RootDeviation / AnchorRootWidth, residual = unit * Point[RootOffset + axis];
            sum += residual * residual;
            if (withDerivatives)
                AddDiagonal(RootOffset + axis, residual, unit);
        }
        return sum;
    }

    /// <summary>Adds the facing of the head: a visible face points towards the camera; a head with ears and no face, away from
    /// it.</summary>
    private double AddFacing(bool withDerivatives)
    {
        Vector3D forward = _pose.World[Skeleton.Head].Column(2);
        double wrong = (_target.FaceSeen ? Math.Max(0, forward.Z + 0.1) : _target.FaceHidden ? Math.Max(0, -forward.Z)
            : 0) / FacingDeviation;
        if (withDerivatives && wrong > 0)
            AddTurnedDirection(Skeleton.Head, forward, 2, wrong, (_target.FaceSeen ? 1 : -1) / FacingDeviation);
        return wrong * wrong;
    }

    private void AddTurnedDirection(int joint, Vector3D direction, int component, double residual, double unit)
    {
        Array.Clear(_row);
        foreach (Turn turn in _turns)
        {
            if (_pose.Carries(turn.Joint, joint))
                _row[turn.Unknown] += unit * Vector3D.Cross(turn.Direction, direction)[component];
        }
        AddRow(residual);
    }

    /// <summary>Adds a residual with the derivatives in <c>_row</c>. Only the upper triangle of the Hessian, with the diagonal, is
    /// updated.</summary>
    private void AddRow(double residual)
    {
        double[] h = _hessian.Values, g = _gradient.Values;
        for (int i = 0; i < _row.Length; i++)
        {
            double d = _row[i];
            if (d == 0)
                continue;
            g[i] += d * residual;
            Span<double> right = h.AsSpan(i * UnknownCount + i, UnknownCount - i);
            TensorPrimitives.MultiplyAdd(_row.AsSpan(i), d, right, right);
        }
    }

    private void AddDiagonal(int unknown, double residual, double slope)
    {
        _gradient.Values[unknown] += slope * residual;
        _hessian.Values[unknown * (UnknownCount + 1)] += slope * slope;
    }

    /// <summary>Computes r / (1 + (r/c)^2)^(1/4) and its slope. Its square is r^2 near 0 and grows linearly far out, so that one wrong
    /// mark or one unusual pose does not dominate the fit.</summary>
    private static (double Residual, double Slope) Tamed(double r, double c)
    {
        double q = 1 + r * r / (c * c), root = Math.Pow(q, -0.25);
        return (r * root, root * (1 - 0.5 * (q - 1) / q));
    }

    private Vector3D Axes(int joint) => new(_axes[3 * joint], _axes[3 * joint + 1], _axes[3 * joint + 2]);

    private static int ParentOf(int joint) => Skeleton.Parents[joint];

    /// <summary>The rotation of one joint by one unknown.</summary>
    private sealed class Turn(int unknown, int joint, int axis, double unit)
    {
        public int Unknown => unknown;

        public int Joint => joint;

        public int Axis => axis;

        public double Unit => unit;

        /// <summary>The rotation in the camera frame per unit of the unknown.</summary>
        public Vector3D Direction { get; set; }
    }
}
