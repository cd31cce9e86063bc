using System.Globalization;
using Lwg.MLNet.Body;
using Lwg.MLNet.Fitting;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Keypoints;

namespace Lwg.MLNet.Estimation;

/// <summary>The options of a <see cref="PersonFinder"/>.</summary>
public sealed record PersonFindingOptions
{
    /// <summary>Whether the body is fitted to the network's key points and mask (<see cref="KeypointFit"/>). Default true.</summary>
    public bool Refine { get; init; } = true;

    /// <summary>The least probability that there is a person, 0 to 1.</summary>
    public float MinimumPresence { get; init; } = 0.5f;

    /// <summary>The least confidence of a key point, 0 to 1.</summary>
    public float MinimumConfidence { get; init; } = 0.2f;

    /// <summary>The probability of a second person from which on there are several, 0 to 1.</summary>
    public float SeveralFrom { get; init; } = 0.85f;

    /// <summary>
    /// Whether a body that is cut off by the picture's edge is fitted to its visible part; the part outside is a guess, and the status
    /// reports it. Requires an estimator with key points outside the picture, such as BlazePose.
    /// </summary>
    public bool FitCutOff { get; init; }

    /// <summary>Whether other people in the picture are ignored and the person found is accepted. Default false.</summary>
    public bool AcceptSeveral { get; init; }

    /// <summary>The index of the person by prominence, 0 for the most prominent; null if there should be one person. Only BlazePose
    /// distinguishes several people.</summary>
    public int? PersonIndex { get; init; }

    /// <summary>
    /// For consecutive frames of one film: the number of frames over which the person is tracked from frame to frame before the whole
    /// frame is searched again, 0 to 10000; 0 for unrelated pictures. Tracking is faster and steadier. Only BlazePose supports it.
    /// </summary>
    public int FollowFrames { get; init; }

    /// <summary>Whether a body that contradicts the observation is reported as unclear. Default true.</summary>
    public bool Doubts { get; init; } = true;

    /// <summary>
    /// Whether a fitted body's key points are the means of several estimates: on the whole picture, on closer squares around the person,
    /// and on the mirror image of the last one. <see cref="MaximumDisagreement"/> limits the distance between them. Only the library's
    /// estimator does this. Default true.
    /// </summary>
    public bool AveragesEstimates { get; init; } = true;

    /// <summary>
    /// The largest mean distance between the fitted body's key points and the estimator's, as a share of the person's height, for a body
    /// to count as found; 0 to 1. Null for the measured default of the estimator.
    /// </summary>
    public float? MaximumFitError { get; init; }

    /// <summary>The least overlap of the fitted body's silhouette with the mask, intersection over union, for a body to count as found; 0
    /// to 1. Null for the measured default of the estimator.</summary>
    public float? MinimumBodyOverlap { get; init; }

    /// <summary>
    /// The largest mean distance between several estimates of the key points, as a share of the person's size, for a body to count as
    /// found; 0 to 1. Null for the measured default of the estimator. Requires <see cref="AveragesEstimates"/>.
    /// </summary>
    public float? MaximumDisagreement { get; init; }

    /// <summary>Validates the options.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public void Check()
    {
        if (PersonIndex is < 0)
            throw new ArgumentOutOfRangeException(nameof(PersonIndex), PersonIndex, "0 or more is allowed.");
        if (FollowFrames is < 0 or > 10_000)
            throw new ArgumentOutOfRangeException(nameof(FollowFrames), FollowFrames, "0 to 10000 are allowed.");
        foreach ((float? value, string name) in new (float?, string)[]
        {
            (MinimumPresence, nameof(MinimumPresence)), (MinimumConfidence, nameof(MinimumConfidence)), (SeveralFrom, nameof(SeveralFrom)),
            (MaximumFitError, nameof(MaximumFitError)), (MinimumBodyOverlap, nameof(MinimumBodyOverlap)),
            (MaximumDisagreement, nameof(MaximumDisagreement)),
        })
        {
            if (!(value is null or (>= 0 and <= 1)))
                throw new ArgumentOutOfRangeException(name, value, "0 to 1 are allowed.");
        }
    }
}

/// <summary>
/// Finds the person in a picture: an estimator gives key points and a mask, and the body is fitted to them. Use an instance on one thread
/// at a time.
/// </summary>
internal sealed class PersonFinder : IDisposable
{
    private const float LeastScale = 0.01f;

