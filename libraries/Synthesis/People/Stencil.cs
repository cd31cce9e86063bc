using System.Numerics;
using Lwg.MLNet.Keypoints;

namespace Lwg.MLNet.Synthesis.People;

/// <summary>A flat thing with soft edges in front of a picture.</summary>
internal interface IStencil
{
    /// <summary>The pixels that it may cover; the last ones are exclusive, and all may be outside the picture.</summary>
    (int Left, int Top, int Right, int Bottom) Bounds { get; }

    /// <summary>Returns the share, 0 to 1, of a point of the picture that it covers.</summary>
    /// <param name="x">The point's x in pixels.</param>
    /// <param name="y">The point's y in pixels.</param>
    /// <param name="color">Receives the colour in [-1,1] where the share is not 0.</param>
    float Cover(float x, float y, out Vector3 color);
}

/// <summary>Paints stencils.</summary>
internal static class Stencil
{
    /// <summary>Paints a stencil over a picture.</summary>
    /// <param name="stencil">What is painted.</param>
    /// <param name="size">S.</param>
    /// <param name="image">[3,S,S] in [-1,1].</param>
    /// <param name="mask">The mask of the person that it hides [S,S]; null for none.</param>
    /// <param name="keypoints">The key points [17,3] that it hides; null for none.</param>
    public static void Paint<T>(in T stencil, int size, Span<float> image, float[]? mask, float[]? keypoints)
        where T : struct, IStencil
    {
        int n = size * size;
        (int left, int top, int right, int bottom) = stencil.Bounds;
        for (int row = Math.Max(0, top); row < Math.Min(size, bottom); row++)
        {
            for (int column = Math.Max(0, left); column < Math.Min(size, right); column++)
            {
                float cover = stencil.Cover(column + 0.5f, row + 0.5f, out Vector3 color);
                if (cover <= 0)
                    continue;
                int at = row * size + column;
                for (int c = 0; c < 3; c++)
                    image[c * n + at] += cover * (color[c] - image[c * n + at]);
                if (mask is not null)
                    mask[at] *= 1 - cover;
            }
        }
        for (int k = 0; keypoints is not null && k < CocoSkeleton.KeypointCount; k++)
        {
            if (keypoints[3 * k + 2] > 0 && stencil.Cover(keypoints[3 * k], keypoints[3 * k + 1], out _) > 0.5f)
                keypoints[3 * k + 2] = 0.5f;
        }
    }
}
