using Lwg.MLNet.Body;
using Lwg.MLNet.Fitting;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Keypoints;

namespace Lwg.MLNet.Estimation;

/// <summary>What a <see cref="PersonFinder"/> says about a picture as a whole.</summary>
public enum PersonFindingStatus
{
    /// <summary>One person, seen well enough.</summary>
    Found,

    /// <summary>Nobody is there.</summary>
    Nobody,

    /// <summary>Too little of the person is in the picture, or seen: shoulders, hips and most key points are needed.</summary>
    CutOff,

    /// <summary>There are more people than one; the numbers are those of the most prominent.</summary>
    SeveralPeople,

    /// <summary>A person is there, but what was found of it contradicts itself: the body does not fit key points or mask.</summary>
    Unclear,
}

/// <summary>What was found in a picture. The arrays are filled again and again.</summary>
internal sealed class PersonFinding
{
    internal PersonFinding(int maskSize) => Mask = new float[maskSize * maskSize];

    /// <summary>What it is worth.</summary>
    public PersonFindingStatus Status { get; internal set; }

    /// <summary>How sure it is that a person is there and seen, 0 to 1.</summary>
    public float Confidence { get; internal set; }

    /// <summary>The 85 numbers; the camera is that of the picture: [-1,1] over the square of its longer side at its top left. All 0 where
    /// nobody is.</summary>
    public float[] Smpl { get; } = new float[SmplLayout.ParameterCount];

    /// <summary>The same as the network said it, before the body was fitted to key points and mask.</summary>
    public float[] UnrefinedSmpl { get; } = new float[SmplLayout.ParameterCount];

    /// <summary>The 17 key points: x and y in pixels of the picture, confidence.</summary>
    public float[] Keypoints { get; } = new float[KeypointSet.Length];

    /// <summary>The square that was looked at closest: maps its pixels to the picture's.</summary>
    public CropTransform Crop { get; internal set; }

    /// <summary>How surely each point of a grid over that square is on the person, 0 to 1.</summary>
    public float[] Mask { get; }

    /// <summary>The person's box in pixels of the picture.</summary>
    public (float MinX, float MinY, float MaxX, float MaxY) Box { get; internal set; }

    /// <summary>The mean distance between the fitted body's key points and the network's, as a share of the person's height; 0 where
    /// nothing was fitted.</summary>
    public float FitError { get; internal set; }

    /// <summary>How many people there are; the numbers are those of the most prominent. 0 where no person was found.</summary>
    public int PeopleCount { get; internal set; }

    /// <summary>The fitted body's silhouette against the mask: intersection over union, 0 to 1; 0 where nothing was fitted.</summary>
    public float BodyOverlap { get; internal set; }

    /// <summary>The mean distance of the key points to those of the mirrored picture, as a share of the person's size; 0 where the
    /// estimator does not look at it.</summary>
    public float Disagreement { get; internal set; }

    internal string? Doubt { get; set; }

    /// <summary>Brings the mask onto a grid over the square of the picture's longer side at its top left; 0 beyond what was looked at
    /// closest.</summary>
    /// <param name="cropSize">The side of the looked-at square in the pixels of <see cref="Crop"/>, which is the estimator's picture
    /// size.</param>
    /// <param name="pictureSize">The picture's longer side, pixels.</param>
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

    /// <summary>The status as a sentence.</summary>
    public string Explain() => Status switch
    {
        PersonFindingStatus.Nobody => $"Nobody is found in the picture (confidence {Confidence:0.00}).",
        PersonFindingStatus.CutOff => $"Too little of the person is seen (confidence {Confidence:0.00}); shoulders, hips and at least "
            + $"{KeypointFit.MinimumVisible} key points are needed.",
        PersonFindingStatus.SeveralPeople => "There is more than one person in the picture; one alone is needed.",
        PersonFindingStatus.Unclear => $"A person is there, but what was found is not believed: {Doubt}. A picture that shows the whole "
            + $"person apart from others, key points, or a box around the person help.",
        _ => $"One person is found (confidence {Confidence:0.00}).",
    };
}