    private readonly IPersonObserver _observer;
    private readonly PersonFindingOptions _options;
    private readonly KeypointFit _fit;
    private readonly BodyOverlap _overlap;
    private readonly float[] _silhouette;
    private readonly int _cropSize;

    /// <summary>Creates a finder.</summary>
    /// <param name="estimator">An estimator that gives key points and a mask.</param>
    /// <param name="body">The body that is fitted.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <exception cref="ArgumentException">The estimator gives no key points or no mask, or an option is outside its range.</exception>
    /// <exception cref="BodyMismatchException">The body has no key points.</exception>
    public PersonFinder(SmplEstimator estimator, BodyModel body, PersonFindingOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(estimator);
        ArgumentNullException.ThrowIfNull(body);
        if (!estimator.EstimatesKeypoints || estimator.MaskSize == 0)
            throw new ArgumentException("A finder needs an estimator that gives key points and a mask.", nameof(estimator));
        _options = options ?? new PersonFindingOptions();
        _options.Check();
        (_fit, _overlap) = (new KeypointFit(body), new BodyOverlap(body));
        _observer = estimator is IPersonObserverSource source ? source.CreateObserver(_options)
            : new LearnedPersonObserver(estimator, _options);
        _cropSize = estimator.PictureSize;
        _silhouette = new float[_cropSize * _cropSize];
        Finding = new PersonFinding(estimator.MaskSize);
    }

    /// <summary>The last result.</summary>
    public PersonFinding Finding { get; }

    private PersonObservation Seen => _observer.Seen;

    /// <summary>Finds the person.</summary>
    /// <param name="picture">The picture.</param>
    /// <returns><see cref="Finding"/>.</returns>
    /// <exception cref="LwgException">The estimator gave values that are not finite.</exception>
    public PersonFinding Find(PixelBuffer picture) => Find(picture, null, []);

    /// <summary>Finds the person around a position.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="where">The first square to search: maps its pixels to the picture's.</param>
    /// <returns><see cref="Finding"/>.</returns>
    /// <exception cref="LwgException">The estimator gave values that are not finite.</exception>
    public PersonFinding Find(PixelBuffer picture, CropTransform where) => Find(picture, where, []);

    /// <summary>Finds the person, and copies body and mask if the status is <see cref="PersonFindingStatus.Found"/>.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="smpl">Receives the 85 SMPL parameters.</param>
    /// <param name="mask">Receives the mask [G,G] over the square of the picture's longer side at its top left.</param>
    /// <param name="maskSize">G.</param>
    /// <returns>Whether the status is that; otherwise nothing is copied.</returns>
    /// <exception cref="LwgException">The estimator gave values that are not finite.</exception>
    public bool TryFind(PixelBuffer picture, Span<float> smpl, Span<float> mask, int maskSize)
    {
        if (Find(picture).Status != PersonFindingStatus.Found)
            return false;
        Finding.Smpl.CopyTo(smpl);
        Finding.CopyMask(_cropSize, Math.Max(picture.Width, picture.Height), mask, maskSize);
        return true;
    }

    /// <summary>Releases the network.</summary>
    public void Dispose() => _observer.Dispose();

    /// <summary>Finds the person of an earlier observation, or around a position, or in the whole picture.</summary>
    internal PersonFinding Find(PixelBuffer picture, CropTransform? where, ReadOnlySpan<float> earlier)
    {
        ArgumentNullException.ThrowIfNull(picture);
        if (_observer.Observe(picture, where, earlier))
            Tell(Math.Max(picture.Width, picture.Height));
        else
            TellNobody();
        return Finding;
    }

    private void TellNobody()
    {
        (Finding.Status, Finding.Confidence, Finding.Crop, Finding.Box, Finding.FitError) =
            (PersonFindingStatus.Nobody, Seen.Confidence, Seen.Crop, default, 0);
        (Finding.PeopleCount, Finding.BodyOverlap, Finding.Disagreement, Finding.Doubt) = (0, 0, 0, null);
        Array.Clear(Finding.Smpl);
        Array.Clear(Finding.UnrefinedSmpl);
        Array.Clear(Finding.Keypoints);
        Array.Clear(Finding.Mask);
    }

