using System.Collections.Concurrent;
using Lwg.MLNet.Body;
using Lwg.MLNet.Keypoints;
using Lwg.MLNet.Metrics;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Double;
using MathNet.Numerics.Optimization;

namespace Lwg.MLNet.Fitting;

/// <summary>How hard a <see cref="KeypointFit"/> tries.</summary>
public sealed class KeypointFitOptions
{
    /// <summary>Iterations of each first try, from which the most promising are taken; at least 1. Default 8.</summary>
    public int ScoutIterations { get; init; } = 8;

    /// <summary>How many of the first tries are carried on; 1 to 8. Default 3.</summary>
    public int Finalists { get; init; } = 3;

    /// <summary>Most iterations of each that is carried on; at least 1. Default 60.</summary>
    public int MaximumIterations { get; init; } = 60;

    /// <summary>Iterations of each of the three rounds that draw the outline to a silhouette; at least 1. Default 12.</summary>
    public int OutlineIterations { get; init; } = 12;
}

/// <summary>What a fit found.</summary>
/// <param name="Smpl">The 85 SMPL numbers (<see cref="SmplLayout"/>), in the square's camera frame.</param>
/// <param name="Error">Mean distance between the body's and the visible marked key points, as a share of the person's height.</param>
/// <param name="PointErrors">The same for each of the 17 key points; NaN where one is absent.</param>
/// <param name="Cost">The weighted sum of squares that was made small, priors included; comparable between fits of one picture
/// only.</param>
public sealed record KeypointFitResult(float[] Smpl, float Error, float[] PointErrors, double Cost);

/// <summary>
/// Fits a body to 17 COCO key points, in the manner of SMPLify (Bogo et al. 2016) but with simple priors of our own: weak perspective
/// camera, pose near a relaxed standing rest within the joints' limits, shape near the mean. Levenberg-Marquardt from several facings; what
/// a picture leaves open in depth is settled by the priors, by which side is left, and by whether a face is seen. Safe to share between
/// threads.
/// </summary>
public sealed class KeypointFit
{
    /// <summary>How many key points must be visible.</summary>
    public const int MinimumVisible = 6;

    private const int OutlineRounds = 3;

    // Landmarks in space begin so near that fewer steps to fewer points of the outline bring the same: on photographs the mean error
    // changes by 0.1 % of the person's size at most.
    private const int OutlineIterationsNear = 5, OutlineStepNear = 2;

    private static readonly double[] s_facings = [0, 45, -45, 90, -90, 135, -135, 180];

    private readonly BodyModel _body;
    private readonly KeypointModel _model;
    private readonly Lazy<KeypointModel> _outlineModel;
    private readonly KeypointFitOptions _options;
    private readonly ConcurrentBag<SilhouetteContour> _contours = [];

    /// <summary>Prepares a body for fitting.</summary>
    /// <param name="body">The body.</param>
    /// <param name="options">How hard to try; null for the defaults.</param>
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
            throw new ArgumentOutOfRangeException(nameof(options), _options.Finalists, "1 to 8 of the first tries can be carried on.");
        (_body, _model) = (body, new KeypointModel(body));
        _outlineModel = new Lazy<KeypointModel>(() => new KeypointModel(body, SilhouetteContour.Candidates(body)));
    }

    /// <summary>The body that is fitted.</summary>
    public BodyModel Body => _body;

    /// <summary>Fits one person.</summary>
    /// <param name="keypoints">The key points, in pixels of the square.</param>
    /// <param name="size">The square's pixels a side, S.</param>
    /// <param name="cancellationToken">Ends the fit between two tries.</param>
    /// <exception cref="KeypointInputException">Fewer than 6 visible key points, no shoulder or no hip among them, or all in one
    /// place.</exception>
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

    /// <summary>Fits one person whose silhouette is known, too: the outline of trunk and limbs is drawn to the silhouette's edge.</summary>
    /// <param name="start">The 85 numbers to start from: a fit to the key points alone, or an estimator's.</param>
    /// <param name="keypoints">The key points, in pixels of the square.</param>
    /// <param name="person">The person's silhouette [S,S], above a half inside, hair and clothes included.</param>
    /// <param name="size">The square's pixels a side, S.</param>
    /// <param name="cancellationToken">Ends the fit between two rounds.</param>
    /// <exception cref="KeypointInputException">Fewer than 6 visible key points, no shoulder or no hip among them, or all in one
    /// place.</exception>
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

    /// <summary>
    /// Fits one person of whom an estimator has told pose and shape, and perhaps the silhouette: what key points and silhouette leave open
    /// stays as it was told, where <see cref="Fit"/> falls back on a relaxed stand.
    /// </summary>
    /// <param name="estimate">The estimator's 85 numbers.</param>
    /// <param name="keypoints">The key points, in pixels of the square.</param>
    /// <param name="person">The person's silhouette [S,S], above a half inside, hair and clothes included; empty where it is not
    /// known.</param>
    /// <param name="size">The square's pixels a side, S.</param>
    /// <param name="cancellationToken">Ends the fit between two rounds.</param>
    /// <exception cref="KeypointInputException">Fewer than 6 visible key points, no shoulder or no hip among them, or all in one
    /// place.</exception>
    public KeypointFitResult FitNear(ReadOnlySpan<float> estimate, KeypointSet keypoints, ReadOnlySpan<float> person, int size,
        CancellationToken cancellationToken = default) =>
        FitNear(estimate, keypoints, person, size, null, cancellationToken);

    /// <summary>The same with what a landmark network tells besides.</summary>
    internal KeypointFitResult FitNear(ReadOnlySpan<float> estimate, KeypointSet keypoints, ReadOnlySpan<float> person, int size,
        BodyLandmarks? landmarks, CancellationToken cancellationToken = default)
    {
        SmplLayout.Check(estimate, nameof(estimate));
        ArgumentNullException.ThrowIfNull(keypoints);
        if (!person.IsEmpty && person.Length != size * size)
            throw new ArgumentException($"For S = {size} a silhouette has {size * size} elements, but {person.Length} were given.",
                nameof(person));
        CheckEnough(keypoints);
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

    /// <summary>The pose that landmarks in space tell, in a camera that lays its key points on those in the picture; the mean
    /// shape.</summary>
    /// <param name="keypoints">The key points, in pixels of the square.</param>
    /// <param name="landmarks">The landmarks.</param>
    /// <param name="size">The square's pixels a side, S.</param>
    /// <param name="smpl">Receives the 85 numbers.</param>
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

    /// <summary>The root's rotation: facing the camera (0), its left side to the left (90)..., the torso's direction in the picture from
    /// hips to shoulders.</summary>
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
