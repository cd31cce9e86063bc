using Lwg.MLNet.Body;
using Lwg.MLNet.Transforms.Stages;
using Microsoft.ML.Runtime;

namespace Lwg.MLNet.Transforms;

/// <summary>Options of <see cref="BodyRotatingEstimator"/>.</summary>
public sealed class BodyRotatingOptions : StageOptions
{
    /// <summary>The column that is made: the vertices of the new view [V,3].</summary>
    public string OutputColumnName { get; init; } = "TargetVertices";

    /// <summary>The column that is read: the vertices [V,3].</summary>
    public string InputColumnName { get; init; } = "SourceVertices";

    /// <summary>The column that is read: the angles about x, y and z [3], degrees.</summary>
    public string AnglesColumnName { get; init; } = "ViewAngles";

    /// <summary>The column that is read: what is added afterwards [3], metres; null for nothing.</summary>
    public string? TranslationColumnName { get; init; } = "ViewTranslation";

    internal override void Check() { }
}

/// <summary>Turns a body, so that it is seen from another side; the camera stays.</summary>
/// <remarks>
/// | | |
/// |---|---|
/// | Looks at the data to train? | No |
/// | Input | vertices [V,3], angles [3] in degrees, translation [3], Single |
/// | Output | vertices [V,3], Single |
/// | Needs besides Microsoft.ML | nothing |
/// </remarks>
public sealed class BodyRotatingEstimator : StageEstimator<BodyRotatingTransformer>
{
    internal BodyRotatingEstimator(IHostEnvironment environment, BodyRotatingOptions options)
        : base(new BodyRotatingTransformer(environment, options)) { }
}

/// <summary>Turns a body: see <see cref="BodyView"/>.</summary>
public sealed class BodyRotatingTransformer : StageTransformer<BodyRotatingOptions>
{
    internal const string Name = "RotateBody";

    internal BodyRotatingTransformer(IHostEnvironment environment, BodyRotatingOptions options) : base(environment, Name, options)
    {
        List<StageColumn> inputs = [StageColumn.Singles(options.InputColumnName, "V,3", ColumnFacts.Body), StageColumn.Singles(options.AnglesColumnName, "3")];
        if (options.TranslationColumnName is { } translation)
            inputs.Add(StageColumn.Singles(translation, "3"));
        Signature = new StageSignature { Stage = Name, Inputs = inputs, Outputs = [StageColumn.Singles(options.OutputColumnName, "V,3", ColumnFacts.Body)] };
    }

    internal override StageSignature Signature { get; }

    internal override StageKernel CreateKernel(StageBuffers buffers)
    {
        float[] vertices = buffers.Input<float>(Options.InputColumnName), angles = buffers.Input<float>(Options.AnglesColumnName);
        float[] translation = Options.TranslationColumnName is { } name ? buffers.Input<float>(name) : [];
        float[] result = buffers.Output<float>(Options.OutputColumnName);
        return new StageKernel(Compute: () => BodyView.Rotate(vertices, angles, translation, result));
    }
}
