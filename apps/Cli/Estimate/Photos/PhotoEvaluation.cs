using System.Diagnostics;
using System.Text;
using Lwg.MLNet.Body;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Transforms.Imaging;

namespace Lwg.MLNet.Cli.Photos;

/// <summary>Evaluates estimators on a folder of photographs: key points, bodies and refusals, as tables in Markdown and JSON, and picture
/// sheets.</summary>
internal sealed class PhotoEvaluation(string photos, string folder, TextWriter output)
{
    private const int SheetColumns = 6;

    private readonly PosedBody _posed = new(BodyModel.Default);

    /// <summary>Evaluates estimators one after another.</summary>
    public void Run(IReadOnlyList<(string Name, SmplEstimator Estimator)> estimators, CancellationToken cancellationToken)
    {
        if (estimators.GroupBy(e => e.Name).FirstOrDefault(same => same.Count() > 1) is { } clash)
            throw new LwgException($"Two estimators are named '{clash.Key}', after their folders; the results need different names.");
        IReadOnlyList<MarkedPhotograph> set = PhotoSet.Read(photos);
        Directory.CreateDirectory(folder);
        var report = new PhotoReport(set.Count);
        foreach ((string name, SmplEstimator estimator) in estimators)
        {
            (List<PhotoResult> results, double seconds) = Measure(name, estimator, set, cancellationToken);
            report.Add(name, results, seconds);
        }
        string text = report.ToMarkdown();
        AtomicFile.Write(Path.Combine(folder, "photos.md"), stream => stream.Write(Encoding.UTF8.GetBytes(text)));
        AtomicFile.Write(Path.Combine(folder, "photos.json"), report.WriteJson);
        output.WriteLine(text);
    }

    private (List<PhotoResult> Results, double Seconds) Measure(string name, SmplEstimator estimator, IReadOnlyList<MarkedPhotograph> set,
        CancellationToken cancellationToken)
    {
        using var finder = new PersonFinder(estimator, BodyModel.Default);
        var overlay = new EstimateOverlay();
        var sheet = new ContactSheet(SheetColumns, EstimateOverlay.Size, EstimateOverlay.Size);
        var results = new List<PhotoResult>();
        var clock = new Stopwatch();
        foreach (MarkedPhotograph photo in set)
        {
            cancellationToken.ThrowIfCancellationRequested();
            PixelBuffer picture = ImageCodec.Load(photo.File);
            clock.Start();
            PersonFinding finding = photo.Box is { } box
                ? finder.Find(picture, SquareCrop.AroundBox(box.MinX, box.MinY, box.MaxX, box.MaxY, estimator.PictureSize,
                estimator.Margin))
                : finder.Find(picture);
            clock.Stop();
            results.Add(Judge(photo, picture, finding));
            foreach (PixelBuffer tile in overlay.Draw(picture, finding, estimator.PictureSize, photo.Marks))
                sheet.Add(tile);
        }
        ImageCodec.SavePng(sheet.ToPixels(), Path.Combine(folder, $"photos-{name}.png"));
        return (results, clock.Elapsed.TotalSeconds);
    }

    private PhotoResult Judge(MarkedPhotograph photo, PixelBuffer picture, PersonFinding finding)
    {
        if (new ReadOnlySmpl(finding.Smpl).Scale == 0)
            return new PhotoResult(photo, null, null, finding);
        float side = Math.Max(picture.Width, picture.Height);
        BodyModel.Default.Pose(finding.Smpl, _posed);
        PointErrors? keypoints = photo.Marks is null ? null
            : PointErrors.Of(k => (finding.Keypoints[3 * k], finding.Keypoints[3 * k + 1]), photo.Marks);
        PointErrors? body = photo.Marks is null ? null : PointErrors.Of(BodyPoint, photo.Marks);
        return new PhotoResult(photo, keypoints, body, finding);

        (float X, float Y) BodyPoint(int k)
        {
            int own = 2 * Skeleton.CocoToKeypoint[k];
            return ((_posed.Keypoints2D[own] + 1) * side / 2, (_posed.Keypoints2D[own + 1] + 1) * side / 2);
        }
    }
}
