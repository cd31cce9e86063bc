using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Lwg.MLNet.Body;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Keypoints;
using Lwg.MLNet.Metrics;
using Lwg.MLNet.Rendering;
using Lwg.MLNet.Synthesis.People;
using Lwg.MLNet.Transforms.Imaging;

namespace Lwg.MLNet.Cli;

/// <summary>Compares an estimator with the truth on pictures of synthetic people outside its training data.</summary>
internal sealed class EstimatorEvaluation(SmplEstimator estimator, int pictures, string folder, TextWriter output)
{
    private const long First = 2_000_000;
    private const int Size = 256, SheetRows = 10, FewestKeypoints = 14;

    private readonly Dictionary<string, List<double>> _measures = [];
    private readonly int[,] _statuses = new int[3, 5];
    private readonly FacingCounts _facing = new();
    private readonly PosedBody _truth = new(BodyModel.Default), _posed = new(BodyModel.Default);
    private readonly MeshRasterizer _rasterizer = new(Size);
    private readonly float[] _points = new float[3 * BodyModel.Default.VertexCount], _weights = new float[3 * Size * Size],
        _silhouette = new float[Size * Size];
    private readonly int[] _faceIndex = new int[Size * Size];

    public void Run(CancellationToken cancellationToken)
    {
        using var finder = new PersonFinder(estimator, BodyModel.Default);
        Directory.CreateDirectory(folder);
        var people = new SyntheticSnapshots(BodyModel.Default, Size);
        var snapshot = new Snapshot(Size);
        var overlay = new EstimateOverlay();
        var sheet = new ContactSheet(6, EstimateOverlay.Size, EstimateOverlay.Size);
        int shown = 0;
        var clock = new Stopwatch();
        for (int i = 0; i < pictures; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            people.Fill(First + i, snapshot);
            PixelBuffer picture = PixelBuffer.FromTensor(snapshot.Image, Size, Size);
            clock.Start();
            PersonFinding finding = finder.Find(picture);
            clock.Stop();
            bool whole = snapshot.PersonCount == 1
                && Enumerable.Range(0, CocoSkeleton.KeypointCount).Count(k => snapshot.Keypoints[3 * k + 2] > 0) >= FewestKeypoints;
            if (snapshot.PersonCount != 1 || whole)
                _statuses[snapshot.PersonCount, (int)finding.Status]++;
            if (!whole || finding.Status is PersonFindingStatus.Nobody or PersonFindingStatus.CutOff)
                continue;
            Measure(snapshot, finding, estimator.PictureSize);
            _facing.Add(snapshot.Smpl, finding);
            if (shown++ >= 2 * SheetRows)
                continue;
            foreach (PixelBuffer tile in overlay.Draw(picture, finding, estimator.PictureSize))
                sheet.Add(tile);
        }
        ImageCodec.SavePng(sheet.ToPixels(), Path.Combine(folder, "people.png"));
        string report = Report(pictures / clock.Elapsed.TotalSeconds);
        AtomicFile.Write(Path.Combine(folder, "evaluation.md"), stream => stream.Write(Encoding.UTF8.GetBytes(report)));
        AtomicFile.Write(Path.Combine(folder, "evaluation.json"), stream =>
            JsonSerializer.Serialize(stream, _measures.ToDictionary(m => m.Key, m => m.Value.Average())));
        output.WriteLine(report);
    }