    private void Tell(int side)
    {
        (Finding.Crop, Finding.Box, Finding.Confidence, Finding.PeopleCount) =
            (Seen.Crop, Seen.Box, Seen.Confidence, Math.Max(Seen.People, 1));
        (Finding.FitError, Finding.BodyOverlap, Finding.Disagreement, Finding.Doubt) = (0, 0, Seen.Disagreement, null);
        Seen.Keypoints.CopyTo(Finding.Keypoints, 0);
        Seen.Mask.CopyTo(Finding.Mask, 0);
        int seen = 0;
        for (int k = 2; k < Finding.Keypoints.Length; k += 3)
        {
            if (Finding.Keypoints[k] >= _options.MinimumConfidence)
                seen++;
            else
                Finding.Keypoints[k] = 0;
        }
        bool enough = seen >= KeypointFit.MinimumVisible && (IsSeen(CocoSkeleton.LeftShoulder) || IsSeen(CocoSkeleton.RightShoulder))
            && (IsSeen(CocoSkeleton.LeftHip) || IsSeen(CocoSkeleton.RightHip));
        Finding.Status = !enough || Seen.IsCutOff ? PersonFindingStatus.CutOff : Seen.People > 1 && !_options.AcceptSeveral
            && _options.PersonIndex is null ? PersonFindingStatus.SeveralPeople : PersonFindingStatus.Found;
        FitBody(enough);
        // A detection this small in the closest square is not a person.
        if (enough && !(new ReadOnlySmpl(Finding.Smpl).Scale >= LeastScale && new ReadOnlySmpl(Finding.UnrefinedSmpl).Scale >= LeastScale))
        {
            TellNobody();
            return;
        }
        ToPicture(Finding.Smpl, side);
        ToPicture(Finding.UnrefinedSmpl, side);
        if (enough && !Seen.IsCutOff && _options.Refine && _options.Doubts && Doubt() is { } doubt)
            (Finding.Status, Finding.Doubt) = (PersonFindingStatus.Unclear, doubt);

        bool IsSeen(int k) => Finding.Keypoints[3 * k + 2] > 0;
    }

    // The first reason to doubt the result.
    private string? Doubt()
    {
        PersonDoubts most = Seen.Doubts;
        float error = _options.MaximumFitError ?? most.FitError, overlap = _options.MinimumBodyOverlap
            ?? most.BodyOverlap, disagreement = _options.MaximumDisagreement ?? most.Disagreement;
        if (Finding.FitError > error)
            return string.Create(CultureInfo.InvariantCulture,
                $"no body fits the key points: the mean distance is {Finding.FitError:P1} of the person's height, and at most "
                + $"{error:P1} is allowed");
        if (Finding.BodyOverlap < overlap)
            return string.Create(CultureInfo.InvariantCulture,
                $"the body does not fit the person's outline: they overlap by {Finding.BodyOverlap:0.00}, and at least "
                + $"{overlap:0.00} is needed");
        if (Seen.Disagreement > disagreement)
            return string.Create(CultureInfo.InvariantCulture,
                $"several estimates give different key points: the mean distance is {Seen.Disagreement:P1} of the person's size, and at "
                + $"most {disagreement:P1} is allowed");
        return null;
    }

    // Starts with the estimator's body or a guess from its landmarks, then fits it to all observations.
    private void FitBody(bool enough)
    {
        Array.Clear(Finding.UnrefinedSmpl);
        Seen.Guess?.CopyTo(Finding.UnrefinedSmpl, 0);
        if (!enough)
        {
            Finding.UnrefinedSmpl.CopyTo(Finding.Smpl, 0);
            return;
        }
        KeypointSet keypoints = KeypointSet.Create(Finding.Keypoints).Transform(Seen.Crop.Inverse());
        BodyLandmarks? landmarks = Seen.Landmarks?.Transform(Seen.Crop.Inverse());
        if (Seen.Guess is null)
            _fit.Guess(keypoints, landmarks!, Seen.PictureSize, Finding.UnrefinedSmpl);
        if (!_options.Refine)
        {
            Finding.UnrefinedSmpl.CopyTo(Finding.Smpl, 0);
            return;
        }
        MaskGrid.Resize(Finding.Mask, _silhouette, Seen.PictureSize);
        KeypointFitResult result = _fit.FitNear(Finding.UnrefinedSmpl, keypoints, _silhouette, Seen.PictureSize, landmarks);
        result.Smpl.CopyTo(Finding.Smpl, 0);
        Finding.FitError = result.Error;
        Finding.BodyOverlap = _overlap.Of(Finding.Smpl, _silhouette, Seen.PictureSize);
    }

    private void ToPicture(float[] smpl, int side)
    {
        var person = new Smpl(smpl);
        if (person.Scale != 0)
            SmplEstimation.ToPicture(person, Seen.Crop, Seen.PictureSize, side);
    }
}
