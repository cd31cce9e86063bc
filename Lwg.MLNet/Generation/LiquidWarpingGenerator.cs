using System.Numerics.Tensors;
using Lwg.MLNet.Backgrounds;
using Lwg.MLNet.Checkpoints;
using Lwg.MLNet.Composition;
using Lwg.MLNet.Models;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Warping;

namespace Lwg.MLNet.Generation;

/// <summary>
/// The learned generator of Liquid Warping GAN (Liu et al. 2019) in ONNX Runtime. Background and features depend on the source alone and
/// are computed once per source; features are warped outside the networks, where it costs little (<see cref="FeatureWarp"/>).
/// Thread-safe; its workers share its networks, which are released with the last worker.
/// </summary>
public sealed class LiquidWarpingGenerator : TransferGenerator, IDisposable
{
    /// <summary>The files of a generator in a model folder.</summary>
    public const string BackgroundFile = "background.onnx", SourceFile = "source.onnx", TransferFile = "transfer.onnx",
        InpainterFile = "inpainter.onnx";

    private readonly NetworkSession _background, _source, _transfer;
    private readonly GeneratorCalibration? _calibration;

    /// <summary>Opens a generator.</summary>
    /// <param name="package">A model of kind <see cref="ModelKind.Generator"/>.</param>
    /// <param name="runtime">How its networks run; null for the defaults.</param>
    /// <exception cref="ModelFileException">
    /// The model is of another kind, a network is damaged or does not have the sizes in the manifest, or 8 bits are requested and the
    /// model is not calibrated.
    /// </exception>
    /// <exception cref="LwgException">ONNX Runtime's native library, or the requested device, is missing.</exception>
    public LiquidWarpingGenerator(ModelPackage package, NetworkRuntimeOptions? runtime = null) : this(package, runtime, null) { }

    internal LiquidWarpingGenerator(ModelPackage package, NetworkRuntimeOptions? runtime, GeneratorCalibration? calibration)
    {
        ArgumentNullException.ThrowIfNull(package);
        package.Require(ModelKind.Generator);
        (Package, Runtime, _calibration) = (package, runtime ?? new NetworkRuntimeOptions(), calibration);
        // Opened in parallel: each takes some time on one thread.
        Task<NetworkSession>[] networks = [.. Graphs(Shape, Composition).Select(g => Task.Run(() => Open(g.File, g.Graph)))];
        try
        {
            NetworkSession[] open = [.. Task.WhenAll(networks).GetAwaiter().GetResult()];
            (_background, _source, _transfer) = (open[0], open[1], open[2]);
        }
        catch
        {
            foreach (Task<NetworkSession> opened in networks.Where(n => n.IsCompletedSuccessfully))
                opened.Result.Dispose();
            throw;
        }
    }

    /// <summary>Opens a model folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="runtime">How its networks run; null for the defaults.</param>
    /// <exception cref="ModelFileException">The folder holds no generator, or a damaged one.</exception>
    /// <exception cref="LwgException">ONNX Runtime's native library, or the requested device, is missing.</exception>
    public static LiquidWarpingGenerator Load(string folder, NetworkRuntimeOptions? runtime = null) =>
        new(ModelPackage.LoadFolder(folder), runtime);

