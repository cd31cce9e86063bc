using Lwg.MLNet.Transforms.Stages;
using Lwg.MLNet.Warping;
using Microsoft.ML.Runtime;

namespace Lwg.MLNet.Transforms;

/// <summary>Options of <c>AssembleBackgroundInput</c>.</summary>
public sealed class AssembleBackgroundInputOptions : StageOptions
{
    /// <summary>The output column: the background input [4,S,S].</summary>
    public string OutputColumnName { get; init; } = "SourceBackgroundInput";

    /// <summary>The input column: the picture, S x S.</summary>
    public string ImageColumnName { get; init; } = "SourceImage";

    /// <summary>The input column: the person's condition map [3,S,S].</summary>
    public string ConditionColumnName { get; init; } = "SourceCondition";

    /// <summary>The input column: an estimator's person mask, a grid [M,M] over the square (EstimateSmpl's PersonMask); the mask and S/64
    /// around it are not background. Null for none.</summary>
    public string? PersonMaskColumnName { get; init; }

    /// <summary>The side of the square kernel that erodes the background: 15 in training, 13 at inference, larger for loose clothes; odd,
    /// 1 to 255.</summary>
    public int Kernel { get; init; } = 13;

    internal override void Check() => CheckKernel(Kernel, nameof(Kernel));
}

/// <summary>Assembles the background input: see <see cref="InputAssembler.Background"/>.</summary>
internal sealed class AssembleBackgroundInputTransformer : StageTransformer<AssembleBackgroundInputOptions>
{
    internal const string Name = "AssembleBackgroundInput";

    private const ColumnFacts MapFacts = ColumnFacts.Body | ColumnFacts.ImageSize;

    internal AssembleBackgroundInputTransformer(IHostEnvironment environment, AssembleBackgroundInputOptions options)
        : base(environment, Name, options) =>
        Signature = new StageSignature
        {
            Stage = Name,
            Inputs = [StageColumn.Singles(options.ConditionColumnName, "3,S,S", MapFacts),
            StageColumn.Image(options.ImageColumnName, "S,S"), .. StageColumn.PersonMask(options.PersonMaskColumnName)],
            Outputs = [StageColumn.Singles(options.OutputColumnName, "4,S,S", MapFacts)],
        };

    internal override StageSignature Signature { get; }

    internal override StageKernel CreateKernel(StageBuffers buffers)
    {
        ImageInput image = buffers.InputImage(Options.ImageColumnName);
        float[] condition = buffers.Input<float>(Options.ConditionColumnName), input = buffers.Output<float>(Options.OutputColumnName);
        float[] person = Options.PersonMaskColumnName is { } mask ? buffers.Input<float>(mask) : [];
        var assembler = new InputAssembler(buffers.Binding.Size("S"));
        var picture = new float[condition.Length];
        return new StageKernel(Compute: () =>
        {
            image.ToTensor(picture);
            assembler.Background(picture, condition, Options.Kernel, input, person);
        });
    }
}
