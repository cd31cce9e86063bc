using Lwg.MLNet.Transforms.Stages;
using Lwg.MLNet.Warping;
using Microsoft.ML.Runtime;

namespace Lwg.MLNet.Transforms;

/// <summary>Options of <c>LocateHeadAndBody</c>.</summary>
public sealed class LocateHeadAndBodyOptions : StageOptions
{
    /// <summary>The output column: the head's box [4], (minX, maxX, minY, maxY) in pixels.</summary>
    public string HeadBoxColumnName { get; init; } = "HeadBox";

    /// <summary>The output column: the body's box [4], (minX, maxX, minY, maxY) in pixels.</summary>
    public string BodyBoxColumnName { get; init; } = "BodyBox";

    /// <summary>The input column: the 19 key points in the picture [19,2], in [-1,1].</summary>
    public string Joints2DColumnName { get; init; } = "Joints2D";

    /// <summary>S, the size of the pictures, 32 to 2048 pixels.</summary>
    public int ImageSize { get; init; } = 256;

    internal override void Check() => CheckImageSize(ImageSize, nameof(ImageSize));
}

/// <summary>Finds the boxes of head and body around a person's key points: see <see cref="BodyBoxes"/>.</summary>
internal sealed class LocateHeadAndBodyTransformer : StageTransformer<LocateHeadAndBodyOptions>
{
    internal const string Name = "LocateHeadAndBody";

    internal LocateHeadAndBodyTransformer(IHostEnvironment environment, LocateHeadAndBodyOptions options)
        : base(environment, Name, options) =>
        Signature = new StageSignature
        {
            Stage = Name,
            Inputs = [StageColumn.Singles(options.Joints2DColumnName, "19,2")],
            Outputs =
            [
                StageColumn.Singles(options.HeadBoxColumnName, "4", ColumnFacts.ImageSize),
                StageColumn.Singles(options.BodyBoxColumnName, "4", ColumnFacts.ImageSize),
            ],
            Sizes = new Dictionary<string, int> { ["S"] = options.ImageSize },
        };

    internal override StageSignature Signature { get; }

    internal override StageKernel CreateKernel(StageBuffers buffers)
    {
        float[] keypoints = buffers.Input<float>(Options.Joints2DColumnName);
        float[] head = buffers.Output<float>(Options.HeadBoxColumnName), body = buffers.Output<float>(Options.BodyBoxColumnName);
        return new StageKernel(Compute: () =>
        {
            BodyBoxes.Head(keypoints, Options.ImageSize, head);
            BodyBoxes.Body(keypoints, Options.ImageSize, body);
        });
    }
}
