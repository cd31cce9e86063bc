using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Lwg.MLNet.Body;
using Lwg.MLNet.Keypoints;
using Lwg.MLNet.Metrics;
using Lwg.MLNet.Transforms.Stages;
using Microsoft.ML.Runtime;

namespace Lwg.MLNet.Transforms;

/// <summary>Options of <c>MeasureTransferQuality</c>.</summary>
public sealed class MeasureTransferQualityOptions : StageOptions
{
    /// <summary>The output column: the share of the target's visible surface that is visible in the source, 0 to 1.</summary>
    public string SurfaceShownColumnName { get; init; } = "SurfaceShown";

    /// <summary>The output column if a mask is read: intersection over union of the source's silhouette and the mask, 0 to 1.</summary>
    public string SilhouetteOverlapColumnName { get; init; } = "SilhouetteOverlap";

    /// <summary>The output column if key points are read: the mean distance between the source body's and the marked key points, as a
    /// share of the person's height.</summary>
    public string FitResidualColumnName { get; init; } = "FitResidual";

    /// <summary>The output column: 1 if the row meets all thresholds, otherwise 0; suitable for
    /// mlContext.Data.FilterRowsByColumn.</summary>
    public string AcceptableColumnName { get; init; } = "Acceptable";

    // False in models saved by earlier versions, which keep the type Boolean.
    [JsonInclude]
    internal bool AcceptableIsNumber { get; init; } = true;

    /// <summary>The input column: the source's face index map [S,S].</summary>
    public string SourceFaceIndexColumnName { get; init; } = "SourceFaceIndex";

    /// <summary>The input column: the target's face index map [S,S].</summary>
    public string TargetFaceIndexColumnName { get; init; } = "TargetFaceIndex";

    /// <summary>The input column: the person mask of the source image, a grid [M,M] over it with values above 0.5 on the person
    /// (EstimateSmpl's PersonMask); null for none.</summary>
    public string? PersonMaskColumnName { get; init; }

    /// <summary>The input column: the source's marked key points [17,3] in the COCO order, x and y in pixels of the image, confidence;
    /// null for none.</summary>
    public string? KeypointsColumnName { get; init; }

    /// <summary>The input column with key points: the key points of the source's body [19,2] in [-1,1].</summary>
    public string Joints2DColumnName { get; init; } = "SourceJoints2D";

    /// <summary>The minimum share of the target's surface that is visible in the source, 0 to 1.</summary>
    public float MinimumSurfaceShown { get; init; }

    /// <summary>The minimum overlap of silhouette and mask, 0 to 1.</summary>
    public float MinimumSilhouetteOverlap { get; init; }

    /// <summary>The maximum fit residual, above 0; null for no limit.</summary>
    public float? MaximumFitResidual { get; init; }

    /// <summary>Whether a row that does not meet a threshold is an error (<see cref="TransferQualityException"/>); otherwise it is only
    /// marked.</summary>
    public bool RefusePoorRows { get; init; }

    internal override void Check()
    {
        Share(MinimumSurfaceShown, nameof(MinimumSurfaceShown));
        Share(MinimumSilhouetteOverlap, nameof(MinimumSilhouetteOverlap));
        if (MaximumFitResidual is { } most && !(most > 0))
            throw new ArgumentOutOfRangeException(nameof(MaximumFitResidual), most, "The maximum fit residual must be above 0.");
        if (MinimumSilhouetteOverlap > 0 && PersonMaskColumnName is null)
            throw new ArgumentException("A threshold for the silhouette overlap needs PersonMaskColumnName.",
                nameof(MinimumSilhouetteOverlap));
        if (MaximumFitResidual is not null && KeypointsColumnName is null)
            throw new ArgumentException("A threshold for the fit residual needs KeypointsColumnName.", nameof(MaximumFitResidual));

        static void Share(float value, string name)
        {
            if (!(value is >= 0 and <= 1))
                throw new ArgumentOutOfRangeException(name, value, "It must be 0 to 1.");
        }
    }
}

/// <summary>Measures the achievable quality of a transfer: see <see cref="ShownSurface"/>, <see cref="MaskOverlap"/>,
/// <see cref="KeypointError"/>.</summary>
internal sealed class MeasureTransferQualityTransformer : StageTransformer<MeasureTransferQualityOptions>
{
    internal const string Name = "MeasureTransferQuality";

    private readonly BodyModel _body;

