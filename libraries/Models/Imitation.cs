using System.Threading.Channels;
using Lwg.MLNet.Motion;
using Lwg.MLNet.Transforms;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Models;

/// <summary>
/// The frames of <c>PersonTransfer.Imitate</c>, created one at a time as they are read. Each is the whole photograph with the person in
/// the next pose of the motion; the reader owns it. The token of <c>WithCancellation</c> stops the work before the next frame; leaving
/// the loop stops it too.
/// </summary>
public sealed class Imitation : IAsyncEnumerable<MLImage>
{
    // The number of frames that are created ahead of the reader.
    private const int Ahead = 2;

    private readonly IProgress<double>? _progress;
    private readonly Lazy<IEstimator<ITransformer>> _pipeline;

    internal Imitation(MLContext mlContext, string photo, MotionClip motion, int imageSize, IProgress<double>? progress)
    {
        (MLContext, _progress, FrameCount, FramesPerSecond) = (mlContext, progress, motion.FrameCount, motion.FramesPerSecond);
        IDataView source = mlContext.Transforms.CopyColumns("SourcePhoto", "Photo").Fit(mlContext.Data.LoadPhotos([photo]))
            .Transform(mlContext.Data.LoadPhotos([photo]));
        Rows = mlContext.Data.PairWithMotion(source, mlContext.Data.LoadMotion(motion));
        _pipeline = new(() => mlContext.Transforms.FindPerson("Source", imageSize)
            .Append(mlContext.Transforms.ImitateMotion(
            new ImitateMotionOptions { ImageSize = imageSize, PersonMaskColumnName = "SourcePersonMask" }))
            .Append(mlContext.Transforms.ComposeIntoImage(imageSize: imageSize)));
    }

    /// <summary>The context.</summary>
    public MLContext MLContext { get; }

    /// <summary>The data: SourcePhoto, paired with each frame of the motion.</summary>
    public IDataView Rows { get; }

    /// <summary>The pipeline that creates TargetPhoto from the rows: FindPerson, ImitateMotion, ComposeIntoImage. It can be fitted, saved
    /// and changed like any other.</summary>
    /// <exception cref="LwgException">The application has no ONNX Runtime.</exception>
    public IEstimator<ITransformer> Pipeline => _pipeline.Value;

    /// <summary>The number of frames.</summary>
    public int FrameCount { get; }

    /// <summary>The frame rate of the motion.</summary>
    public double FramesPerSecond { get; }

    /// <summary>Creates the frames.</summary>
    /// <param name="cancellationToken">Cancels the work before the next frame.</param>
    /// <exception cref="LwgException">The photograph cannot be read or does not show exactly one person clearly, or the application has
    /// no ONNX Runtime.</exception>
    public async IAsyncEnumerator<MLImage> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        var frames = Channel.CreateBounded<MLImage>(Ahead);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task work = Task.Run(() => MakeAsync(frames.Writer, stop.Token), CancellationToken.None);
        try
        {
            int made = 0;
            await foreach (MLImage frame in frames.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                _progress?.Report((double)++made / FrameCount);
                yield return frame;
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            // Errors have been reported through the channel.
            await work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            while (frames.Reader.TryRead(out MLImage? unread))
                unread.Dispose();
        }
    }

    private async Task MakeAsync(ChannelWriter<MLImage> frames, CancellationToken cancellationToken)
    {
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (MLImage frame in Pipeline.Fit(Rows).Transform(Rows).GetColumn<MLImage>("TargetPhoto"))
            {
                try
                {
                    await frames.WriteAsync(frame, cancellationToken).ConfigureAwait(false);
                }
                catch
                {
                    frame.Dispose();
                    throw;
                }
            }
            frames.Complete();
        }
        catch (Exception e)
        {
            frames.TryComplete(e);
        }
    }
}
