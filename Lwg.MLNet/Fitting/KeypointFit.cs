using System.Collections.Concurrent;
using Lwg.MLNet.Body;
using Lwg.MLNet.Keypoints;
using Lwg.MLNet.Metrics;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Double;
using MathNet.Numerics.Optimization;

namespace Lwg.MLNet.Fitting;

/// <summary>The effort of a <see cref="KeypointFit"/>.</summary>
public sealed class KeypointFitOptions
{
    /// <summary>Iterations of each first attempt; the best attempts are continued. At least 1. Default 8.</summary>
    public int ScoutIterations { get; init; } = 8;

    /// <summary>How many of the first attempts are continued; 1 to 8. Default 3.</summary>
    public int Finalists { get; init; } = 3;

    /// <summary>Maximum iterations of each continued attempt; at least 1. Default 60.</summary>
    public int MaximumIterations { get; init; } = 60;

    /// <summary>Iterations of each of the three rounds that fit the outline to a silhouette; at least 1. Default 12.</summary>
    public int OutlineIterations { get; init; } = 12;
}

/// <summary>The result of a fit.</summary>
/// <param name="Smpl">The 85 SMPL parameters (<see cref="SmplLayout"/>), in the camera frame of the square.</param>
/// <param name="Error">The mean distance between the key points of the body and the visible marked ones, as a fraction of the person's
/// height.</param>
/// <param name="PointErrors">The distance for each of the 17 key points; NaN if the key point is absent.</param>
/// <param name="Cost">The minimised weighted sum of squares, priors included. Comparable only between fits of one picture.</param>
public sealed record KeypointFitResult(float[] Smpl, float Error, float[] PointErrors, double Cost);

/// <summary>
/// Fits a body to 17 COCO key points, similar to SMPLify (Bogo et al. 2016) but with simpler priors: weak perspective camera, pose near a
/// relaxed standing rest within the limits of the joints, shape near the mean. Uses Levenberg-Marquardt from several facings. The priors,
/// the left and right sides, and whether the face is visible resolve the ambiguity in depth. Safe to share between threads.
/// </summary>
public sealed class KeypointFit
{
    /// <summary>The minimum number of visible key points.</summary>
    public const int MinimumVisible = 6;

    private const int OutlineRounds = 3;

    // Landmarks in space start so close to the solution that fewer iterations and fewer outline points are enough: on photographs the
    // mean error changes by at most 0.1 % of the person's size.
    private const int OutlineIterationsNear = 5, OutlineStepNear = 2;

    private static readonly double[] s_facings = [0, 45, -45, 90, -90, 135, -135, 180];

    private readonly BodyModel _body;
    private readonly KeypointModel _model;
    private readonly Lazy<KeypointModel> _outlineModel;
    private readonly KeypointFitOptions _options;
    private readonly ConcurrentBag<SilhouetteContour> _contours = [];