    internal MeasureTransferQualityTransformer(IHostEnvironment environment, MeasureTransferQualityOptions options, BodyModel body)
        : base(environment, Name, options, body)
    {
        _body = body;
        List<StageColumn> inputs =
        [
            StageColumn.Integers(options.SourceFaceIndexColumnName, "S,S", ColumnFacts.Body | ColumnFacts.ImageSize),
            StageColumn.Integers(options.TargetFaceIndexColumnName, "S,S", ColumnFacts.Body | ColumnFacts.ImageSize),
        ];
        List<StageColumn> outputs = [StageColumn.Singles(options.SurfaceShownColumnName, ""), options.AcceptableIsNumber
            ? StageColumn.Singles(options.AcceptableColumnName, "") : StageColumn.Flag(options.AcceptableColumnName)];
        if (options.PersonMaskColumnName is { } mask)
        {
            inputs.AddRange(StageColumn.PersonMask(mask));
            outputs.Add(StageColumn.Singles(options.SilhouetteOverlapColumnName, ""));
        }
        if (options.KeypointsColumnName is { } keypoints)
        {
            inputs.AddRange([StageColumn.Keypoints(keypoints), StageColumn.Singles(options.Joints2DColumnName, "19,2")]);
            outputs.Add(StageColumn.Singles(options.FitResidualColumnName, ""));
        }
        Signature = new StageSignature { Stage = Name, Inputs = inputs, Outputs = outputs, BodyHash = body.Hash };
    }

    internal override StageSignature Signature { get; }

    internal static void CompleteOptions(JsonObject options) =>
        options.TryAdd(nameof(MeasureTransferQualityOptions.AcceptableIsNumber), false);

    internal override StageKernel CreateKernel(StageBuffers buffers)
    {
        int[] source = buffers.Input<int>(Options.SourceFaceIndexColumnName),
            target = buffers.Input<int>(Options.TargetFaceIndexColumnName);
        float[] mask = Options.PersonMaskColumnName is { } m ? buffers.Input<float>(m) : [];
        float[] keypoints = Options.KeypointsColumnName is { } k ? buffers.Input<float>(k) : [], joints = keypoints.Length > 0
            ? buffers.Input<float>(Options.Joints2DColumnName) : [];
        ScalarOutput<float> shown = buffers.OutputScalar<float>(Options.SurfaceShownColumnName);
        ScalarOutput<float>? overlap = mask.Length > 0 ? buffers.OutputScalar<float>(Options.SilhouetteOverlapColumnName) : null;
        ScalarOutput<float>? residual = keypoints.Length > 0 ? buffers.OutputScalar<float>(Options.FitResidualColumnName) : null;
        ScalarOutput<float>? acceptable = Options.AcceptableIsNumber ? buffers.OutputScalar<float>(Options.AcceptableColumnName) : null;
        ScalarOutput<bool>? flag = Options.AcceptableIsNumber ? null : buffers.OutputScalar<bool>(Options.AcceptableColumnName);
        var surface = new ShownSurface(_body);
        int size = buffers.Binding.Size("S");
        return new StageKernel(Compute: () =>
        {
            try
            {
                shown.Value = surface.Share(source, target);
            }
            catch (ArgumentOutOfRangeException e)
            {
                throw StageErrors.In(Title, e.ParamName == "sourceFaceIndex" ? Options.SourceFaceIndexColumnName
                    : Options.TargetFaceIndexColumnName, e);
            }
            if (overlap is not null)
                overlap.Value = (float)MaskOverlap.OfSilhouette(source, mask);
            if (residual is not null)
                residual.Value = Residual(joints, keypoints, size);
            string? poor = Poor(shown.Value, overlap?.Value, residual?.Value);
            if (poor is not null && Options.RefusePoorRows)
                throw new TransferQualityException(
                    $"Stage '{Title}': the row is refused: {poor}. Without {nameof(MeasureTransferQualityOptions.RefusePoorRows)} such "
                    + $"rows are returned, and column '{Options.AcceptableColumnName}' marks them.");
            if (acceptable is not null)
                acceptable.Value = poor is null ? 1 : 0;
            if (flag is not null)
                flag.Value = poor is null;
        });
    }

    private float Residual(float[] joints, float[] keypoints, int size)
    {
        try
        {
            return KeypointError.Mean(KeypointError.OfPoints(joints, KeypointSet.Create(keypoints), size));
        }
        catch (KeypointInputException e)
        {
            throw StageErrors.In(Title, Options.KeypointsColumnName, e);
        }
    }

    /// <summary>Describes the thresholds that are not met; null if there are none.</summary>
    private string? Poor(float shown, float? overlap, float? residual)
    {
        var reasons = new List<string>();
        // NaN does not meet any threshold.
        if (!(shown >= Options.MinimumSurfaceShown))
            reasons.Add(string.Create(CultureInfo.InvariantCulture,
                $"the source shows {shown:P0} of the target's surface where {Options.MinimumSurfaceShown:P0} is needed"));
        if (!(overlap is null || overlap >= Options.MinimumSilhouetteOverlap))
            reasons.Add(string.Create(CultureInfo.InvariantCulture,
                $"silhouette and mask overlap by {overlap:P0} where {Options.MinimumSilhouetteOverlap:P0} is needed"));
        if (!(residual is null || Options.MaximumFitResidual is null || residual <= Options.MaximumFitResidual))
            reasons.Add(string.Create(CultureInfo.InvariantCulture,
                $"the body is {residual:P1} of the person's height away from the key points where {Options.MaximumFitResidual:P1} is "
                + $"allowed"));
        return reasons.Count == 0 ? null : string.Join(", and ", reasons);
    }
}
