using Lwg.MLNet.Body;
using Lwg.MLNet.Transforms.Stages;
using Microsoft.ML.Runtime;

namespace Lwg.MLNet.Transforms;

/// <summary>Options of <see cref="SmplRetargetingEstimator"/>.</summary>
public sealed class SmplRetargetingOptions : StageOptions
{
    /// <summary>The column that is made: the target's SMPL numbers [85].</summary>
    public string OutputColumnName { get; init; } = "TargetSmpl";

    /// <summary>The column that is read: the source's SMPL numbers [85].</summary>
    public string SourceColumnName { get; init; } = "SourceSmpl";

    /// <summary>The column that is read: the reference's SMPL numbers [85].</summary>
    public string ReferenceColumnName { get; init; } = "ReferenceSmpl";

    /// <summary>The column that <see cref="CameraStrategy.Smooth"/> reads: the reference's SMPL numbers at its first frame [85]; the loaders write it.</summary>
    public string OriginColumnName { get; init; } = "ReferenceOrigin";

    /// <summary>Which camera the target gets.</summary>
    public CameraStrategy Strategy { get; init; } = CameraStrategy.Smooth;

    /// <summary>Whether the target stands in the T-pose before the source's camera instead; then no reference is read.</summary>
    public bool TPose { get; init; }

    internal override void Check() => CheckEnum(Strategy, nameof(Strategy));
}

/// <summary>Makes the target's SMPL numbers: the reference's pose, the source's shape, a camera by strategy.</summary>
/// <remarks>
/// | | |
/// |---|---|
/// | Looks at the data to train? | No |
/// | Input | source and reference [85], and for Smooth the reference's first frame [85], Single |
/// | Output | target [85], Single |
/// | Needs besides Microsoft.ML | nothing |
/// </remarks>
public sealed class SmplRetargetingEstimator : StageEstimator<SmplRetargetingTransformer>
{
    internal SmplRetargetingEstimator(IHostEnvironment environment, SmplRetargetingOptions options)
        : base(new SmplRetargetingTransformer(environment, options)) { }
}

/// <summary>Makes the target's SMPL numbers: see <see cref="Retargeting"/>.</summary>
public sealed class SmplRetargetingTransformer : StageTransformer<SmplRetargetingOptions>
{
    internal const string Name = "RetargetSmpl";

    internal SmplRetargetingTransformer(IHostEnvironment environment, SmplRetargetingOptions options) : base(environment, Name, options)
    {
        List<StageColumn> inputs = [StageColumn.Smpl(options.SourceColumnName)];
        if (!options.TPose)
            inputs.Add(StageColumn.Smpl(options.ReferenceColumnName));
        if (!options.TPose && options.Strategy == CameraStrategy.Smooth)
            inputs.Add(StageColumn.Smpl(options.OriginColumnName));
        Signature = new StageSignature { Stage = Name, Inputs = inputs, Outputs = [StageColumn.Smpl(options.OutputColumnName)] };
    }

    internal override StageSignature Signature { get; }

    internal override StageKernel CreateKernel(StageBuffers buffers)
    {
        float[] source = buffers.Input<float>(Options.SourceColumnName), target = buffers.Output<float>(Options.OutputColumnName);
        if (Options.TPose)
            return new StageKernel(Compute: () => Retargeting.StandInTPose(source, target));
        float[] reference = buffers.Input<float>(Options.ReferenceColumnName);
        float[] origin = Options.Strategy == CameraStrategy.Smooth ? buffers.Input<float>(Options.OriginColumnName) : [];
        return new StageKernel(Compute: () => Retargeting.Retarget(source, reference, origin, Options.Strategy, target));
    }
}
