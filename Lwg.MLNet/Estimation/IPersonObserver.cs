using Lwg.MLNet.Fitting;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Keypoints;

namespace Lwg.MLNet.Estimation;

/// <summary>An estimator that creates observers, which find people in whole pictures.</summary>
internal interface IPersonObserverSource
{
    /// <summary>Creates an observer; use it on one thread at a time.</summary>
    IPersonObserver CreateObserver(PersonFindingOptions options);
}

/// <summary>Searches for a person in a picture and describes the result.</summary>
internal interface IPersonObserver : IDisposable
{
    /// <summary>The last observation.</summary>
    PersonObservation Seen { get; }

    /// <summary>Searches for the most prominent person.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="where">The square around the person; null to search the whole picture.</param>
    /// <param name="earlier">The person's 17 COCO key points [17,3] of an earlier observation, in pixels of the picture; empty for
    /// none.</param>
    /// <returns>Whether a person was found; otherwise only presence and crop of <see cref="Seen"/> are valid.</returns>
    bool Observe(PixelBuffer picture, CropTransform? where, ReadOnlySpan<float> earlier);
}

/// <summary>The result of an observer. The arrays are reused.</summary>
internal sealed class PersonObservation(int pictureSize, int maskSize)
{
    /// <summary>The side of the square that <see cref="Crop"/> maps, pixels.</summary>
    public int PictureSize => pictureSize;

    /// <summary>The probability that there is a person, 0 to 1.</summary>
    public float Presence { get; set; }

    /// <summary>The probability that there is a visible person, 0 to 1.</summary>
    public float Confidence { get; set; }

    /// <summary>Whether too much of the person is outside the picture for a whole body.</summary>
    public bool IsCutOff { get; set; }

    /// <summary>The number of people; 0 if none was found.</summary>
    public int People { get; set; }

    /// <summary>The upright square around the person: maps its pixels to the picture's.</summary>
    public CropTransform Crop { get; set; }

    /// <summary>The person's box, in pixels of the picture.</summary>
    public (float MinX, float MinY, float MaxX, float MaxY) Box { get; set; }

    /// <summary>The 17 COCO key points: x, y in pixels of the picture, confidence.</summary>
    public float[] Keypoints { get; } = new float[KeypointSet.Length];

    /// <summary>The probability that each point of a grid over the square is on the person.</summary>
    public float[] Mask { get; } = new float[maskSize * maskSize];

    /// <summary>The mean distance of the key points from those of the mirrored picture, as a share of the person's size; 0 if the picture
    /// was not mirrored.</summary>
    public float Disagreement { get; set; }

    /// <summary>The limits beyond which the result is doubtful.</summary>
    public required PersonDoubts Doubts { get; init; }

    /// <summary>A network's estimate of pose, shape and camera of the square; null if there is none.</summary>
    public float[]? Guess { get; set; }

    /// <summary>Additional points, and the positions of all in space; null if not available.</summary>
    public BodyLandmarks? Landmarks { get; set; }
}

/// <summary>The limits within which an estimator's result is accepted; docs/estimators.md describes how they were measured.</summary>
/// <param name="FitError">The largest mean distance of the fitted body's key points, as a share of the person's height.</param>
/// <param name="BodyOverlap">The least overlap of body and mask.</param>
/// <param name="Disagreement">The largest mean distance to the key points of the mirrored picture, as a share of the person's size.</param>
internal sealed record PersonDoubts(float FitError, float BodyOverlap, float Disagreement);
