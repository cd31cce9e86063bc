using System.Numerics.Tensors;
using Lwg.MLNet.Transforms.Stages;
using Lwg.MLNet.Warping;
using Microsoft.ML.Runtime;

namespace Lwg.MLNet.Transforms;

/// <summary>Options of <see cref="TransferInputAssemblingEstimator"/>.</summary>
public sealed class TransferInputAssemblingOptions : StageOptions
{
    /// <summary>The column that is made: the transfer input [6,S,S], the warped source and the target's condition map.</summary>
    public string OutputColumnName { get; init; } = "TargetTransferInput";

    /// <summary>The column that is made: the source sampled at T [3,S,S].</summary>
    public string WarpedColumnName { get; init; } = "TargetWarped";

    /// <summary>The column that is made: the target's crop mask [1,S,S], 1 on background.</summary>
    public string CropMaskColumnName { get; init; } = "TargetCropMask";

    /// <summary>The column that is read: the source picture, S x S.</summary>
    public string ImageColumnName { get; init; } = "SourceImage";

    /// <summary>The column that is read: the transformation flow T [S,S,2].</summary>
    public string FlowColumnName { get; init; } = "T";

    /// <summary>The column that is read: the target's condition map [3,S,S].</summary>
    public string ConditionColumnName { get; init; } = "TargetCondition";

    /// <summary>A second picture, S x S, whose samples are added: the reference, whose clothes the source shall wear. Null for none.</summary>
    public string? ReferenceImageColumnName { get; init; }

    /// <summary>The flow [S,S,2] at which the second picture is sampled; named where that is.</summary>
    public string? ReferenceFlowColumnName { get; init; }

    /// <summary>
    /// Whether -1 and 1 are the centres of the outermost pixels (true, as the models of 2019 were trained) or their outer edges (false). It belongs to the
    /// generator that reads the result; the made columns carry it.
    /// </summary>
    public bool AlignCorners { get; init; } = true;

    internal override void Check()
    {
        if (ReferenceImageColumnName is null != ReferenceFlowColumnName is null)
            throw new ArgumentException($"{nameof(ReferenceImageColumnName)} and {nameof(ReferenceFlowColumnName)} belong together: both name a column, or neither does.", nameof(ReferenceFlowColumnName));
    }
}

/// <summary>Assembles the transfer input: the source warped into the target's pose, and the target's condition map.</summary>
/// <remarks>
/// | | |
/// |---|---|
/// | Looks at the data to train? | No |
/// | Input | image S x S, T [S,S,2], the target's condition map [3,S,S] |
/// | Output | Warped [3,S,S], TransferInput [6,S,S], CropMask [1,S,S], Single |
/// | Needs besides Microsoft.ML | Microsoft.ML.ImageAnalytics |
/// </remarks>
public sealed class TransferInputAssemblingEstimator : StageEstimator<TransferInputAssemblingTransformer>
{
    internal TransferInputAssemblingEstimator(IHostEnvironment environment, TransferInputAssemblingOptions options)
        : base(new TransferInputAssemblingTransformer(environment, options)) { }
}

/// <summary>Assembles the transfer input: see <see cref="GridSampler"/> and <see cref="InputAssembler.Transfer"/>.</summary>
public sealed class TransferInputAssemblingTransformer : StageTransformer<TransferInputAssemblingOptions>
{
    internal const string Name = "AssembleTransferInput";

    private const ColumnFacts MapFacts = ColumnFacts.Body | ColumnFacts.ImageSize;

    internal TransferInputAssemblingTransformer(IHostEnvironment environment, TransferInputAssemblingOptions options) : base(environment, Name, options) =>
        Signature = new StageSignature
        {
            Stage = Name,
            Inputs = Inputs(options),
            Outputs =
            [
                StageColumn.Singles(options.WarpedColumnName, "3,S,S", MapFacts | ColumnFacts.AlignCorners),
                StageColumn.Singles(options.OutputColumnName, "6,S,S", MapFacts | ColumnFacts.AlignCorners),
                StageColumn.Singles(options.CropMaskColumnName, "1,S,S", MapFacts),
            ],
            AlignCorners = options.AlignCorners,
        };

    internal override StageSignature Signature { get; }

    internal override StageKernel CreateKernel(StageBuffers buffers)
    {
        ImageInput image = buffers.InputImage(Options.ImageColumnName);
        float[] flow = buffers.Input<float>(Options.FlowColumnName), condition = buffers.Input<float>(Options.ConditionColumnName);
        float[] warped = buffers.Output<float>(Options.WarpedColumnName), input = buffers.Output<float>(Options.OutputColumnName);
        float[] cropMask = buffers.Output<float>(Options.CropMaskColumnName);
        int size = buffers.Binding.Size("S");
        var assembler = new InputAssembler(size);
        var picture = new float[condition.Length];
        ImageInput? reference = Options.ReferenceImageColumnName is { } name ? buffers.InputImage(name) : null;
        float[] referenceFlow = Options.ReferenceFlowColumnName is { } flowName ? buffers.Input<float>(flowName) : [];
        float[] referencePicture = new float[reference is null ? 0 : condition.Length], referenceWarped = new float[referencePicture.Length];
        return new StageKernel(
            Prepare: () =>
            {
                image.ToTensor(picture);
                reference?.ToTensor(referencePicture);
            },
            Compute: () =>
            {
                GridSampler.Sample(picture, 3, size, size, flow, Options.AlignCorners, warped);
                if (reference is not null)
                {
                    GridSampler.Sample(referencePicture, 3, size, size, referenceFlow, Options.AlignCorners, referenceWarped);
                    TensorPrimitives.Add(warped, referenceWarped, warped);
                }
                assembler.Transfer(warped, condition, input);
                assembler.CropMask(condition, cropMask);
            });
    }

    private static List<StageColumn> Inputs(TransferInputAssemblingOptions options)
    {
        List<StageColumn> inputs =
        [
            StageColumn.Singles(options.FlowColumnName, "S,S,2", MapFacts),
            StageColumn.Singles(options.ConditionColumnName, "3,S,S", MapFacts),
            StageColumn.Image(options.ImageColumnName, "S,S", ofSource: true),
        ];
        if (options.ReferenceImageColumnName is { } image)
        {
            inputs.Add(StageColumn.Image(image, "S,S", ofSource: true));
            inputs.Add(StageColumn.Singles(options.ReferenceFlowColumnName!, "S,S,2", MapFacts));
        }
        return inputs;
    }
}
