using Lwg.MLNet.Body;
using Lwg.MLNet.Fitting;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Keypoints;

namespace Lwg.MLNet.Estimation;

/// <summary>The overall result of a <see cref="PersonFinder"/> for a picture.</summary>
public enum PersonFindingStatus
{
    /// <summary>One person, sufficiently visible.</summary>
    Found,

    /// <summary>There is no person.</summary>
    Nobody,

    /// <summary>Too little of the person is in the picture or visible: shoulders, hips and most key points are required.</summary>
    CutOff,

    /// <summary>There are several people; the values are those of the most prominent one.</summary>
    SeveralPeople,

    /// <summary>There is a person, but the result is contradictory: the body does not fit key points or mask.</summary>
    Unclear,
}

/// <summary>The result for a picture. The arrays are reused.</summary>
internal sealed class PersonFinding
{
    internal PersonFinding(int maskSize) => Mask = new float[maskSize * maskSize];

    /// <summary>The status of the result.</summary>
    public PersonFindingStatus Status { get; internal set; }

    /// <summary>The probability that there is a visible person, 0 to 1.</summary>
    public float Confidence { get; internal set; }

    /// <summary>The 85 SMPL parameters; the camera is that of the picture: [-1,1] over the square of its longer side at its top left. All
    /// 0 if there is no person.</summary>
    public float[] Smpl { get; } = new float[SmplLayout.ParameterCount];

    /// <summary>The network's SMPL parameters before the body was fitted to key points and mask.</summary>
    public float[] UnrefinedSmpl { get; } = new float[SmplLayout.ParameterCount];

    /// <summary>The 17 key points: x and y in pixels of the picture, confidence.</summary>
    public float[] Keypoints { get; } = new float[KeypointSet.Length];

    /// <summary>The square of the closest run: maps its pixels to the picture's.</summary>
    public CropTransform Crop { get; internal set; }

    /// <summary>The probability that each point of a grid over that square is on the person, 0 to 1.</summary>
    public float[] Mask { get; }

    /// <summary>The person's box in pixels of the picture.</summary>
    public (float MinX, float MinY, float MaxX, float MaxY) Box { get; internal set; }

    /// <summary>The mean distance between the fitted body's key points and the network's, as a share of the person's height; 0 if nothing
    /// was fitted.</summary>
    public float FitError { get; internal set; }

    /// <summary>The number of people; the values are those of the most prominent one. 0 if no person was found.</summary>
    public int PeopleCount { get; internal set; }

    /// <summary>The overlap of the fitted body's silhouette with the mask: intersection over union, 0 to 1; 0 if nothing was
    /// fitted.</summary>
    public float BodyOverlap { get; internal set; }

    /// <summary>The mean distance of the key points from those of the mirrored picture, as a share of the person's size; 0 if the
    /// estimator does not use it.</summary>
    public float Disagreement { get; internal set; }

    internal string? Doubt { get; set; }

    /// <summary>Resamples the mask onto a grid over the square of the picture's longer side at its top left; 0 outside the closest
    /// square.</summary>
    /// <param name="cropSize">The side of the closest square in the pixels of <see cref="Crop"/>, which is the estimator's picture
    /// size.</param>
    /// <param name="pictureSize">The picture's longer side in pixels.</param>
    /// <param name="grid">Receives [G,G].</param>
    /// <param name="gridSize">G.</param>
    public void CopyMask(int cropSize, int pictureSize, Span<float> grid, int gridSize)
    {
        int side = (int)Math.Sqrt(Mask.Length);
        CropTransform toCrop = Crop.Inverse();
        float step = (float)pictureSize / gridSize;
        for (int i = 0; i < grid.Length; i++)
        {
            (float x, float y) = toCrop.Apply((i % gridSize + 0.5f) * step, (i / gridSize + 0.5f) * step);
            grid[i] = At(x * side / cropSize - 0.5f, y * side / cropSize - 0.5f);
        }

        float At(float u, float v)
        {
            if (!(u > -0.5f && v > -0.5f && u < side - 0.5f && v < side - 0.5f))
                return 0;
            (u, v) = (Math.Clamp(u, 0, side - 1), Math.Clamp(v, 0, side - 1));
            (int x0, int y0) = ((int)u, (int)v);
            (int x1, int y1) = (Math.Min(x0 + 1, side - 1), Math.Min(y0 + 1, side - 1));
            float top = float.Lerp(Mask[y0 * side + x0], Mask[y0 * side + x1], u - x0),
                bottom = float.Lerp(Mask[y1 * side + x0], Mask[y1 * side + x1], u - x0);
            return float.Lerp(top, bottom, v - y0);
        }
    }

    /// <summary>Returns the status as a sentence.</summary>
    public string Explain() => Status switch
    {
        PersonFindingStatus.Nobody => $"No person is found in the picture (confidence {Confidence:0.00}).",
        PersonFindingStatus.CutOff => $"Too little of the person is seen (confidence {Confidence:0.00}); shoulders, hips and at least "
            + $"{KeypointFit.MinimumVisible} key points are needed.",
        PersonFindingStatus.SeveralPeople => "There is more than one person in the picture; exactly one is required.",
        PersonFindingStatus.Unclear => $"There is a person, but the result is doubtful: {Doubt}. A picture that shows the whole "
            + $"person apart from others, key points, or a box around the person help.",
        _ => $"One person is found (confidence {Confidence:0.00}).",
    };
}
