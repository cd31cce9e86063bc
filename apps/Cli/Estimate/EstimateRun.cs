using System.Globalization;
using Lwg.MLNet.Body;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Keypoints;
using Lwg.MLNet.Transforms.Imaging;

namespace Lwg.MLNet.Cli;

/// <summary>Finds people in photographs and reports the confidence, and the errors where key points are given.</summary>
internal sealed class EstimateRun(SmplEstimator estimator, string folder, TextWriter output)
{
    public void Run(IReadOnlyList<string> photos, string? keypointFile, CancellationToken cancellationToken)
    {
        if (photos.GroupBy(ResultOf, StringComparer.OrdinalIgnoreCase).FirstOrDefault(same => same.Count() > 1) is { } clash)
            throw new LwgException($"The results of {string.Join(" and ", clash.Select(p => $"'{p}'"))} would have the same name, "
                + $"'{clash.Key}'. Rename the photographs, or process them one after another.");
        using var finder = new PersonFinder(estimator, BodyModel.Default);
        CocoKeypoints? marks = keypointFile is null ? null : CocoKeypoints.Load(keypointFile);
        Directory.CreateDirectory(folder);
        output.WriteLine(estimator.Description);
        var overlay = new EstimateOverlay();
        int bad = 0;
        foreach (string photo in photos)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                One(photo, finder, marks, overlay);
            }
            catch (LwgException e) when (photos.Count > 1)
            {
                // The other photographs are still processed.
                output.WriteLine($"{Path.GetFileName(photo)}: {e.Message.ReplaceLineEndings(" ")}");
                bad++;
            }
        }
        if (bad > 0)
            throw new LwgException($"{bad} of {photos.Count} photographs could not be used; the lines above give the reasons.");
    }

    private void One(string photo, PersonFinder finder, CocoKeypoints? marks, EstimateOverlay overlay)
    {
        Stills.TellLeftOut(output, photo);
        PixelBuffer picture = ImageCodec.Load(photo);
        PersonFinding finding = finder.Find(picture);
        output.WriteLine($"{Path.GetFileName(photo)}: {finding.Explain()}");
        if (marks is not null && finding.Status != PersonFindingStatus.Nobody)
        {
            (double network, double before, double after) =
                Errors(finding, marks.For(photo, picture.Width, picture.Height), Math.Max(picture.Width, picture.Height));
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"  mean distance to the marks, of the person's height: key points {network:P1}, body before the fit {before:P1}, after "
                + $"it {after:P1}"));
        }
        var sheet = new ContactSheet(3, EstimateOverlay.Size, EstimateOverlay.Size);
        foreach (PixelBuffer tile in overlay.Draw(picture, finding, estimator.PictureSize))
            sheet.Add(tile);
        ImageCodec.SavePng(sheet.ToPixels(), Path.Combine(folder, ResultOf(photo)));
    }

    private static string ResultOf(string photo) => Path.GetFileNameWithoutExtension(photo) + ".png";

    /// <summary>Computes the mean distances to marked key points, as shares of the person's height: of the network's key points, and of
    /// the body's before and after the fit.</summary>
    internal static (double Keypoints, double Unrefined, double Refined) Errors(PersonFinding finding, KeypointSet truth, int pictureSize)
    {
        double network = 0;
        int count = 0;
        float height = truth.PersonHeight();
        for (int k = 0; k < CocoSkeleton.KeypointCount; k++)
        {
            if (!truth.IsVisible(k))
                continue;
            network += Math.Sqrt(Math.Pow(finding.Keypoints[3 * k] - truth[k].X, 2)
                + Math.Pow(finding.Keypoints[3 * k + 1] - truth[k].Y, 2)) / height;
            count++;
        }
        return (network / count, OfBody(finding.UnrefinedSmpl), OfBody(finding.Smpl));

        double OfBody(float[] smpl)
        {
            var posed = new PosedBody(BodyModel.Default);
            BodyModel.Default.Pose(smpl, posed);
            double sum = 0;
            for (int k = 0; k < CocoSkeleton.KeypointCount; k++)
            {
                int own = 2 * Skeleton.CocoToKeypoint[k];
                if (truth.IsVisible(k))
                    sum += Math.Sqrt(Math.Pow((posed.Keypoints2D[own] + 1) * pictureSize / 2 - truth[k].X, 2)
                        + Math.Pow((posed.Keypoints2D[own + 1] + 1) * pictureSize / 2 - truth[k].Y, 2)) / height;
            }
            return sum / count;
        }
    }
}
