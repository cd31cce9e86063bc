using Lwg.MLNet.Body;
using Lwg.MLNet.Estimation.BlazePose;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Keypoints;
using Lwg.MLNet.Models;
using Lwg.MLNet.Networks;

namespace Lwg.MLNet.Estimation;

/// <summary>
/// Google's BlazePose (Bazarevsky et al. 2020, Grishchenko et al. 2022), imported from a package that its authors publish: a detector of
/// people, and a network for 33 landmarks in the picture and in space and a mask. A fit of the body to them gives pose and shape.
/// Thread-safe; its workers share the networks.
/// </summary>
internal sealed class BlazePoseEstimator : SmplEstimator, IPersonObserverSource
{
    /// <summary>The networks' files in a model folder.</summary>
    internal const string DetectorFile = "detector.onnx", LandmarksFile = "landmarks.onnx";

    internal const string ImageInput = "image", ScoresOutput = "scores", BoxesOutput = "boxes";
    internal const string LandmarksOutput = "landmarks", PresenceOutput = "presence", HeatMapsOutput = "heatmaps", MaskOutput = "mask",
        WorldOutput = "world";

    /// <summary>The margin on every side of a person in the square of mask and fit, as a share of its extent.</summary>
    internal const float PersonMargin = 0.12f;

    private readonly NetworkSession _detector, _landmarks;

    /// <summary>Opens an imported BlazePose.</summary>
    /// <param name="package">A model of kind <see cref="ModelKind.BlazePose"/>.</param>
    /// <param name="runtime">How its networks run; null for the defaults.</param>
    /// <exception cref="ModelFileException">The model is of another kind, or its networks are damaged or have different inputs or
    /// outputs.</exception>
    public BlazePoseEstimator(ModelPackage package, NetworkRuntimeOptions? runtime = null)
    {
        ArgumentNullException.ThrowIfNull(package);
        package.Require(ModelKind.BlazePose);
        (Package, Runtime) = (package, runtime ?? new NetworkRuntimeOptions());
        _detector = NetworkSession.Open(package.Get(DetectorFile), $"{package.Source}, '{DetectorFile}'", Runtime);
        try
        {
            _landmarks = NetworkSession.Open(package.Get(LandmarksFile), $"{package.Source}, '{LandmarksFile}'", Runtime);
        }
        catch
        {
            _detector.Dispose();
            throw;
        }
        try
        {
            using IPersonObserver tried = CreateObserver(new PersonFindingOptions());
        }
        catch (ArgumentException e)
        {
            Dispose();
            throw new ModelFileException(package.Source, null, e.Message, e);
        }
    }

    /// <summary>The model that the estimator was opened from.</summary>
    public override ModelPackage Package { get; }

    /// <summary>How its networks run.</summary>
    public override NetworkRuntimeOptions Runtime { get; }

    /// <inheritdoc/>
    internal override int PictureSize => LandmarkReader.Size;

    /// <inheritdoc/>
    internal override float Margin => PersonMargin;

    /// <inheritdoc/>
    internal override bool EstimatesKeypoints => true;

    /// <inheritdoc/>
    internal override int MaskSize => LandmarkReader.Size;

    /// <inheritdoc/>
    internal override ISmplWorker CreateWorker(int batchSize = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        return new Worker(this, batchSize);
    }

    /// <summary>Releases the networks; existing workers stay valid.</summary>
    public override void Dispose()
    {
        _detector.Dispose();
        _landmarks.Dispose();
    }

    IPersonObserver IPersonObserverSource.CreateObserver(PersonFindingOptions options) => CreateObserver(options);

    internal static void RequireNumbers(ReadOnlySpan<float> numbers, string what)
    {
        foreach (float number in numbers)
        {
            if (!float.IsFinite(number))
                throw new LwgException($"BlazePose gave {number} among its {what}; all must be finite.");
        }
    }

    private BlazePoseObserver CreateObserver(PersonFindingOptions options)
    {
        var detector = new PersonDetector(_detector);
        try
        {
            return new BlazePoseObserver(detector, new LandmarkReader(_landmarks), options);
        }
        catch
        {
            detector.Dispose();
            throw;
        }
    }

    // Finds and fits people one after another in squares that the caller cut out.
    private sealed class Worker(BlazePoseEstimator estimator, int batchSize) : ISmplWorker
    {
        private readonly PersonFinder _finder = new(estimator, BodyModel.Default);
        private readonly float[] _pictures = new float[batchSize * 3 * LandmarkReader.Size * LandmarkReader.Size];
        private readonly float[] _smpl = new float[batchSize * SmplLayout.ParameterCount],
            _keypoints = new float[batchSize * KeypointSet.Length];
        private readonly float[] _mask = new float[batchSize * LandmarkReader.Size * LandmarkReader.Size],
            _presence = new float[2 * batchSize];

        public Span<float> Picture(int row) => Row(_pictures, row);

        public void Run()
        {
            for (int row = 0; row < batchSize; row++)
            {
                PersonFinding found = _finder.Find(PixelBuffer.FromTensor(Picture(row), LandmarkReader.Size, LandmarkReader.Size));
                found.Smpl.CopyTo(Row(_smpl, row));
                found.Keypoints.CopyTo(Row(_keypoints, row));
                found.CopyMask(LandmarkReader.Size, LandmarkReader.Size, Row(_mask, row), LandmarkReader.Size);
                Span<float> presence = Row(_presence, row);
                (presence[0], presence[1]) = (found.Confidence, found.Status == PersonFindingStatus.SeveralPeople ? 1 : 0);
            }
        }

        public ReadOnlySpan<float> Smpl(int row) => Row(_smpl, row);

        public ReadOnlySpan<float> Keypoints(int row) => Row(_keypoints, row);

        public ReadOnlySpan<float> Mask(int row) => Row(_mask, row);

        public ReadOnlySpan<float> Presence(int row) => Row(_presence, row);

        public void Dispose() => _finder.Dispose();

        private Span<float> Row(float[] all, int row) => all.AsSpan(row * (all.Length / batchSize), all.Length / batchSize);
    }
}
