using Lwg.MLNet.Estimation;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Transforms.Stages;
using Microsoft.ML.Runtime;

namespace Lwg.MLNet.Transforms;

/// <summary>
/// Options of <see cref="SmplEstimatingEstimator"/>. Key points or a box may say where the person is; without them the whole image is looked at, which is
/// right for images that CropPerson made.
/// </summary>
public sealed class SmplEstimatingOptions : StageOptions
{
    /// <summary>The column that is made: SMPL numbers [85]; the camera is that of the image, [-1,1] over the square of its longer side at its top left.</summary>
    public string OutputColumnName { get; init; } = "Smpl";

    /// <summary>The column that is made by estimators that tell key points, too: [17,3] in the COCO order, x and y in pixels of the image, confidence.</summary>
    public string EstimatedKeypointsColumnName { get; init; } = "EstimatedKeypoints";

    /// <summary>The column that is read: the image, of any size.</summary>
    public string ImageColumnName { get; init; } = "Image";

    /// <summary>The column that is read: key points [17,3] in the COCO order, x and y in pixels of the image, confidence in [0,1].</summary>
    public string? KeypointsColumnName { get; init; }

    /// <summary>The column that is read: the person's box [4], (minX, maxX, minY, maxY) in pixels of the image.</summary>
    public string? BoxColumnName { get; init; }

    /// <summary>The share of the person's extent that is kept free on every side of key points or box, 0 to 2; null for what the estimator was trained on.</summary>
    public float? Margin { get; init; }

    internal override void Check()
    {
        if (Margin is not (null or (>= 0 and <= 2)))
            throw new ArgumentOutOfRangeException(nameof(Margin), Margin, "The margin must be 0 to 2.");
        if (KeypointsColumnName is not null && BoxColumnName is not null)
            throw new ArgumentException("At most one of KeypointsColumnName and BoxColumnName may be given.", nameof(BoxColumnName));
    }
}

/// <summary>Estimates pose, shape and camera of a person.</summary>
/// <remarks>
/// | | |
/// |---|---|
/// | Looks at the data to train? | No |
/// | Input | image; by choice key points [17,3] or box [4], Single |
/// | Output | Smpl [85], and key points [17,3] where the estimator tells them, Single |
/// | Needs besides Microsoft.ML | Microsoft.ML.ImageAnalytics, Microsoft.ML.OnnxRuntime |
/// </remarks>
public sealed class SmplEstimatingEstimator : StageEstimator<SmplEstimatingTransformer>
{
    internal SmplEstimatingEstimator(IHostEnvironment environment, SmplEstimatingOptions options, ISmplEstimator estimator)
        : base(new SmplEstimatingTransformer(environment, options, estimator)) { }
}

/// <summary>Estimates pose, shape and camera of a person: see <see cref="SmplEstimation"/>.</summary>
public sealed class SmplEstimatingTransformer : StageTransformer<SmplEstimatingOptions>
{
    internal const string Name = "EstimateSmpl";

    private readonly ISmplEstimator _estimator;

    internal SmplEstimatingTransformer(IHostEnvironment environment, SmplEstimatingOptions options, ISmplEstimator estimator)
        : base(environment, Name, options, network: estimator is LearnedSmplEstimator learned ? new StageNetwork(learned.Package, learned.Runtime) : null)
    {
        _estimator = estimator;
        List<StageColumn> inputs = [StageColumn.Image(options.ImageColumnName)], outputs = [StageColumn.Singles(options.OutputColumnName, "85")];
        if (options.KeypointsColumnName is { } keypoints)
            inputs.Add(StageColumn.Keypoints(keypoints));
        if (options.BoxColumnName is { } box)
            inputs.Add(StageColumn.Singles(box, "4"));
        if (estimator.EstimatesKeypoints)
            outputs.Add(StageColumn.Singles(options.EstimatedKeypointsColumnName, "17,3"));
        Signature = new StageSignature { Stage = Name, Inputs = inputs, Outputs = outputs };
    }

    internal override StageSignature Signature { get; }

    internal override StageKernel CreateKernel(StageBuffers buffers)
    {
        ImageInput image = buffers.InputImage(Options.ImageColumnName);
        float[] where = Signature.Inputs.Count > 1 ? buffers.Input<float>(Signature.Inputs[1].Name) : [];
        float[] smpl = buffers.Output<float>(Options.OutputColumnName);
        float[] keypoints = _estimator.EstimatesKeypoints ? buffers.Output<float>(Options.EstimatedKeypointsColumnName) : [];
        var estimation = new SmplEstimation(_estimator);
        return new StageKernel(
            Compute: () =>
            {
                PixelBuffer picture = image.ToPixels();
                estimation.Clear();
                estimation.Add(picture, Locate(estimation, picture, where));
                estimation.Run();
                try
                {
                    estimation.CopySmpl(0, smpl);
                }
                catch (LwgException e)
                {
                    throw StageErrors.In(Name, Options.ImageColumnName, e);
                }
                estimation.CopyKeypoints(0, keypoints);
            },
            Owned: estimation);
    }

    internal override void CheckSavable()
    {
        if (_estimator is not LearnedSmplEstimator)
            throw new NotSupportedException($"Stage '{Name}' can be saved with the library's own estimators only, but it has a {_estimator.GetType().Name}.");
    }

    private CropTransform Locate(SmplEstimation estimation, PixelBuffer picture, float[] where)
    {
        float margin = Options.Margin ?? _estimator.Margin;
        try
        {
            if (Options.BoxColumnName is not null)
                return SquareCrop.AroundBox(where[0], where[2], where[1], where[3], _estimator.PictureSize, margin);
            if (Options.KeypointsColumnName is null)
                return estimation.Whole(picture);
            KeypointSet keypoints = KeypointSet.Create(where);
            keypoints.RequireInside(picture.Width, picture.Height);
            return SquareCrop.AroundKeypoints(keypoints, _estimator.PictureSize, margin);
        }
        catch (Exception e) when (e is KeypointInputException or ArgumentException)
        {
            throw StageErrors.In(Name, Signature.Inputs[1].Name, e);
        }
    }
}
