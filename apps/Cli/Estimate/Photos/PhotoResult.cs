using Lwg.MLNet.Estimation;
using Lwg.MLNet.Keypoints;

namespace Lwg.MLNet.Cli.Photos;

/// <summary>The distances of points from marks, as shares of the person's size.</summary>
/// <param name="Mean">The mean distance.</param>
/// <param name="Within">The share of points with a distance below a tenth.</param>
/// <param name="WorstLimb">The largest distance of elbow, wrist, knee or ankle.</param>
internal sealed record PointErrors(double Mean, double Within, double WorstLimb)
{
    private const int FirstLimb = 7;
    private const double Near = 0.1;

    /// <summary>A body with larger errors counts as wrong.</summary>
    public const double WrongMean = 0.1, WrongLimb = 0.3;

    public bool IsWrong => Mean > WrongMean || WorstLimb > WrongLimb;

    /// <summary>Compares points with marks.</summary>
    /// <param name="at">Returns the position of each point in the picture.</param>
    /// <param name="marks">The marks.</param>
    public static PointErrors Of(Func<int, (float X, float Y)> at, KeypointSet marks)
    {
        double size = MarkedPhotograph.SizeOf(marks), sum = 0, limb = 0;
        int count = 0, near = 0;
        for (int k = 0; k < CocoSkeleton.KeypointCount; k++)
        {
            if (!marks.IsVisible(k))
                continue;
            (float x, float y) = at(k);
            double distance = Math.Sqrt(Math.Pow(x - marks[k].X, 2) + Math.Pow(y - marks[k].Y, 2)) / size;
            (sum, count, near) = (sum + distance, count + 1, near + (distance < Near ? 1 : 0));
            if (k >= FirstLimb && k is not (11 or 12))
                limb = Math.Max(limb, distance);
        }
        return new PointErrors(sum / count, (double)near / count, limb);
    }
}

/// <summary>The result of an estimator on one photograph.</summary>
internal sealed record PhotoResult
{
    /// <summary>Creates a result from a finding.</summary>
    /// <param name="photo">The photograph.</param>
    /// <param name="keypoints">The estimator's key points against the marks; null without marks or without a person.</param>
    /// <param name="body">The fitted body's key points against the marks; null without marks or without a body.</param>
    /// <param name="finding">The finding.</param>
    public PhotoResult(MarkedPhotograph photo, PointErrors? keypoints, PointErrors? body, PersonFinding finding) =>
        (Photo, Keypoints, Body, Status, FitError, BodyOverlap, Confidence, People, Disagreement) =
        (photo, keypoints, body, finding.Status, finding.FitError, finding.BodyOverlap, finding.Confidence, finding.PeopleCount,
        finding.Disagreement);

    public MarkedPhotograph Photo { get; }

    public PointErrors? Keypoints { get; }

    public PointErrors? Body { get; }

    public PersonFindingStatus Status { get; }

    public float FitError { get; }

    public float BodyOverlap { get; }

    public float Confidence { get; }

    public int People { get; }

    public float Disagreement { get; }

    public bool IsAccepted => Status == PersonFindingStatus.Found || (Photo.Box is not null && Status == PersonFindingStatus.SeveralPeople);

    /// <summary>Whether the picture was accepted although it shows no person, or although the body is wrong.</summary>
    public bool IsSilentFailure => IsAccepted && (Photo.IsEmpty || Body is { IsWrong: true });

    /// <summary>Whether the picture was refused although the body is right.</summary>
    public bool IsWronglyRefused => !IsAccepted && Photo.Marks is not null && Body is not { IsWrong: true };
}