    /// <summary>Writes the three networks of a generator.</summary>
    /// <param name="manifest">The manifest; its sizes determine the networks.</param>
    /// <param name="weights">The weights under the names of the published checkpoints.</param>
    /// <param name="storage">How weights are stored.</param>
    /// <exception cref="ModelFileException">Weights are missing or have a different shape.</exception>
    internal static ModelPackage Write(ModelManifest manifest, INamedWeights weights, WeightStorage storage)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        GeneratorShape shape = manifest.Generator
            ?? throw new ArgumentException("A generator's manifest names its sizes.", nameof(manifest));
        var files = new Dictionary<string, byte[]>();
        foreach ((string file, Action<Stream> write) in FilesOf(shape, manifest.Background, weights, storage))
        {
            using var stream = new MemoryStream();
            write(stream);
            files[file] = stream.ToArray();
        }
        return ModelPackage.Create(manifest, files);
    }

    /// <summary>Returns writers of a generator's files for <see cref="ModelPackage.WriteFolder"/>. They write weight by weight, so that a
    /// generator of any size needs little memory.</summary>
    /// <param name="shape">The sizes of the generator.</param>
    /// <param name="background">How its background is made.</param>
    /// <param name="weights">The weights under the names of the published checkpoints; required until the files are written.</param>
    /// <param name="storage">How weights are stored.</param>
    internal static Dictionary<string,
        Action<Stream>> FilesOf(GeneratorShape shape, BackgroundComposition background, INamedWeights weights, WeightStorage storage) =>
        Graphs(shape, background).ToDictionary(f => f.File, f =>
        (Action<Stream>)(stream => OnnxFile.Write(stream, f.Graph, weights, storage)));

    /// <summary>Reads the weights that <see cref="Write"/> wrote.</summary>
    /// <exception cref="ModelFileException">Weights are missing or have a different shape.</exception>
    internal static ArrayWeights ReadWeights(ModelPackage package)
    {
        var all = new ArrayWeights();
        foreach ((string file, NetworkGraph graph) in Graphs(package.Manifest.Generator!, package.Manifest.Background))
        {
            string name = $"{package.Source}, '{file}'";
            OnnxWeights weights = OnnxWeights.Read(package.Get(file), name);
            WeightReport.Compare([graph], weights).ThrowUnlessComplete(name);
            foreach (GraphTensor weight in graph.Weights)
            {
                float[] values = new float[weight.Count];
                weights.Read(weight.Name, values);
                all.Set(weight.Name, weight.Shape, values);
            }
        }
        return all;
    }

    private static IEnumerable<(string File, NetworkGraph Graph)> Graphs(GeneratorShape shape, BackgroundComposition background) =>
    [
        background == BackgroundComposition.Inpainted ? (InpainterFile, InpaintingNetwork.Build())
        : (BackgroundFile, GeneratorNetwork.BuildBackground(shape)),
        (SourceFile, GeneratorNetwork.BuildSource(shape, background == BackgroundComposition.RefinedFill)),
        (TransferFile, GeneratorNetwork.BuildTransfer(shape)),
    ];

    /// <summary>The model that the generator was opened from.</summary>
    public ModelPackage Package { get; }

    /// <summary>How its networks run.</summary>
    public NetworkRuntimeOptions Runtime { get; }

    /// <summary>The sizes of the generator.</summary>
    public GeneratorShape Shape => Package.Manifest.Generator!;

    /// <inheritdoc/>
    public override string BodyHash => Package.Manifest.BodyHash!;

    /// <inheritdoc/>
    internal override TransferTensors SourceTensors =>
        TransferTensors.BackgroundInput | TransferTensors.ForegroundInput
        | (KeepsPicture ? TransferTensors.SourceImage : TransferTensors.None);

    /// <inheritdoc/>
    internal override TransferTensors TargetTensors =>
        TransferTensors.TransferInput | (Shape.Warping == FeatureWarping.None ? TransferTensors.None : TransferTensors.Flow);

    /// <inheritdoc/>
    internal override bool KeepsVisibleFace => false;

    /// <inheritdoc/>
    internal override bool? AlignCorners => Shape.AlignCorners;

    /// <inheritdoc/>
    internal override int? BackgroundKernel(int size) =>
        Package.Manifest.BackgroundKernelAtEverySize == true ? Package.Manifest.BackgroundKernel
        : Package.Manifest.BackgroundKernel * size / Package.Manifest.ImageSize | 1;

    private BackgroundComposition Composition => Package.Manifest.Background;

    // True unless the network paints the whole background from the assembled input alone.
    private bool KeepsPicture => Composition != BackgroundComposition.WholePicture;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The networks cannot halve pictures of this size often enough.</exception>
    internal override ITransferWorker CreateWorker(int size) => CreateOwnWorker(size);

    /// <inheritdoc/>
    /// <remarks>Appearance transfer as in the paper: the transfer stream adds the warped features of both people. Valid until this
    /// generator is disposed.</remarks>
    internal override TransferGenerator ForAppearance() => new Appearance(this);

    /// <summary>Releases the networks; existing workers stay valid.</summary>
    public void Dispose()
    {
        _background.Dispose();
        _source.Dispose();
        _transfer.Dispose();
    }

    private void CheckSize(int size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        if (size % Shape.Multiple != 0)
            throw new ArgumentException($"The generator's pictures must have sides that are multiples of {Shape.Multiple}; {size} is not.",
                nameof(size));
    }

    private NetworkSession Open(string file, NetworkGraph graph)
    {
        string name = $"{Package.Source}, '{file}'";
        bool warps = file == TransferFile;
        NetworkSession session = NetworkSession.Open(warps ? OfWarped(Package.Get(file), name)
            : Package.Get(file), name, Runtime, OnnxRules.Own);
        try
        {
            RequireLike(session, warps ? GeneratorNetwork.BuildTransferOfWarped(Shape) : graph);
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    // The file's graph warps by itself, so that any runtime can run it; but the sampling of ONNX Runtime takes a third of the stream's
    // time. The weights are the same.
    private byte[] OfWarped(byte[] onnx, string name)
    {
        OnnxWeights weights = OnnxWeights.Read(onnx, name);
        NetworkGraph graph = GeneratorNetwork.BuildTransferOfWarped(Shape);
        if (_calibration is not null)
            graph = QuantizedGraph.Observed(graph);
        else if (Runtime.Precision == NetworkPrecision.Quantized)
            graph = QuantizedGraph.Of(graph, RangesOf(graph));
        using var stream = new MemoryStream(onnx.Length);
        OnnxFile.Write(stream, graph, weights, weights.Storage);
        return stream.ToArray();
    }

    private IReadOnlyDictionary<string, ActivationRange> RangesOf(NetworkGraph transfer)
    {
        IReadOnlyDictionary<string, ActivationRange> ranges = Package.Manifest.ActivationRanges
            ?? throw new ModelFileException(Package.Source, "activationRanges",
            "8 bits were requested, but the model was not calibrated: its manifest has no ranges of its convolutions.");
        string[] convolutions = [.. QuantizedGraph.Convolutions(transfer)];
        if (convolutions.FirstOrDefault(c => !ranges.ContainsKey(c)) is { } missing)
            throw new ModelFileException(Package.Source, "activationRanges",
                $"the range of '{missing}' is missing; calibrate the model again.");
        if (ranges.Keys.Except(convolutions).FirstOrDefault() is { } unknown)
            throw new ModelFileException(Package.Source, "activationRanges",
                $"there is a range of '{unknown}', which is not a quantized convolution; calibrate the model again.");
        return ranges;
    }

    private static void RequireLike(NetworkSession session, NetworkGraph graph)
    {
        foreach (GraphTensor tensor in graph.Inputs.Concat(graph.Outputs))
        {
            if (!session.Inputs.Concat(session.Outputs).Contains(tensor.Name))
                throw new ModelFileException(session.Name, null,
                    $"the network lacks '{tensor.Name}'; it has {string.Join(", ", session.Inputs.Concat(session.Outputs))}.");
            IReadOnlyList<int> found = session.ShapeOf(tensor.Name);
            if (found.Count != tensor.Shape.Length
                || found.Zip(tensor.Shape).Any(d => d.First >= 0 && d.Second >= 0 && d.First != d.Second))
                throw new ModelFileException(session.Name, tensor.Name,
                    $"it is [{string.Join(",", found)}], but the manifest's sizes require [{string.Join(",", tensor.Shape)}].");
        }
    }

    private sealed class Appearance(LiquidWarpingGenerator generator) : TransferGenerator
    {
        public override string BodyHash => generator.BodyHash;

        internal override TransferTensors SourceTensors =>
            generator.SourceTensors | (Warps ? TransferTensors.ReferenceForegroundInput : TransferTensors.None);

        internal override TransferTensors TargetTensors =>
            generator.TargetTensors | (Warps ? TransferTensors.ReferenceFlow : TransferTensors.None);

        internal override bool KeepsVisibleFace => generator.KeepsVisibleFace;

        internal override bool? AlignCorners => generator.AlignCorners;

        private bool Warps => generator.Shape.Warping != FeatureWarping.None;

        internal override int? BackgroundKernel(int size) => generator.BackgroundKernel(size);

        internal override ITransferWorker CreateWorker(int size)
        {
            generator.CheckSize(size);
            return new Worker(generator, size, sources: Warps ? 2 : 1);
        }
    }

    /// <summary>As <see cref="CreateWorker"/>, for callers that need <see cref="Worker.OutsideHole"/>.</summary>
    internal Worker CreateOwnWorker(int size)
    {
        CheckSize(size);
        return new Worker(this, size, sources: 1);
    }

    /// <summary>Generates pictures on one thread.</summary>
    internal sealed class Worker : ITransferWorker
    {
        // Beside an uncertain outline, the network draws a veil of the person over the background; a smaller share than this counts as
        // none. L1 of the uncovered background / within the person, on 24 painted people: .0786 / .1282 without it, .0750 / .1297 with a
        // tenth; on 200: .0803 / .1421 with a tenth, .0799 / .1424 with an eighth.
        private const float Faint = 0.125f;

        private readonly LiquidWarpingGenerator _generator;
        private readonly int _plane;
        private readonly float[] _backgroundInput, _foregroundInput, _transferInput, _plate, _color, _mask, _referenceInput;
        private readonly List<Feature> _features, _referenceFeatures, _warped;
        private readonly Dictionary<int, FeatureWarp> _warps;
        private readonly NetworkRun? _reference;
        private readonly float[] _sourceMask, _filled;
        private readonly PersonHole? _hole;
        private readonly bool _inpainted;
        private readonly float[] _picture, _holeMask;
        private readonly NetworkRun _background, _source, _transfer;
        private readonly float[][] _ends;
        private bool _prepared;

        public Worker(LiquidWarpingGenerator generator, int size, int sources)
        {
            (_generator, _plane) = (generator, size * size);
            (_backgroundInput, _foregroundInput, _transferInput) = (new float[4 * _plane], new float[6 * _plane], new float[6 * _plane]);
            (_plate, _color, _mask) = (new float[3 * _plane], new float[3 * _plane], new float[_plane]);
            _referenceInput = new float[sources == 2 ? 6 * _plane : 0];
            (_features, _referenceFeatures) = (Features(generator.Shape, size), sources == 2 ? Features(generator.Shape, size) : []);
            _warped = Features(generator.Shape, size);
            _warps = _warped.Select(f => f.Side).Distinct()
                .ToDictionary(side => side, side => new FeatureWarp(side, generator.Shape.AlignCorners));
            _inpainted = generator.Composition == BackgroundComposition.Inpainted;
            (_picture, _holeMask) = (new float[_inpainted ? 3 * _plane : 0], new float[_inpainted ? _plane : 0]);
            _background = _inpainted
                ? generator._background.CreateRun((InpaintingNetwork.Image, _picture, [1, 3, size, size]),
                (InpaintingNetwork.Hole, _holeMask, [1, 1, size, size]), (InpaintingNetwork.Refined, _plate, [1, 3, size, size]))
                : generator._background.CreateRun((GeneratorNetwork.BackgroundInput, _backgroundInput, [1, 4, size, size]),
                (GeneratorNetwork.Background, _plate, [1, 3, size, size]));
            bool refines = generator.Composition == BackgroundComposition.RefinedFill;
            _hole = refines ? new PersonHole(size) : null;
            (_sourceMask, _filled) = (new float[refines ? _plane : 0], new float[refines ? 3 * _plane : 0]);
            List<(string, float[], long[])> source =
                [(GeneratorNetwork.ForegroundInput, _foregroundInput, [1, 6, size, size]), .. _features.Select(f => f.Bound(f.Name))];
            if (refines)
                source.Add((GeneratorNetwork.Mask, _sourceMask, [1, 1, size, size]));
            _source = generator._source.CreateRun(source);
            if (sources == 2)
                _reference = generator._source.CreateRun(
                    [(GeneratorNetwork.ForegroundInput, _referenceInput, [1, 6, size, size]),
                        .. _referenceFeatures.Select(f => f.Bound(f.Name))]);
            string[] ends = [.. generator._calibration?.Ends ?? []];
            _ends = [.. ends.Select(_ => new float[1])];
            _transfer = generator._transfer.CreateRun(
            [
                (GeneratorNetwork.TransferInput, _transferInput, [1, 6, size, size]),
                .. _warped.Select(f => f.Bound(GeneratorNetwork.WarpedName(f.Name))),
                (GeneratorNetwork.Color, _color, [1, 3, size, size]), (GeneratorNetwork.Mask, _mask, [1, 1, size, size]),
                .. ends.Zip(_ends).Select(end => (end.First, end.Second, Array.Empty<long>())),
            ]);
        }

        // A source feature, or its warped version.
        private sealed record Feature(string Name, int Side, float[] Values)
        {
            public (string, float[], long[]) Bound(string name) => (name, Values, [1, Values.Length / (Side * Side), Side, Side]);
        }

        private static List<Feature> Features(GeneratorShape shape, int size) => [.. GeneratorNetwork.SourceFeatures(shape).Select(f =>
        {
            int side = size >> GeneratorNetwork.LevelOf(shape, f.Name);
            return new Feature(f.Name, side, new float[f.Channels * side * side]);
        })];

        public void Prepare(in TransferFrame frame)
        {
            _prepared = false;
            frame.BackgroundInput.CopyTo(_backgroundInput);
            frame.ForegroundInput.CopyTo(_foregroundInput);
            if (_generator.Shape.Warping != FeatureWarping.None || _hole is not null)
                _source.Run();
            if (_reference is not null)
            {
                frame.ReferenceForegroundInput.CopyTo(_referenceInput);
                _reference.Run();
            }
            if (_hole is not null)
                FillHole(frame);
            else
                PaintBackground(frame.SourceImage);
            _prepared = true;
        }

        /// <summary>The map [S,S] of the background visible in the source picture: 1 there, 0 in the hole.</summary>
        public ReadOnlySpan<float> OutsideHole => _backgroundInput.AsSpan(3 * _plane);

        // The network was trained to correct the smooth fill.
        private void FillHole(in TransferFrame frame)
        {
            Span<float> outside = _backgroundInput.AsSpan(3 * _plane);
            if (frame.WithoutBackground)
            {
                _hole!.Mark(outside, _sourceMask, outside);
                return;
            }
            _hole!.Fill(frame.SourceImage, outside, _sourceMask, _backgroundInput);
            _backgroundInput.AsSpan(0, 3 * _plane).CopyTo(_filled);
            _background.Run();
            PersonHole.Correct(_filled, outside, _plate);
            if (frame.BackgroundFill == BackgroundFill.Patches)
                _hole.AddPatches(frame.SourceImage, _plate);
        }

        private void PaintBackground(ReadOnlySpan<float> image)
        {
            if (_inpainted)
            {
                image.CopyTo(_picture);
                TensorPrimitives.Subtract(1f, _backgroundInput.AsSpan(3 * _plane), _holeMask);
            }
            _background.Run();
            if (_generator.Composition == BackgroundComposition.AroundHole)
                AroundHole(image);
        }

        public void Generate(in TransferFrame frame, TransferResult result)
        {
            ArgumentNullException.ThrowIfNull(result);
            if (!_prepared)
                throw new InvalidOperationException("A source must be prepared before a target can be generated.");
            frame.TransferInput.CopyTo(_transferInput);
            foreach (Feature warped in _warped)
                Array.Clear(warped.Values);
            AddWarped(_features, frame.Flow);
            if (_reference is not null)
                AddWarped(_referenceFeatures, frame.ReferenceFlow);
            _transfer.Run();
            _generator._calibration?.Saw(_ends);
            _color.CopyTo(result.Color, 0);
            _mask.CopyTo(result.Mask, 0);
            if (frame.ClearsBacks)
                RemoveFaint(result.Mask);
            _plate.CopyTo(result.Background, 0);
            result.Compose();
        }

        // The mask is the background's share.
        private static void RemoveFaint(Span<float> mask)
        {
            TensorPrimitives.Multiply(mask, 1 / (1 - Faint), mask);
            TensorPrimitives.Min(mask, 1, mask);
        }

        private void AddWarped(List<Feature> features, ReadOnlySpan<float> flow)
        {
            foreach (FeatureWarp warp in _warps.Values)
                warp.Locate(flow);
            for (int i = 0; i < features.Count; i++)
                _warps[features[i].Side].Add(features[i].Values, _warped[i].Values);
        }

        public void Dispose()
        {
            _background.Dispose();
            _source.Dispose();
            _reference?.Dispose();
            _transfer.Dispose();
        }

        // The last channel of the background input is 1 outside the hole.
        private void AroundHole(ReadOnlySpan<float> image)
        {
            ReadOnlySpan<float> outside = _backgroundInput.AsSpan(3 * _plane);
            for (int c = 0; c < 3; c++)
            {
                Span<float> plate = _plate.AsSpan(c * _plane, _plane);
                TensorPrimitives.Lerp(plate, image.Slice(c * _plane, _plane), outside, plate);
            }
        }
    }
}
