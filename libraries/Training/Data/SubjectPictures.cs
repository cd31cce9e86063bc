using Lwg.MLNet.Body;
using Lwg.MLNet.Composition;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Metrics;

namespace Lwg.MLNet.Training.Data;

/// <summary>A learned person at the training's picture size: the pictures, and the textured body in any pose. Not thread-safe.</summary>
internal sealed class SubjectPictures : IDisposable
{
    private readonly BodyModel _body;
    private readonly Subject _subject;
    private readonly ViewMaps _maps;
    private readonly ITransferWorker _renderer;
    private readonly TransferResult _rendered;

    /// <param name="body">The body.</param>
    /// <param name="subject">The person, learned from pictures of any size.</param>
    /// <param name="size">S, pixels.</param>
    public SubjectPictures(BodyModel body, Subject subject, int size)
    {
        _body = body;
        _subject = subject.Size == size ? subject
            : Subject.Learn(body, [.. subject.Views.Select(v => v with { Image = Resized(v.Image, subject.Size, size) })], size);
        (_maps, _rendered) = (new ViewMaps(body, size), new TransferResult(size));
        _renderer = new SubjectGenerator(_subject, body).CreateWorker(size);
        var warp = new TextureWarpGenerator(body);
        Views = [.. _subject.Views.Select(view =>
        {
            _maps.Draw(view.Smpl);
            // The background fill that the networks are trained with.
            return new View(view.Smpl, view.Image,
                warp.Analyse(view.Image, _maps.Points, _maps.FaceIndex, size, view.PersonMask, view.PersonMask, BackgroundFill.Smooth));
        })];
    }

    /// <summary>The person's own pictures.</summary>
    public IReadOnlyList<View> Views { get; }

    /// <summary>Draws the textured body; the result is valid until the next call.</summary>
    /// <param name="smpl">The 85 SMPL parameters.</param>
    public TransferResult Render(ReadOnlySpan<float> smpl)
    {
        Draw(smpl, _renderer, _rendered);
        return _rendered;
    }

    /// <summary>Measures a generator's reconstruction of each picture in its own pose.</summary>
    /// <param name="network">The generator.</param>
    /// <param name="metrics">Receives one row per picture.</param>
    public void Reconstruct(LiquidWarpingGenerator network, TransferMetrics metrics) =>
        Compare(network, Views.Select(v => (v.Smpl, v.Image, v.Analysis.Matte.ToArray())), metrics);

    /// <summary>Measures a generator's results for the person against the ground truth.</summary>
    /// <param name="network">The generator.</param>
    /// <param name="truth">Bodies, pictures [3,S,S], and the share of each pixel that the person covers [S,S].</param>
    /// <param name="metrics">Receives one row per picture.</param>
    public void Compare(LiquidWarpingGenerator network, IEnumerable<(float[] Smpl, float[] Image, float[] Person)> truth,
        TransferMetrics metrics)
    {
        var result = new TransferResult(_subject.Size);
        using ITransferWorker worker = new SubjectGenerator(_subject, _body, network).CreateWorker(_subject.Size);
        foreach ((float[] smpl, float[] image, float[] person) in truth)
        {
            Draw(smpl, worker, result);
            metrics.Add(result.Image, image, _subject.Size, person);
        }
    }

    public void Dispose() => _renderer.Dispose();

    private void Draw(ReadOnlySpan<float> smpl, ITransferWorker worker, TransferResult result)
    {
        _maps.Draw(smpl);
        worker.Generate(new TransferFrame { TargetFaceIndex = _maps.FaceIndex, TargetWeights = _maps.Weights }, result);
    }

    private static float[] Resized(float[] image, int from, int to)
    {
        float[] resized = new float[3 * to * to];
        SquarePicture.Fill(PixelBuffer.FromTensor(image, from, from), to, resized);
        return resized;
    }

    /// <summary>A picture of the person.</summary>
    /// <param name="Smpl">The 85 SMPL parameters.</param>
    /// <param name="Image">[3,S,S].</param>
    /// <param name="Analysis">The person's mask and the background behind.</param>
    internal sealed record View(float[] Smpl, float[] Image, TextureWarpSource Analysis);
}
