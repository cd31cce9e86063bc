using System.Numerics.Tensors;
using Lwg.MLNet.Transforms.Stages;
using Lwg.MLNet.Warping;
using Microsoft.ML.Runtime;

namespace Lwg.MLNet.Transforms;

/// <summary>Options of <c>AssembleTransferInput</c>.</summary>
public sealed class AssembleTransferInputOptions : StageOptions
{
    /// <summary>The output column: the transfer input [6,S,S], the warped source and the target's condition map.</summary>
    public string OutputColumnName { get; init; } = "TargetTransferInput";

    /// <summary>The output column: the source sampled at T [3,S,S].</summary>
    public string WarpedColumnName { get; init; } = "TargetWarped";

    /// <summary>The output column: the target's crop mask [1,S,S], 1 on background.</summary>
    public string CropMaskColumnName { get; init; } = "TargetCropMask";

    /// <summary>The input column: the source picture, S x S.</summary>
    public string ImageColumnName { get; init; } = "SourceImage";

    /// <summary>The input column: the transformation flow T [S,S,2].</summary>
    public string FlowColumnName { get; init; } = "T";

    /// <summary>The input column: the target's condition map [3,S,S].</summary>
    public string ConditionColumnName { get; init; } = "TargetCondition";

    /// <summary>The column of a second picture, S x S, whose samples are added: the reference, which provides the clothes. Null for
    /// none.</summary>
    public string? ReferenceImageColumnName { get; init; }

    /// <summary>The column of the flow [S,S,2] at which the second picture is sampled; required with a second picture.</summary>
    public string? ReferenceFlowColumnName { get; init; }

    /// <summary>
    /// The column of the source's person mask, a grid [M,M] over the square (EstimateSmpl's PersonMask); null for none. Each pixel
    /// outside the mask is replaced by the nearest pixel inside before the source is sampled, unless the mask covers less than 60 % of
    /// the silhouette in <see cref="SourceConditionColumnName"/>.
    /// </summary>
    public string? PersonMaskColumnName { get; init; }

    /// <summary>The column of the source's condition map [3,S,S]; read only with a mask.</summary>
    public string SourceConditionColumnName { get; init; } = "SourceCondition";

    /// <summary>The column of the person mask of the second picture, a grid [R,R]; null for none.</summary>
    public string? ReferencePersonMaskColumnName { get; init; }

    /// <summary>The column of the reference's condition map [3,S,S]; read only with a mask of the reference.</summary>
    public string ReferenceConditionColumnName { get; init; } = "ReferenceCondition";

    /// <summary>Whether -1 and 1 are the centres of the outermost pixels (true, as in the training of the 2019 models) or their outer
    /// edges (false). The value depends on the generator that reads the result; the output columns carry it.</summary>
    public bool AlignCorners { get; init; } = true;

    internal override void Check()
    {
        if (ReferenceImageColumnName is null != ReferenceFlowColumnName is null)
            throw new ArgumentException($"{nameof(ReferenceImageColumnName)} and {nameof(ReferenceFlowColumnName)} belong together: both "
                + $"name a column, or neither does.", nameof(ReferenceFlowColumnName));
        if (ReferencePersonMaskColumnName is not null && ReferenceImageColumnName is null)
            throw new ArgumentException($"{nameof(ReferencePersonMaskColumnName)} needs {nameof(ReferenceImageColumnName)}.",
                nameof(ReferencePersonMaskColumnName));
    }
}

/// <summary>Assembles the transfer input: see <see cref="GridSampler"/> and <see cref="InputAssembler.Transfer"/>.</summary>
internal sealed class AssembleTransferInputTransformer : StageTransformer<AssembleTransferInputOptions>
{
    internal const string Name = "AssembleTransferInput";

    private const ColumnFacts MapFacts = ColumnFacts.Body | ColumnFacts.ImageSize;

    internal AssembleTransferInputTransformer(IHostEnvironment environment, AssembleTransferInputOptions options)
        : base(environment, Name, options) =>
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
        float[] mask = Mask(Options.PersonMaskColumnName),
            sourceCondition = Condition(Options.PersonMaskColumnName, Options.SourceConditionColumnName);
        float[] referenceMask = Mask(Options.ReferencePersonMaskColumnName),
            referenceCondition = Condition(Options.ReferencePersonMaskColumnName, Options.ReferenceConditionColumnName);
        var source = new PersonSource(size, mask.Length > 0);
        ImageInput? reference = Options.ReferenceImageColumnName is { } name ? buffers.InputImage(name) : null;
        float[] referenceFlow = Options.ReferenceFlowColumnName is { } flowName ? buffers.Input<float>(flowName) : [];
        PersonSource? second = reference is null ? null : new PersonSource(size, referenceMask.Length > 0);
        float[] referenceWarped = new float[reference is null ? 0 : condition.Length];
        return new StageKernel(
            Prepare: () =>
            {
                source.Take(image, mask, sourceCondition);
                second?.Take(reference!, referenceMask, referenceCondition);
            },
            Compute: () =>
            {
                GridSampler.Sample(source.Person, 3, size, size, flow, Options.AlignCorners, warped);
                if (second is not null)
                {
                    GridSampler.Sample(second.Person, 3, size, size, referenceFlow, Options.AlignCorners, referenceWarped);
                    TensorPrimitives.Add(warped, referenceWarped, warped);
                }
                assembler.Transfer(warped, condition, input);
                assembler.CropMask(condition, cropMask);
            });

        float[] Mask(string? name) => name is null ? [] : buffers.Input<float>(name);

        float[] Condition(string? mask, string name) => mask is null ? [] : buffers.Input<float>(name);
    }

    private static List<StageColumn> Inputs(AssembleTransferInputOptions options)
    {
        List<StageColumn> inputs =
        [
            StageColumn.Singles(options.FlowColumnName, "S,S,2", MapFacts),
            // In appearance transfer the target is the source in its own pose.
            StageColumn.Singles(options.ConditionColumnName, "3,S,S", MapFacts, ofSource: options.PersonMaskColumnName is not null
            && options.SourceConditionColumnName == options.ConditionColumnName),
            StageColumn.Image(options.ImageColumnName, "S,S", ofSource: true),
        ];
        if (options.ReferenceImageColumnName is { } image)
        {
            inputs.Add(StageColumn.Image(image, "S,S", ofSource: true));
            inputs.Add(StageColumn.Singles(options.ReferenceFlowColumnName!, "S,S,2", MapFacts));
        }
        AddMask(options.PersonMaskColumnName, "M,M", options.SourceConditionColumnName);
        AddMask(options.ReferencePersonMaskColumnName, "R,R", options.ReferenceConditionColumnName);
        return inputs;

        void AddMask(string? mask, string dimensions, string condition)
        {
            if (mask is null)
                return;
            inputs.AddRange(StageColumn.PersonMask(mask, dimensions));
            if (inputs.All(i => i.Name != condition))
                inputs.Add(StageColumn.Singles(condition, "3,S,S", MapFacts, ofSource: true));
        }
    }
}
