using Lwg.MLNet.Body;
using Lwg.MLNet.Checkpoints;
using Lwg.MLNet.Keypoints;
using Lwg.MLNet.Models;
using Lwg.MLNet.Networks;

namespace Lwg.MLNet.Estimation;

/// <summary>
/// A SMPL estimator in ONNX Runtime: a network from a square picture to the 85 SMPL parameters, like HMR (Kanazawa et al. 2018),
/// optionally with key points; or the library's network (<see cref="PersonNetwork"/>), which also gives a mask and the presence of a
/// person. Thread-safe; its workers share the network, which is released with the last worker.
/// </summary>
internal sealed class LearnedSmplEstimator : SmplEstimator
{
    /// <summary>The network's file in a model folder.</summary>
    public const string NetworkFile = "estimator.onnx";

    /// <summary>The network's output of key points [N,17,3], if it has one.</summary>
    public const string KeypointsOutput = "Keypoints";

    /// <summary>
    /// In HMR's pictures 150 of 224 pixels lie between the top of the head and the ankles; with the feet that leaves a margin of a fifth
    /// on every side.
    /// </summary>
    public const float HmrMargin = 0.2f;

    /// <summary>The margin on every side of a person, as a share of its extent, in the last run of the library's estimator.</summary>
    public const float PersonMargin = 0.12f;

    private readonly NetworkSession _session;
    private readonly bool _isOwn;

    /// <summary>Opens an estimator.</summary>
    /// <param name="package">A model of kind <see cref="ModelKind.SmplEstimator"/>.</param>
    /// <param name="runtime">How its network runs; null for the defaults.</param>
    /// <exception cref="ModelFileException">The model is of another kind, or its network is damaged or has different inputs or
    /// outputs.</exception>
    public LearnedSmplEstimator(ModelPackage package, NetworkRuntimeOptions? runtime = null)
    {
        ArgumentNullException.ThrowIfNull(package);
        package.Require(ModelKind.SmplEstimator);
        (Package, Runtime) = (package, runtime ?? new NetworkRuntimeOptions());
        _session = NetworkSession.Open(package.Get(NetworkFile), $"{package.Source}, '{NetworkFile}'", Runtime, OnnxRules.Own);
        try
        {
            Require(HmrNetwork.Image, -1, 3, PictureSize, PictureSize);
            _isOwn = _session.Outputs.Contains(PersonNetwork.Rotations);
            if (_isOwn)
            {
                Require(PersonNetwork.Rotations, -1, Skeleton.JointCount, 6);
                Require(PersonNetwork.CameraAndShape, -1, SmplLayout.CameraCount + SmplLayout.ShapeCount);
                Require(PersonNetwork.Presence, -1, 2);
                MaskSize = RequireMask();
            }
            else
            {
                Require(HmrNetwork.Theta, -1, SmplLayout.ParameterCount);
            }
            if (EstimatesKeypoints)
                Require(KeypointsOutput, -1, CocoSkeleton.KeypointCount, 3);
        }
        catch
        {
            _session.Dispose();
            throw;
        }
    }

    /// <summary>Opens a model folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="runtime">How its network runs; null for the defaults.</param>
    /// <exception cref="ModelFileException">The folder holds no estimator, or a damaged one.</exception>
    internal static new LearnedSmplEstimator Load(string folder, NetworkRuntimeOptions? runtime = null) =>
        new(ModelPackage.LoadFolder(folder), runtime);

    /// <summary>Writes an estimator.</summary>
    /// <param name="manifest">The manifest, with picture size and margin.</param>
    /// <param name="graph">The network: <see cref="HmrNetwork.Image"/> to <see cref="HmrNetwork.Theta"/>, and optionally to
    /// <see cref="KeypointsOutput"/>.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="storage">How weights are stored.</param>
    /// <exception cref="ModelFileException">Weights are missing or have a different shape.</exception>
    public static ModelPackage Write(ModelManifest manifest, NetworkGraph graph, INamedWeights weights,
        WeightStorage storage = WeightStorage.Full)
    {
        using var stream = new MemoryStream();
        OnnxFile.Write(stream, graph, weights, storage);
        return ModelPackage.Create(manifest, new Dictionary<string, byte[]> { [NetworkFile] = stream.ToArray() });
    }

    /// <summary>Creates an estimator from a published HMR checkpoint.</summary>
    /// <param name="weights">The checkpoint; its body ('smpl.*') is ignored.</param>
    /// <param name="licence">The licence of the weights.</param>
    /// <param name="origin">The files that the weights come from.</param>
    /// <param name="storage">How weights are stored.</param>
    /// <exception cref="ModelFileException">Weights are missing or have a different shape.</exception>
    public static ModelPackage FromHmr(INamedWeights weights, string licence, IReadOnlyList<ModelOrigin> origin,
        WeightStorage storage = WeightStorage.Full) =>
        Write(
            new ModelManifest { Kind = ModelKind.SmplEstimator, ImageSize = HmrNetwork.ImageSize, PersonMargin = HmrMargin,
            Licence = licence, Origin = origin },
            HmrNetwork.Build(), weights, storage);

