using Lwg.MLNet.Estimation;
using Lwg.MLNet.Transforms.Stages;
using Microsoft.ML.Runtime;

namespace Lwg.MLNet.Transforms;

/// <summary>Options of <c>DetectKeypoints</c>. Networks for one person per picture (heat maps, SimCC) work best with a box
/// column.</summary>
public sealed class DetectKeypointsOptions : StageOptions
{
    /// <summary>The output column: key points [17,3] in the COCO order, x and y in pixels of the image, confidence in [0,1].</summary>
    public string OutputColumnName { get; init; } = "Keypoints";

    /// <summary>The output column: the person's score, 0 to 1.</summary>
    public string ScoreColumnName { get; init; } = "PersonScore";

    /// <summary>The input column: the image, of any size.</summary>
    public string ImageColumnName { get; init; } = "Image";

    /// <summary>The input column: the person's box [4], (minX, maxX, minY, maxY) in pixels of the image; null for the whole
    /// image.</summary>
    public string? BoxColumnName { get; init; }

    /// <summary>Whether a row without a person is an error; otherwise all its confidences and its score are 0.</summary>
    public bool RefuseMissingPerson { get; init; } = true;

    /// <summary>The input and output format of the network.</summary>
    public KeypointDetectorOptions Network { get; init; } = new();

    internal override void Check()
    {
        ArgumentNullException.ThrowIfNull(Network);
        Network.Check();
    }
}

/// <summary>Finds a person's key points: see <see cref="KeypointDetection"/>.</summary>
internal sealed class DetectKeypointsTransformer : StageTransformer<DetectKeypointsOptions>
{
    internal const string Name = "DetectKeypoints";

    private readonly KeypointDetector _detector;

    internal DetectKeypointsTransformer(IHostEnvironment environment, DetectKeypointsOptions options, KeypointDetector detector)
        : base(environment, Name, options, network: new StageNetwork(detector.Package, detector.Runtime))
    {
        _detector = detector;
        List<StageColumn> inputs = [StageColumn.Image(options.ImageColumnName)];
        if (options.BoxColumnName is { } box)
            inputs.Add(StageColumn.Singles(box, "4"));
        Signature = new StageSignature
        {
            Stage = Name,
            Inputs = inputs,
            Outputs = [StageColumn.Keypoints(options.OutputColumnName), StageColumn.Singles(options.ScoreColumnName, "")],
        };
    }

    internal override StageSignature Signature { get; }

    internal override StageKernel CreateKernel(StageBuffers buffers)
    {
        ImageInput image = buffers.InputImage(Options.ImageColumnName);
        float[] box = Options.BoxColumnName is { } name ? buffers.Input<float>(name) : [];
        float[] keypoints = buffers.Output<float>(Options.OutputColumnName);
        ScalarOutput<float> score = buffers.OutputScalar<float>(Options.ScoreColumnName);
        KeypointDetection detection = _detector.CreateWorker();
        return new StageKernel(
            Compute: () =>
            {
                try
                {
                    score.Value = detection.Detect(image.ToPixels(), box, keypoints);
                }
                catch (KeypointInputException) when (!Options.RefuseMissingPerson)
                {
                    keypoints.AsSpan().Clear();
                    score.Value = 0;
                }
                catch (KeypointInputException e)
                {
                    throw StageErrors.In(Title, Options.ImageColumnName, e);
                }
                catch (ArgumentException e)
                {
                    throw StageErrors.In(Title, Options.BoxColumnName, e);
                }
            },
            Owned: detection);
    }
}
