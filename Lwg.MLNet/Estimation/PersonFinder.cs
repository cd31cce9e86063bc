using System.Globalization;
using Lwg.MLNet.Body;
using Lwg.MLNet.Fitting;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Keypoints;

namespace Lwg.MLNet.Estimation;

/// <summary>How a <see cref="PersonFinder"/> works.</summary>
public sealed record PersonFindingOptions
{
    /// <summary>Whether the body is fitted to the key points and the mask that the network tells (<see cref="KeypointFit"/>). Default
    /// true.</summary>
    public bool Refine { get; init; } = true;

    /// <summary>How sure it must be that somebody is there, 0 to 1.</summary>
    public float MinimumPresence { get; init; } = 0.5f;

    /// <summary>From which confidence on a key point counts, 0 to 1.</summary>
    public float MinimumConfidence { get; init; } = 0.2f;

    /// <summary>From how sure it is of a second person on there are several, 0 to 1.</summary>
    public float SeveralFrom { get; init; } = 0.85f;

    /// <summary>
    /// Whether the body of a person who is cut off by the picture's edge is fitted all the same, as far as it is seen; what is beyond is a
    /// guess, and the status tells. Only estimators whose key points go beyond the picture, as BlazePose's do, can guess.
    /// </summary>
    public bool FitCutOff { get; init; }

    /// <summary>Whether it does not matter that there are other people: the one who is found is meant. Default false.</summary>
    public bool AcceptSeveral { get; init; }

    /// <summary>Which of several people is meant, by prominence, 0 for the most prominent; null where there should be one. Only BlazePose
    /// tells several apart.</summary>
    public int? PersonIndex { get; init; }

    /// <summary>
    /// For pictures that are the frames of one film, in order: how many frames the person is followed from one to the next before the whole
    /// frame is searched again, 0 to 10000; 0 for pictures that have nothing to do with each other. Following is faster, and steadier. Only
    /// BlazePose follows.
    /// </summary>
    public int FollowFrames { get; init; }

    /// <summary>Whether a body is called unclear that contradicts what is seen. Default true.</summary>
    public bool Doubts { get; init; } = true;

    /// <summary>
    /// The largest mean distance between the fitted body's key points and the estimator's, as a share of the person's height, at which a
    /// body is called found; 0 to 1. Null for what was measured to be right for the estimator.
    /// </summary>
    public float? MaximumFitError { get; init; }

    /// <summary>The least overlap of the fitted body's silhouette with the mask, intersection over union, at which a body is called found;
    /// 0 to 1. Null for what was measured to be right for the estimator.</summary>
    public float? MinimumBodyOverlap { get; init; }

    /// <summary>
    /// The largest mean distance between the key points of a picture and those of its mirror image, as a share of the person's size, at
    /// which a body is called found; 0 to 1. Null for what was measured to be right for the estimator. Only the library's own estimator
    /// takes this second look.
    /// </summary>
    public float? MaximumDisagreement { get; init; }

    /// <summary>Says what is wrong with the options.</summary>
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
/// Finds the person in a picture: an estimator tells key points and a mask, and the body is fitted to what it saw. Serves one thread at a
/// time.
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

    /// <summary>Prepares.</summary>
    /// <param name="estimator">An estimator that tells key points and a mask.</param>
    /// <param name="body">The body that is fitted.</param>
    /// <param name="options">How to work; null for the defaults.</param>
    /// <exception cref="ArgumentException">The estimator tells no key points or no mask, or an option is outside its range.</exception>
    /// <exception cref="BodyMismatchException">The body has no key points.</exception>
    public PersonFinder(SmplEstimator estimator, BodyModel body, PersonFindingOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(estimator);
        ArgumentNullException.ThrowIfNull(body);
        if (!estimator.EstimatesKeypoints || estimator.MaskSize == 0)
            throw new ArgumentException("A finder needs an estimator that tells key points and a mask.", nameof(estimator));
        _options = options ?? new PersonFindingOptions();
        _options.Check();
        (_fit, _overlap) = (new KeypointFit(body), new BodyOverlap(body));
        _observer = estimator is IPersonObserverSource source ? source.CreateObserver(_options)
            : new LearnedPersonObserver(estimator, _options);
        _cropSize = estimator.PictureSize;
        _silhouette = new float[_cropSize * _cropSize];
        Finding = new PersonFinding(estimator.MaskSize);
    }

    /// <summary>What was found last.</summary>
    public PersonFinding Finding { get; }

    private PersonObservation Seen => _observer.Seen;

    /// <summary>Looks for the person.</summary>
    /// <param name="picture">The picture.</param>
    /// <returns><see cref="Finding"/>.</returns>
    /// <exception cref="LwgException">The estimator gave numbers that are not finite.</exception>
    public PersonFinding Find(PixelBuffer picture) => Find(picture, null, []);

    /// <summary>Looks for the person around a place.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="where">The first square to look at: maps its pixels to the picture's.</param>
    /// <returns><see cref="Finding"/>.</returns>
    /// <exception cref="LwgException">The estimator gave numbers that are not finite.</exception>
    public PersonFinding Find(PixelBuffer picture, CropTransform where) => Find(picture, where, []);

    /// <summary>Looks for the person, and copies body and mask where it is found without doubt.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="smpl">Receives the 85 numbers.</param>
    /// <param name="mask">Receives the mask [G,G] over the square of the picture's longer side at its top left.</param>
    /// <param name="maskSize">G.</param>
    /// <returns>Whether it is; if not, nothing is copied.</returns>
    /// <exception cref="LwgException">The estimator gave numbers that are not finite.</exception>
    public bool TryFind(PixelBuffer picture, Span<float> smpl, Span<float> mask, int maskSize)
    {
        if (Find(picture).Status != PersonFindingStatus.Found)
            return false;
        Finding.Smpl.CopyTo(smpl);
        Finding.CopyMask(_cropSize, Math.Max(picture.Width, picture.Height), mask, maskSize);
        return true;
    }

    /// <summary>Lets go of the network.</summary>
    public void Dispose() => _observer.Dispose();

    /// <summary>Looks for the person whom an earlier look saw, or around a place, or in the whole picture.</summary>
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
        // A person that is so small where it was looked at closest is none.
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

    // The first reason not to believe what was found.
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
                $"the picture and its mirror image give different key points: the mean distance is {Seen.Disagreement:P1} of the "
                + $"person's size, and at most {disagreement:P1} is allowed");
        return null;
    }

    // What the estimator says of the body, or what its landmarks say; then the fit to all that was seen.
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
