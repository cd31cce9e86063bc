using Lwg.MLNet.Fitting;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Keypoints;

namespace Lwg.MLNet.Estimation;

/// <summary>Makes observers: an estimator that finds people in whole pictures.</summary>
internal interface IPersonObserverSource
{
    /// <summary>Makes an observer; it serves one thread at a time.</summary>
    IPersonObserver CreateObserver(PersonFindingOptions options);
}

/// <summary>Looks for a person in a picture and tells what it sees.</summary>
internal interface IPersonObserver : IDisposable
{
    /// <summary>What was seen last.</summary>
    PersonObservation Seen { get; }

    /// <summary>Looks for the most prominent person.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="where">Where the person is; null to look in the whole picture.</param>
    /// <param name="earlier">The person's 17 COCO key points [17,3] as an earlier look saw them, in pixels of the picture; empty for
    /// none.</param>
    /// <returns>Whether a person was found; otherwise only presence and crop of <see cref="Seen"/> mean something.</returns>
    bool Observe(PixelBuffer picture, CropTransform? where, ReadOnlySpan<float> earlier);
}

/// <summary>What an observer saw. The arrays are filled again and again.</summary>
internal sealed class PersonObservation(int pictureSize, int maskSize)
{
    /// <summary>The side of the square that <see cref="Crop"/> maps, pixels.</summary>
    public int PictureSize => pictureSize;

    /// <summary>How sure it is that a person is there, 0 to 1.</summary>
    public float Presence { get; set; }

    /// <summary>How sure it is that a person is there and seen, 0 to 1.</summary>
    public float Confidence { get; set; }

    /// <summary>Whether so much of the person lies beyond the picture that what is there tells no whole body.</summary>
    public bool IsCutOff { get; set; }

    /// <summary>How many people there are; 0 where none was found.</summary>
    public int People { get; set; }

    /// <summary>The upright square around the person: maps its pixels to the picture's.</summary>
    public CropTransform Crop { get; set; }

    /// <summary>The person's box, pixels of the picture.</summary>
    public (float MinX, float MinY, float MaxX, float MaxY) Box { get; set; }

    /// <summary>The 17 COCO key points: x, y in pixels of the picture, confidence.</summary>
    public float[] Keypoints { get; } = new float[KeypointSet.Length];

    /// <summary>How surely each point of a grid over the square is on the person.</summary>
    public float[] Mask { get; } = new float[maskSize * maskSize];

    /// <summary>The mean distance of the key points to those of the mirrored picture, as a share of the person's size; 0 where nothing was
    /// mirrored.</summary>
    public float Disagreement { get; set; }

    /// <summary>Up to where what was found is believed.</summary>
    public required PersonDoubts Doubts { get; init; }

    /// <summary>Pose, shape and camera of the square as a network says them; null where it does not.</summary>
    public float[]? Guess { get; set; }

    /// <summary>Further points, and where all are in space; null where that is not told.</summary>
    public BodyLandmarks? Landmarks { get; set; }
}

/// <summary>Up to where an estimator's person is believed; where the numbers come from is in docs/estimators.md.</summary>
/// <param name="FitError">The largest mean distance of the fitted body's key points, as a share of the person's height.</param>
/// <param name="BodyOverlap">The least overlap of body and mask.</param>
/// <param name="Disagreement">The largest mean distance to the key points of the mirrored picture, as a share of the person's size.</param>
internal sealed record PersonDoubts(float FitError, float BodyOverlap, float Disagreement);
