using Lwg.MLNet.Imaging;

namespace Lwg.MLNet.Composition;

/// <summary>Blends a pixel of the source's picture over a result, so that picture, colours and mask agree.</summary>
internal static class PieceBlend
{
    /// <summary>Blends one pixel. Where the source shows no person, the result fades to the background.</summary>
    /// <param name="picture">The source's picture [3,S,S] in [-1,1].</param>
    /// <param name="sx">The position in it, pixels.</param>
    /// <param name="sy">The position in it, pixels.</param>
    /// <param name="i">The pixel of the result.</param>
    /// <param name="shown">The weight of the source, 0 to 1.</param>
    /// <param name="person">How certainly the source shows the person there, 0 to 1.</param>
    /// <param name="clears">How far what the result shows gives way to the background where the source shows no person, 0 to 1.</param>
    /// <param name="result">The result; its colours, mask and picture are changed.</param>
    public static void Mix(ReadOnlySpan<float> picture, float sx, float sy, int i, float shown, float person, float clears,
        TransferResult result)
    {
        int size = result.Size, plane = size * size;
        float before = 1 - result.Mask[i], around = (1 - person) * before * (1 - clears),
            after = float.Lerp(before, person + around, shown);
        for (int c = 0; c < 3; c++)
        {
            int k = c * plane + i;
            float own = CubicSampler.Sample(picture.Slice(c * plane, plane), size, sx, sy), color = result.Color[k],
                image = result.Image[k];
            if (after > 1e-3f)
                result.Color[k] = ((1 - shown) * before * color + shown * (person * own + around * color)) / after;
            float beside = float.Lerp(image, result.Background[k], clears);
            result.Image[k] = float.Lerp(image, float.Lerp(beside, own, person), shown);
        }
        result.Mask[i] = 1 - after;
    }
}