    private void Measure(Snapshot snapshot, PersonFinding finding, int estimatorSize)
    {
        BodyModel.Default.Pose(snapshot.Smpl, _truth);
        float[] ys = [.. Enumerable.Range(0, CocoSkeleton.KeypointCount)
            .Select(k => _truth.Keypoints2D[2 * Skeleton.CocoToKeypoint[k] + 1])];
        double height = (ys.Max() - ys.Min()) * Size / 2;
        double head = Distance(_truth.Keypoints, CocoPlus.Neck, CocoPlus.HeadTop) * new ReadOnlySmpl(snapshot.Smpl).Scale * Size / 2;
        KeypointSet truth = KeypointSet.Create(snapshot.Keypoints);
        int within = 0, count = 0;
        double sum = 0;
        for (int k = 0; k < CocoSkeleton.KeypointCount; k++)
        {
            if (!truth.IsVisible(k))
                continue;
            double distance = Math.Sqrt(Math.Pow(finding.Keypoints[3 * k] - truth[k].X, 2)
                + Math.Pow(finding.Keypoints[3 * k + 1] - truth[k].Y, 2));
            (sum, count, within) = (sum + distance / height, count + 1, within + (distance < head / 2 ? 1 : 0));
        }
        Add("key points: mean distance, % of height", 100 * sum / count);
        Add("key points: PCKh at 0.5, %", 100.0 * within / count);
        Body("network's body", finding.UnrefinedSmpl);
        Body("fitted body", finding.Smpl);
        Add("network's mask: IoU with the person",
            MaskOverlap.IntersectionOverUnion(
            Squared(snapshot.Mask, finding.Crop.ForSize(estimatorSize, (int)Math.Sqrt(finding.Mask.Length)),
            (int)Math.Sqrt(finding.Mask.Length)), finding.Mask));

        void Body(string name, float[] smpl)
        {
            BodyModel.Default.Pose(smpl, _posed);
            double body = 0;
            for (int k = 0; k < CocoSkeleton.KeypointCount; k++)
            {
                int own = 2 * Skeleton.CocoToKeypoint[k];
                if (truth.IsVisible(k))
                    body += Math.Sqrt(Math.Pow((_posed.Keypoints2D[own] + 1) * Size / 2 - truth[k].X, 2)
                        + Math.Pow((_posed.Keypoints2D[own + 1] + 1) * Size / 2 - truth[k].Y, 2)) / height;
            }
            Add($"{name}: mean distance of key points, % of height", 100 * body / count);
            Add($"{name}: PA-MPJPE, mm", 1000 * JointError.Aligned(_truth.Joints, _posed.Joints));
            Add($"{name}: MPJPE, mm", 1000 * JointError.FromRoot(_truth.Joints, _posed.Joints));
            Camera.Project(_posed.Vertices, new ReadOnlySmpl(smpl).Camera, _points);
            _rasterizer.Draw(_points, BodyModel.Default.Faces, _faceIndex, _weights);
            for (int i = 0; i < _silhouette.Length; i++)
                _silhouette[i] = _faceIndex[i] < 0 ? 0 : 1;
            Add($"{name}: silhouette's IoU with the person", MaskOverlap.IntersectionOverUnion(snapshot.Mask, _silhouette));
        }
    }

    // Samples the mask at the centres of the estimator's grid cells, nearest pixel.
    private static float[] Squared(float[] mask, CropTransform crop, int grid)
    {
        float[] squared = new float[grid * grid];
        for (int i = 0; i < squared.Length; i++)
        {
            (float x, float y) = crop.Apply(i % grid + 0.5f, i / grid + 0.5f);
            squared[i] = x >= 0 && y >= 0 && x < Size && y < Size ? mask[(int)y * Size + (int)x] : 0;
        }
        return squared;
    }

    private static double Distance(float[] points, int a, int b) =>
        Math.Sqrt(Enumerable.Range(0, 3).Sum(c => Math.Pow(points[3 * a + c] - points[3 * b + c], 2)));

    private void Add(string name, double value)
    {
        if (!_measures.TryGetValue(name, out List<double>? values))
            _measures[name] = values = [];
        values.Add(value);
    }

    private string Report(double perSecond)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture,
            $"{pictures} held-out pictures of {Size} x {Size} pixels, {perSecond:0.0} a second with up to three passes and the fit.")
            .AppendLine();
        text.AppendLine("| measure, on pictures of one person | mean | median | worst tenth from |").AppendLine("|---|---|---|---|");
        foreach ((string name, List<double> values) in _measures)
        {
            double[] sorted = [.. values.Order()];
            bool moreIsBetter = name.Contains("IoU", StringComparison.Ordinal) || name.Contains("PCKh", StringComparison.Ordinal);
            text.AppendLine(CultureInfo.InvariantCulture,
                $"| {name} | {values.Average():0.000} | {sorted[sorted.Length / 2]:0.000} | "
                + $"{sorted[sorted.Length * (moreIsBetter ? 1 : 9) / 10]:0.000} |");
        }
        text.AppendLine().AppendLine("| in the picture | found | no person | cut off | several | unclear |")
            .AppendLine("|---|---|---|---|---|---|");
        string[] rows = ["no person", "one person, at least 14 key points in the picture", "two people"];
        for (int row = 0; row < 3; row++)
            text.AppendLine(CultureInfo.InvariantCulture,
                $"| {rows[row]} | {_statuses[row, 0]} | {_statuses[row, 1]} | {_statuses[row, 2]} | {_statuses[row, 3]} | "
                + $"{_statuses[row, 4]} |");
        _facing.WriteTo(text);
        return text.ToString();
    }
}
