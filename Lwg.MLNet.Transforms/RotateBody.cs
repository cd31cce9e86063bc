using Lwg.MLNet.Body;
using Lwg.MLNet.Transforms.Stages;
using Microsoft.ML.Runtime;

namespace Lwg.MLNet.Transforms;

/// <summary>Options of <c>RotateBody</c>.</summary>
public sealed class RotateBodyOptions : StageOptions
{
    /// <summary>The output column: the vertices in the new view [V,3].</summary>
    public string OutputColumnName { get; init; } = "TargetVertices";

    /// <summary>The input column: the vertices [V,3].</summary>
    public string InputColumnName { get; init; } = "SourceVertices";

    /// <summary>The input column: the angles about x, y and z [3], in degrees.</summary>
    public string AnglesColumnName { get; init; } = "ViewAngles";

    /// <summary>The input column: the translation after the rotation [3], in metres; null for none.</summary>
    public string? TranslationColumnName { get; init; } = "ViewTranslation";

    internal override void Check() { }
}

/// <summary>Rotates a body: see <see cref="BodyView"/>.</summary>
internal sealed class RotateBodyTransformer : StageTransformer<RotateBodyOptions>
{
    internal const string Name = "RotateBody";

    internal RotateBodyTransformer(IHostEnvironment environment, RotateBodyOptions options) : base(environment, Name, options)
    {
        List<StageColumn> inputs = [StageColumn.Singles(options.InputColumnName, "V,3", ColumnFacts.Body),
            StageColumn.Singles(options.AnglesColumnName, "3")];
        if (options.TranslationColumnName is { } translation)
            inputs.Add(StageColumn.Singles(translation, "3"));
        Signature = new StageSignature { Stage = Name, Inputs = inputs,
            Outputs = [StageColumn.Singles(options.OutputColumnName, "V,3", ColumnFacts.Body)] };
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
