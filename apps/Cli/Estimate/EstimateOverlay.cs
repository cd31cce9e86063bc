using Lwg.MLNet.Body;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Keypoints;

namespace Lwg.MLNet.Cli;

/// <summary>Draws a finding over the picture: the examined square with key points and mask, and with the bodies.</summary>
internal sealed class EstimateOverlay
{
    public const int Size = 384;

    private readonly BodyShading _shading = new(Size);

    /// <summary>Draws three tiles: key points (left green, right red; marks white and black) and mask, the network's body, the fitted
    /// body.</summary>
    public IEnumerable<PixelBuffer> Draw(PixelBuffer picture, PersonFinding finding, int estimatorSize, KeypointSet? marks = null)
    {
        CropTransform crop = finding.Crop.ForSize(estimatorSize, Size);
        PixelBuffer plain = SquareCrop.Crop(picture, crop, Size), marked = plain.Clone();
        int grid = (int)Math.Sqrt(finding.Mask.Length);
        for (int y = 0; y < Size; y++)
        {
            for (int x = 0; x < Size; x++)
            {
                if (finding.Mask[y * grid / Size * grid + x * grid / Size] < 0.5f)
                    marked.Row(y)[3 * x] = (byte)(marked.Row(y)[3 * x] / 2);
            }
        }
        CropTransform back = crop.Inverse();
        for (int k = 0; k < CocoSkeleton.KeypointCount; k++)
        {
            (float x, float y) = back.Apply(finding.Keypoints[3 * k], finding.Keypoints[3 * k + 1]);
            if (finding.Keypoints[3 * k + 2] > 0)
                Dot(marked, (int)x, (int)y, k % 2 == 1 ? (60, 230, 60) : (240, 60, 50));
            if (marks is not null && marks.IsVisible(k))
            {
                (x, y) = back.Apply(marks[k].X, marks[k].Y);
                Dot(marked, (int)x, (int)y, k % 2 == 1 ? (255, 255, 255) : (30, 30, 30));
            }
        }
        yield return marked;
        int side = Math.Max(picture.Width, picture.Height);
        foreach (float[] smpl in (float[][])[finding.UnrefinedSmpl, finding.Smpl])
        {
            if (new ReadOnlySmpl(smpl).Scale == 0)
            {
                yield return plain;
                continue;
            }
            float[] here = (float[])smpl.Clone();
            SmplEstimation.ToPicture(new Smpl(here), back, side, Size);
            yield return _shading.DrawOver(plain, here);
        }
    }

    private static void Dot(PixelBuffer picture, int x, int y, (int Red, int Green, int Blue) color)
    {
        for (int row = Math.Max(y - 3, 0); row <= Math.Min(y + 3, picture.Height - 1); row++)
        {
            for (int column = Math.Max(x - 3, 0); column <= Math.Min(x + 3, picture.Width - 1); column++)
            {
                Span<byte> pixel = picture.Row(row).Slice(3 * column, 3);
                (pixel[0], pixel[1], pixel[2]) = ((byte)color.Red, (byte)color.Green, (byte)color.Blue);
            }
        }
    }
}