    /// <summary>Prepares a body for fitting.</summary>
    /// <param name="body">The body.</param>
    /// <param name="options">The effort; null for the defaults.</param>
    /// <exception cref="BodyMismatchException">The body has no key points.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public KeypointFit(BodyModel body, KeypointFitOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(body);
        _options = options ?? new KeypointFitOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.ScoutIterations, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.MaximumIterations, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.OutlineIterations, 1, nameof(options));
        if (_options.Finalists is < 1 or > 8)
            throw new ArgumentOutOfRangeException(nameof(options), _options.Finalists, "1 to 8 of the first attempts can be continued.");
        (_body, _model) = (body, new KeypointModel(body));
        _outlineModel = new Lazy<KeypointModel>(() => new KeypointModel(body, SilhouetteContour.Candidates(body)));
    }

    /// <summary>The body that is fitted.</summary>
    public BodyModel Body => _body;

    /// <summary>Fits one person.</summary>
    /// <param name="keypoints">The key points, in pixels of the square.</param>
    /// <param name="size">The side of the square, S, pixels.</param>
    /// <param name="cancellationToken">Cancels the fit between two attempts.</param>
    /// <exception cref="ArgumentOutOfRangeException">The side is below 1.</exception>
    /// <exception cref="KeypointInputException">Fewer than 6 key points are visible, no shoulder or no hip is, or all are in one
    /// place.</exception>
    /// <exception cref="OperationCanceledException">The fit was cancelled.</exception>
    public KeypointFitResult Fit(KeypointSet keypoints, int size, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keypoints);
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        CheckEnough(keypoints);
        KeypointTarget target = KeypointTarget.Of(keypoints, size, _model);

        var scouts = new List<KeypointObjective>();
        foreach (double facing in s_facings)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var objective = new KeypointObjective(_model, target, StartingRoot(keypoints, facing));
            objective.EvaluateAt(new DenseVector(KeypointObjective.UnknownCount));
            Minimise(objective, objective.WithFittedCamera(), _options.ScoutIterations);
            scouts.Add(objective);
        }
        KeypointObjective? best = null;
        foreach (KeypointObjective objective in scouts.OrderBy(o => o.Value).Take(_options.Finalists))
        {
            cancellationToken.ThrowIfCancellationRequested();
            Minimise(objective, objective.Point, _options.MaximumIterations);
            if (best is null || objective.Value < best.Value)
                best = objective;
        }
        float[] smpl = new float[SmplLayout.ParameterCount];
        best!.CopyTo(smpl);
        return Judge(smpl, keypoints, size, best.Value);
    }

    /// <summary>Fits one person to key points and a silhouette: the outline of trunk and limbs is fitted to the edge of the
    /// silhouette.</summary>
    /// <param name="start">The 85 SMPL parameters to start from: a fit to the key points alone, or an estimate.</param>
    /// <param name="keypoints">The key points, in pixels of the square.</param>
    /// <param name="person">The silhouette of the person [S,S], above a half inside, hair and clothes included.</param>
    /// <param name="size">The side of the square, S, pixels.</param>
    /// <param name="cancellationToken">Cancels the fit between two rounds.</param>
    /// <exception cref="ArgumentException">There are not 85 parameters, or the silhouette does not have S x S elements.</exception>
    /// <exception cref="KeypointInputException">Fewer than 6 key points are visible, no shoulder or no hip is, or all are in one
    /// place.</exception>
    /// <exception cref="OperationCanceledException">The fit was cancelled.</exception>
    public KeypointFitResult Refine(ReadOnlySpan<float> start, KeypointSet keypoints, ReadOnlySpan<float> person, int size,
        CancellationToken cancellationToken = default)
    {
        SmplLayout.Check(start, nameof(start));
        ArgumentNullException.ThrowIfNull(keypoints);
        if (person.Length != size * size)
            throw new ArgumentException($"For S = {size} a silhouette has {size * size} elements, but {person.Length} were given.",
                nameof(person));
        CheckEnough(keypoints);
        KeypointModel model = _outlineModel.Value;
        KeypointTarget target = KeypointTarget.Of(keypoints, size, model);
        KeypointObjective objective = KeypointObjective.StartingAt(model, target, start);
        float[] smpl = start.ToArray();
        DrawTo(person, size, objective, smpl, cancellationToken);
        return Judge(smpl, keypoints, size, objective.Value);
    }

    /// <summary>Fits one person from an estimate of pose and shape, and optionally a silhouette. Parameters that key points and
    /// silhouette do not determine keep the estimated values, where <see cref="Fit"/> uses a relaxed standing pose.</summary>
    /// <param name="estimate">The 85 estimated SMPL parameters.</param>
    /// <param name="keypoints">The key points, in pixels of the square.</param>
    /// <param name="person">The silhouette of the person [S,S], above a half inside, hair and clothes included; empty if it is
    /// unknown.</param>
    /// <param name="size">The side of the square, S, pixels.</param>
    /// <param name="cancellationToken">Cancels the fit between two rounds.</param>
    /// <exception cref="ArgumentException">There are not 85 parameters, or the silhouette does not have S x S elements.</exception>
    /// <exception cref="KeypointInputException">Fewer than 6 key points are visible, no shoulder or no hip is, or all are in one
    /// place.</exception>
    /// <exception cref="OperationCanceledException">The fit was cancelled.</exception>
    public KeypointFitResult FitNear(ReadOnlySpan<float> estimate, KeypointSet keypoints, ReadOnlySpan<float> person, int size,
        CancellationToken cancellationToken = default) =>
        FitNear(estimate, keypoints, person, size, null, cancellationToken);

    /// <summary>Fits one person from an estimate and the output of a landmark network.</summary>
    internal KeypointFitResult FitNear(ReadOnlySpan<float> estimate, KeypointSet keypoints, ReadOnlySpan<float> person, int size,
        BodyLandmarks? landmarks, CancellationToken cancellationToken = default)
    {
        SmplLayout.Check(estimate, nameof(estimate));
        ArgumentNullException.ThrowIfNull(keypoints);
        if (!person.IsEmpty && person.Length != size * size)
            throw new ArgumentException($"For S = {size} a silhouette has {size * size} elements, but {person.Length} were given.",
                nameof(person));
        CheckEnough(keypoints);
        cancellationToken.ThrowIfCancellationRequested();
        KeypointModel model = person.IsEmpty ? _model : _outlineModel.Value;
        KeypointObjective objective = KeypointObjective.StartingAt(model, KeypointTarget.Of(keypoints, size, model, landmarks), estimate);
        objective.AnchorHere();
        Minimise(objective, objective.WithFittedCamera(), _options.MaximumIterations);
        float[] smpl = new float[SmplLayout.ParameterCount];
        objective.CopyTo(smpl);
        if (!person.IsEmpty)
            DrawTo(person, size, objective, smpl, cancellationToken, isNear: landmarks is not null);
        return Judge(smpl, keypoints, size, objective.Value);
    }

    /// <summary>Computes the pose of landmarks in space, with the mean shape and the camera that best maps its key points to those in the
    /// picture.</summary>
    /// <param name="keypoints">The key points, in pixels of the square.</param>
    /// <param name="landmarks">The landmarks.</param>
    /// <param name="size">The side of the square, S, pixels.</param>
    /// <param name="smpl">Receives the 85 SMPL parameters.</param>
    /// <exception cref="KeypointInputException">All key points are in one place.</exception>
    internal void Guess(KeypointSet keypoints, BodyLandmarks landmarks, int size, Span<float> smpl)
    {
        Span<double> pose = stackalloc double[SmplLayout.PoseCount];
        var person = new Smpl(smpl);
        LandmarkPose.Find(_model, landmarks, pose);
        smpl.Clear();
        person.Scale = 1;
        for (int i = 0; i < pose.Length; i++)
            person.Pose[i] = (float)pose[i];
        KeypointObjective objective = KeypointObjective.StartingAt(_model, KeypointTarget.Of(keypoints, size, _model, landmarks), smpl);
        objective.EvaluateAt(objective.WithFittedCamera());
        objective.CopyTo(smpl);
    }

    private void DrawTo(ReadOnlySpan<float> person, int size, KeypointObjective objective, float[] smpl,
        CancellationToken cancellationToken, bool isNear = false)
    {
        var field = new SilhouetteField(person, size);
        SilhouetteContour contour = _contours.TryTake(out SilhouetteContour? kept) ? kept : new SilhouetteContour(_body);
        var outline = new List<int>();
        (int iterations, int step) = isNear ? (Math.Min(_options.OutlineIterations, OutlineIterationsNear), OutlineStepNear)
            : (_options.OutlineIterations, 1);
        for (int round = 0; round < OutlineRounds; round++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            contour.Find(smpl, outline);
            objective.DrawTo(field, [.. outline.Where((_, i) => i % step == 0).Select(c => KeypointModel.OutlineOffset + c)]);
            Minimise(objective, objective.Point, iterations);
            objective.CopyTo(smpl);
        }
        _contours.Add(contour);
    }

    private static void Minimise(KeypointObjective objective, Vector<double> from, int iterations)
    {
        var minimiser = new LevenbergMarquardtMinimizer(initialMu: 1e-3, gradientTolerance: 1e-6, stepTolerance: 1e-5,
            functionTolerance: 1e-6, maximumIterations: iterations);
        objective.EvaluateAt(minimiser.FindMinimum(objective, from).MinimizingPoint);
    }

    private static void CheckEnough(KeypointSet keypoints)
    {
        int visible = keypoints.VisibleCount;
        bool torso = (keypoints.IsVisible(CocoSkeleton.LeftShoulder) || keypoints.IsVisible(CocoSkeleton.RightShoulder))
            && (keypoints.IsVisible(CocoSkeleton.LeftHip) || keypoints.IsVisible(CocoSkeleton.RightHip));
        if (visible < MinimumVisible || !torso)
            throw new KeypointInputException(
                $"{visible} key points are visible{(torso ? "" : ", without a shoulder and a hip")}; a fit needs at least "
                + $"{MinimumVisible}, a shoulder and a hip among them.");
    }

    /// <summary>Returns the rotation of the root: facing the camera (0), with its left side to the left (90)..., and rolled to the
    /// direction from hips to shoulders in the picture.</summary>
    private static Matrix3D StartingRoot(KeypointSet keypoints, double facing)
    {
        (double shoulderX, double shoulderY) = Middle(keypoints, CocoSkeleton.LeftShoulder, CocoSkeleton.RightShoulder);
        (double hipX, double hipY) = Middle(keypoints, CocoSkeleton.LeftHip, CocoSkeleton.RightHip);
        double roll = Math.Atan2(shoulderX - hipX, hipY - shoulderY);
        return Matrix3D.Rotation(new Vector3D(0, 0, roll)) * Matrix3D.Rotation(new Vector3D(Math.PI, 0, 0))
            * Matrix3D.Rotation(new Vector3D(0, double.DegreesToRadians(facing), 0));
    }

    private static (double X, double Y) Middle(KeypointSet keypoints, int left, int right)
    {
        int a = keypoints.IsVisible(left) ? left : right, b = keypoints.IsVisible(right) ? right : left;
        return ((keypoints[a].X + keypoints[b].X) / 2.0, (keypoints[a].Y + keypoints[b].Y) / 2.0);
    }

    private KeypointFitResult Judge(float[] smpl, KeypointSet keypoints, int size, double cost)
    {
        var posed = new PosedBody(_body);
        _body.Pose(smpl, posed);
        float[] errors = KeypointError.OfPoints(posed.Keypoints2D, keypoints, size);
        return new KeypointFitResult(smpl, KeypointError.Mean(errors), errors, cost);
    }
}
