using Lwg.MLNet.Body;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Keypoints;

namespace Lwg.MLNet.Estimation;

/// <summary>
/// Estimates people in whole pictures: cuts out squares for an estimator and transforms its results back to the pictures. Use an instance
/// on one thread at a time.
/// </summary>
/// <param name="estimator">The estimator.</param>
/// <param name="batchSize">The number of people that are processed at once.</param>
internal sealed class SmplEstimation(SmplEstimator estimator, int batchSize = 1) : IDisposable
{
    private readonly ISmplWorker _worker = estimator.CreateWorker(batchSize);
    private readonly (CropTransform Crop, int PictureSize)[] _people = new (CropTransform, int)[batchSize];
    private int _count;

    /// <summary>The number of people added since the last <see cref="Clear"/>.</summary>
    public int Count => _count;

    /// <summary>Removes all people.</summary>
    public void Clear() => _count = 0;

    /// <summary>Returns the square of the whole picture, padded with edge pixels along the shorter sides.</summary>
    /// <param name="picture">The picture.</param>
    public CropTransform Whole(PixelBuffer picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        return SquareCrop.AroundBox(0, 0, picture.Width, picture.Height, estimator.PictureSize, margin: 0);
    }

    /// <summary>Adds a person.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="crop">The square around the person: maps the pixels of the estimator's picture to this picture's; see
    /// <see cref="SquareCrop"/>.</param>
    /// <exception cref="InvalidOperationException">The batch is full.</exception>
    public void Add(PixelBuffer picture, in CropTransform crop)
    {
        ArgumentNullException.ThrowIfNull(picture);
        if (_count == batchSize)
            throw new InvalidOperationException($"The batch contains {batchSize} people and is full.");
        SquareCrop.Crop(picture, crop, estimator.PictureSize, _worker.Picture(_count));
        _people[_count++] = (crop, Math.Max(picture.Width, picture.Height));
    }

    /// <summary>Estimates all added people.</summary>
    public void Run() => _worker.Run();

    /// <summary>
    /// Returns the <see cref="SmplLayout.ParameterCount"/> SMPL parameters of a person; the camera is that of the picture: [-1,1] over
    /// the square of its longer side at its top left.
    /// </summary>
    /// <param name="row">The person's index in the order of adding.</param>
    /// <param name="smpl">Receives the parameters.</param>
    /// <exception cref="LwgException">The estimator gave invalid values.</exception>
    public void CopySmpl(int row, Span<float> smpl)
    {
        _worker.Smpl(row).CopyTo(smpl);
        (CropTransform crop, int pictureSize) = _people[row];
        foreach (float number in smpl)
        {
            if (!float.IsFinite(number))
                throw new LwgException($"The estimator gave {number} among the SMPL parameters of a person; all must be finite.");
        }
        ToPicture(new Smpl(smpl), crop, estimator.PictureSize, pictureSize);
    }

    /// <summary>Returns the key points of a person, in pixels of the picture.</summary>
    /// <param name="row">The person's index in the order of adding.</param>
    /// <param name="keypoints">Receives x, y and confidence of each, <see cref="KeypointSet.Length"/> values; empty if none are
    /// estimated.</param>
    public void CopyKeypoints(int row, Span<float> keypoints)
    {
        _worker.Keypoints(row).CopyTo(keypoints);
        CropTransform crop = _people[row].Crop;
        for (int i = 0; i < keypoints.Length; i += 3)
            (keypoints[i], keypoints[i + 1]) = crop.Apply(keypoints[i], keypoints[i + 1]);
    }

    /// <summary>
    /// Transforms the camera of a square to the picture that the square was cut from. A point at u = s (x + tx) in the square's [-1,1] is
    /// at pixel C + side (u + 1) / 2 of the picture, and so at U = r u + (2 C / P + r - 1) in the picture's [-1,1], where P is the
    /// picture's side and r = side / P. That is s' (x + tx') with s' = r s and tx' = tx + (2 C / P + r - 1) / s'; the same applies
    /// vertically with F instead of C.
    /// </summary>
    /// <param name="smpl">The person; the camera is changed in place.</param>
    /// <param name="crop">Maps the square's pixels to the picture's; upright.</param>
    /// <param name="size">The side of the square in its own pixels.</param>
    /// <param name="pictureSize">P, in pixels: the side of the square at the picture's top left that [-1,1] covers.</param>
    /// <exception cref="LwgException">The camera's scale is 0.</exception>
    public static void ToPicture(Smpl smpl, in CropTransform crop, int size, int pictureSize)
    {
        double r = (double)crop.A * size / pictureSize, s = smpl.Scale * r;
        if (Math.Abs(s) < 1e-6)
            throw new LwgException($"The estimator gave a camera of scale {smpl.Scale}, which shows no person.");
        smpl.SetCamera((float)s, (float)(smpl.TranslationX + (2.0 * crop.C / pictureSize + r - 1) / s),
            (float)(smpl.TranslationY + (2.0 * crop.F / pictureSize + r - 1) / s));
    }

    /// <summary>Releases the worker.</summary>
    public void Dispose() => _worker.Dispose();
}
