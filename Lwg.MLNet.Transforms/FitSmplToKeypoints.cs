using System.Globalization;
using Lwg.MLNet.Body;
using Lwg.MLNet.Fitting;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Keypoints;
using Lwg.MLNet.Transforms.Stages;
using Microsoft.ML.Runtime;

namespace Lwg.MLNet.Transforms;

/// <summary>Options of <c>FitSmplToKeypoints</c>.</summary>
public sealed class FitSmplToKeypointsOptions : StageOptions
{
    /// <summary>The output column: SMPL parameters [85].</summary>
    public string OutputColumnName { get; init; } = "Smpl";

    /// <summary>The output column: the mean distance between the body's and the marked key points, as a share of the person's
    /// height.</summary>
    public string ErrorColumnName { get; init; } = "FitError";

    /// <summary>The input column: key points [17,3] in the COCO order, x and y in pixels of the image, confidence in [0,1].</summary>
    public string KeypointsColumnName { get; init; } = "Keypoints";

    /// <summary>The input column: the square image; only its size is used, unless <see cref="DrawToSilhouette"/> is set.</summary>
    public string ImageColumnName { get; init; } = "Image";

    /// <summary>Whether the outline of trunk and limbs is then fitted to the person's silhouette in the image, which is segmented around
    /// the fitted body. Fits clothed people better, and takes a few tenths of a second more at 256 pixels.</summary>
    public bool DrawToSilhouette { get; init; }

    /// <summary>The iterations of each initial attempt; at least 1.</summary>
    public int ScoutIterations { get; init; } = new KeypointFitOptions().ScoutIterations;

    /// <summary>The number of initial attempts that are continued; 1 to 8.</summary>
    public int Finalists { get; init; } = new KeypointFitOptions().Finalists;

    /// <summary>The maximum iterations of each continued attempt; at least 1.</summary>
    public int MaximumIterations { get; init; } = new KeypointFitOptions().MaximumIterations;

    internal override void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ScoutIterations, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaximumIterations, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Finalists, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Finalists, 8);
    }
}

/// <summary>Fits a body to marked key points: see <see cref="KeypointFit"/>.</summary>
internal sealed class FitSmplToKeypointsTransformer : StageTransformer<FitSmplToKeypointsOptions>
{
    internal const string Name = "FitSmplToKeypoints";

    private readonly KeypointFit _fit;

    internal FitSmplToKeypointsTransformer(IHostEnvironment environment, FitSmplToKeypointsOptions options, BodyModel body)
        : base(environment, Name, options, body)
    {
        try
        {
            _fit = new KeypointFit(body, new KeypointFitOptions
            {
                ScoutIterations = options.ScoutIterations,
                Finalists = options.Finalists,
                MaximumIterations = options.MaximumIterations,
            });
        }
        catch (BodyMismatchException e)
        {
            throw StageErrors.In(Title, null, e);
        }
        Signature = new StageSignature
        {
            Stage = Name,
            Inputs = [StageColumn.Keypoints(options.KeypointsColumnName), StageColumn.Image(options.ImageColumnName)],
            Outputs = [StageColumn.Smpl(options.OutputColumnName), StageColumn.Singles(options.ErrorColumnName, "")],
        };
    }

    internal override StageSignature Signature { get; }

    internal override StageKernel CreateKernel(StageBuffers buffers)
    {
        float[] keypoints = buffers.Input<float>(Options.KeypointsColumnName), smpl = buffers.Output<float>(Options.OutputColumnName);
        ImageInput image = buffers.InputImage(Options.ImageColumnName);
        ScalarOutput<float> error = buffers.OutputScalar<float>(Options.ErrorColumnName);
        return new StageKernel(Compute: () =>
        {
            (int width, int height) = (image.Image.Width, image.Image.Height);
            if (width != height)
                throw new ImageInputException($"Stage '{Title}': column '{Options.ImageColumnName}' has an image of {width} x "
                    + $"{height} pixels, but a square one is needed; CropPerson makes one.");
            KeypointFitResult result = Fit(keypoints, image, width);
            result.Smpl.CopyTo(smpl, 0);
            error.Value = result.Error;
            Report(string.Create(CultureInfo.InvariantCulture,
                $"The fitted body's key points are {result.Error:P1} of the person's height away from the marked ones."));
        });
    }

    private KeypointFitResult Fit(ReadOnlySpan<float> keypoints, ImageInput image, int size)
    {
        try
        {
            KeypointSet set = KeypointSet.Create(keypoints);
            set.RequireInside(size, size);
            KeypointFitResult result = _fit.Fit(set, size);
            if (!Options.DrawToSilhouette)
                return result;
            float[] picture = new float[3 * size * size];
            image.ToTensor(picture);
            return SilhouetteFit.Refine(_fit, result, set, picture, size);
        }
        catch (KeypointInputException e)
        {
            throw StageErrors.In(Title, Options.KeypointsColumnName, e);
        }
    }
}