    /// <summary>The model that the estimator was opened from.</summary>
    public override ModelPackage Package { get; }

    /// <summary>How its network runs.</summary>
    public override NetworkRuntimeOptions Runtime { get; }

    /// <inheritdoc/>
    internal override int PictureSize => Package.Manifest.ImageSize;

    /// <inheritdoc/>
    internal override float Margin => Package.Manifest.PersonMargin!.Value;

    /// <inheritdoc/>
    internal override bool EstimatesKeypoints => _session.Outputs.Contains(KeypointsOutput);

    /// <inheritdoc/>
    internal override int MaskSize { get; }

    /// <inheritdoc/>
    internal override ISmplWorker CreateWorker(int batchSize = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        return new Worker(this, batchSize);
    }

    /// <summary>Releases the network; existing workers stay valid.</summary>
    public override void Dispose() => _session.Dispose();

    private IReadOnlyList<int> ShapeOf(string tensor) =>
        _session.Inputs.Concat(_session.Outputs).Contains(tensor) ? _session.ShapeOf(tensor) : throw new ModelFileException(_session.Name,
            null, $"the network lacks '{tensor}'; it has {string.Join(", ", _session.Inputs.Concat(_session.Outputs))}.");

    private void Require(string tensor, params int[] shape)
    {
        IReadOnlyList<int> found = ShapeOf(tensor);
        if (!found.SequenceEqual(shape))
            throw new ModelFileException(_session.Name, tensor,
                $"it is [{string.Join(",", found)}], but [{string.Join(",", shape)}] is needed.");
    }

    // Older networks have a coarser mask.
    private int RequireMask()
    {
        IReadOnlyList<int> shape = ShapeOf(PersonNetwork.Mask);
        if (shape is not [-1, 1, var height, var width] || height != width || height < 1 || height > PictureSize)
            throw new ModelFileException(_session.Name, PersonNetwork.Mask,
                $"it is [{string.Join(",", shape)}], but [-1,1,M,M] with M from 1 to {PictureSize} is needed.");
        return height;
    }

    private sealed class Worker : ISmplWorker
    {
        private readonly NetworkRun _run;
        private readonly float[] _pictures, _smpl, _keypoints, _mask, _presence, _rotations, _numbers;
        private readonly int _batchSize;

        public Worker(LearnedSmplEstimator estimator, int batchSize)
        {
            (int size, int grid) = (estimator.PictureSize, estimator.MaskSize);
            _batchSize = batchSize;
            (_pictures, _smpl) = (new float[batchSize * 3 * size * size], new float[batchSize * SmplLayout.ParameterCount]);
            _keypoints = estimator.EstimatesKeypoints ? new float[batchSize * KeypointSet.Length] : [];
            (_mask, _presence, _rotations, _numbers) = ([], [], [], []);
            List<(string, float[], long[])> tensors = [(HmrNetwork.Image, _pictures, [batchSize, 3, size, size])];
            if (estimator.EstimatesKeypoints)
                tensors.Add((KeypointsOutput, _keypoints, [batchSize, CocoSkeleton.KeypointCount, 3]));
            if (estimator._isOwn)
            {
                int numbers = SmplLayout.CameraCount + SmplLayout.ShapeCount;
                (_mask, _presence) = (new float[batchSize * grid * grid], new float[batchSize * 2]);
                (_rotations, _numbers) = (new float[batchSize * Skeleton.JointCount * 6], new float[batchSize * numbers]);
                tensors.Add((PersonNetwork.Mask, _mask, [batchSize, 1, grid, grid]));
                tensors.Add((PersonNetwork.Presence, _presence, [batchSize, 2]));
                tensors.Add((PersonNetwork.Rotations, _rotations, [batchSize, Skeleton.JointCount, 6]));
                tensors.Add((PersonNetwork.CameraAndShape, _numbers, [batchSize, numbers]));
            }
            else
            {
                tensors.Add((HmrNetwork.Theta, _smpl, [batchSize, SmplLayout.ParameterCount]));
            }
            _run = estimator._session.CreateRun(tensors);
        }

        public Span<float> Picture(int row) => Row(_pictures, row);

        public void Run()
        {
            _run.Run();
            for (int row = 0; _rotations.Length > 0 && row < _batchSize; row++)
                PersonNumbers.ToSmpl(Row(_numbers, row), Row(_rotations, row), Row(_smpl, row));
        }

        public ReadOnlySpan<float> Smpl(int row) => Row(_smpl, row);

        public ReadOnlySpan<float> Keypoints(int row) => Row(_keypoints, row);

        public ReadOnlySpan<float> Mask(int row) => Row(_mask, row);

        public ReadOnlySpan<float> Presence(int row) => Row(_presence, row);

        public void Dispose() => _run.Dispose();

        private Span<float> Row(float[] all, int row)
        {
            int length = all.Length / _batchSize;
            return all.AsSpan(row * length, length);
        }
    }
}
