using Lwg.MLNet.Imaging;
using Lwg.MLNet.Keypoints;
using Lwg.MLNet.Models;
using Lwg.MLNet.Networks;

namespace Lwg.MLNet.Estimation;

/// <summary>
/// A pose network of a common family (<see cref="PoseFamily"/>) for the 17 COCO key points, in ONNX Runtime. Thread-safe; its workers
/// share the network, which is released with the last worker.
/// </summary>
internal sealed class KeypointDetector : IDisposable
{
    /// <summary>The network's file in a model folder.</summary>
    public const string NetworkFile = "pose.onnx";

    /// <summary>The allowed sides of a network's input, in pixels.</summary>
    public const int SmallestInput = 32, LargestInput = 2048;

    private const int Count = CocoSkeleton.KeypointCount;

    // COCO's 17 key points, and sets with feet, hands and face whose first 17 are COCO's.
    private static readonly long[] s_counts = [17, 23, 26, 133, 136];

    private static readonly PoseFamily[] s_families =
        [PoseFamily.HeatMaps, PoseFamily.SimCC, PoseFamily.Rtmo, PoseFamily.MoveNet, PoseFamily.Yolo];

    private readonly NetworkSession _session;
    private readonly string _input;
    private readonly (string Name, long[] Shape)[] _outputs;

    /// <summary>Opens a detector.</summary>
    /// <param name="package">A model of kind <see cref="ModelKind.PoseNetwork"/>.</param>
    /// <param name="options">How inputs and outputs are interpreted; null for the defaults.</param>
    /// <param name="runtime">How its network runs; null for the defaults.</param>
    /// <exception cref="ModelFileException">The model is of another kind, its network is damaged, or its input or outputs belong to no
    /// known family.</exception>
    /// <exception cref="ArgumentException">An option is not allowed.</exception>
    public KeypointDetector(ModelPackage package, KeypointDetectorOptions? options = null, NetworkRuntimeOptions? runtime = null)
        : this(package, options, runtime, null) { }

    private KeypointDetector(ModelPackage package, KeypointDetectorOptions? options, NetworkRuntimeOptions? runtime, string? file)
    {
        ArgumentNullException.ThrowIfNull(package);
        package.Require(ModelKind.PoseNetwork);
        (Package, Options, Runtime) = (package, options ?? new KeypointDetectorOptions(), runtime ?? new NetworkRuntimeOptions());
        Options.Check();
        _session = NetworkSession.Open(package.Get(NetworkFile), file ?? $"{package.Source}, '{NetworkFile}'", Runtime);
        try
        {
            (_input, ChannelsLast, InputWidth, InputHeight) = FindInput();
            (Family, _outputs) = FindOutputs();
        }
        catch
        {
            _session.Dispose();
            throw;
        }
    }

    /// <summary>Opens an ONNX file or a model folder of such a network.</summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="options">How inputs and outputs are interpreted; null for the defaults.</param>
    /// <param name="runtime">How its network runs; null for the defaults.</param>
    /// <param name="licence">The licence of the file's weights, for pipelines that are saved with them.</param>
    /// <exception cref="ModelFileException">It is missing, damaged, or of no known family.</exception>
    public static KeypointDetector Load(string path, KeypointDetectorOptions? options = null, NetworkRuntimeOptions? runtime = null,
        string licence = "that of the file it was made from") =>
        Directory.Exists(path) ? new(ModelPackage.LoadFolder(path), options, runtime)
        : new(PackageOf(path, licence), options, runtime, path);

    /// <summary>Creates a model from an ONNX file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="licence">The licence of its weights.</param>
    /// <exception cref="ModelFileException">The file cannot be read.</exception>
    public static ModelPackage PackageOf(string path, string licence)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return PackageOf(BoundedFile.Read(path, ModelPackage.LargestFile), licence, Path.GetFileName(path));
    }

    /// <summary>Creates a model from an ONNX file's bytes.</summary>
    /// <param name="onnx">The bytes.</param>
    /// <param name="licence">The licence of its weights.</param>
    /// <param name="file">The file's name.</param>
    public static ModelPackage PackageOf(byte[] onnx, string licence, string file) => ModelPackage.Create(
        new ModelManifest { Kind = ModelKind.PoseNetwork, ImageSize = ModelManifest.AnySize, Licence = licence, Notes = file },
        new Dictionary<string, byte[]> { [NetworkFile] = onnx });

    /// <summary>The model that the detector was opened from.</summary>
    public ModelPackage Package { get; }

    /// <summary>How inputs and outputs are interpreted.</summary>
    public KeypointDetectorOptions Options { get; }

    /// <summary>How its network runs.</summary>
    public NetworkRuntimeOptions Runtime { get; }

    /// <summary>The family of the network.</summary>
    public PoseFamily Family { get; }

    /// <summary>Whether the input is [1,H,W,3] and not [1,3,H,W].</summary>
    internal bool ChannelsLast { get; }

    /// <summary>Whether the input has integers, the bytes of the picture.</summary>
    internal bool ReadsBytes => NetworkTensor.IsWhole(_session.TypeOf(_input));

    /// <summary>The input's shape.</summary>
    internal long[] InputShape => ChannelsLast ? [1, InputHeight, InputWidth, 3] : [1, 3, InputHeight, InputWidth];

    /// <summary>The input's width in pixels.</summary>
    public int InputWidth { get; }

    /// <summary>The input's height in pixels.</summary>
    public int InputHeight { get; }

    /// <summary>Creates a worker; use it on one thread at a time.</summary>
    public KeypointDetection CreateWorker() => new(this, _session, _input, _outputs);

    /// <summary>Releases the network; existing workers stay valid.</summary>
    public void Dispose() => _session.Dispose();

    private (string Name, bool ChannelsLast, int Width, int Height) FindInput()
    {
        if (_session.Inputs.Count != 1)
            throw Unknown($"it has {_session.Inputs.Count} inputs; one is needed, a picture [1,3,H,W] or [1,H,W,3].");
        string name = _session.Inputs[0];
        IReadOnlyList<int> shape = _session.ShapeOf(name);
        bool last = shape.Count == 4 && shape[3] == 3 && shape[1] != 3;
        if (shape.Count != 4 || shape[0] is not (1 or -1) || (!last && shape[1] is not (3 or -1)))
            throw Unknown($"its input '{name}' is [{string.Join(",", shape)}]; a picture [1,3,H,W] or [1,H,W,3] is needed.");
        // Rejects unsupported types now and not at the first picture.
        foreach (string tensor in _session.Outputs.Prepend(name))
            new NetworkTensor(_session.Name, tensor, [0], [1], _session.TypeOf(tensor)).Dispose();
        return (name, last, Side(shape[last ? 2 : 3], Options.InputWidth, "width"),
            Side(shape[last ? 1 : 2], Options.InputHeight, "height"));

        int Side(int found, int? asked, string what)
        {
            if (found < 0 && asked is null)
                throw Unknown($"it leaves its input's {what} open; set the option Input{char.ToUpperInvariant(what[0])}{what[1..]}.");
            if (found >= 0 && asked is not null && found != asked)
                throw Unknown($"its input has a {what} of {found} pixels, but {asked} were asked for.");
            int side = found < 0 ? asked!.Value : found;
            return side is >= SmallestInput and <= LargestInput ? side
                : throw Unknown($"its input has a {what} of {side} pixels; {SmallestInput} to {LargestInput} are allowed.");
        }
    }

    private (PoseFamily Family, (string, long[])[] Outputs) FindOutputs()
    {
        var shapes = _session.Outputs.ToDictionary(o => o, o =>
            _session.ShapeOf(o).Select((side, axis) => axis == 0 && side < 0 ? 1L : side).ToArray());
        // Running the network gives the dimensions that the file leaves open.
        if (shapes.Values.Any(s => s.Length == 0 || s.Any(side => side < 0)))
            shapes = _session.TryRun(_input, InputShape).ToDictionary();
        // MoveNet's output has YOLO's shape, and is recognized by the number of people.
        foreach (PoseFamily family in Options.Family is { } asked ? [asked] : s_families)
        {
            if (Fits(family, shapes) is { } outputs)
                return (family, [.. outputs.Select(o => (o, shapes[o]))]);
        }
        throw Unknown($"its outputs are {string.Join(", ", shapes.Select(s => $"'{s.Key}' [{string.Join(",", s.Value)}]"))}; " +
            $"{(Options.Family is null ? "known are" : $"of {string.Join(", ", Enum.GetNames<PoseFamily>())}, {Options.Family} was asked "
            + $"for among")} heat maps [1,K,h,w] and bins [1,K,k W] and [1,K,k H] with K of {string.Join(", ", s_counts)}, YOLO's people "
            + $"[1,{PoseOutputs.YoloLength},N] and [1,N,{PoseOutputs.SuppressedLength}], RTMO's [1,N,5] and [1,N,{Count},3], MoveNet's "
            + $"[1,1,{Count},3] and [1,6,56].");
    }

    private string[]? Fits(PoseFamily family, Dictionary<string, long[]> shapes)
    {
        switch (family)
        {
            case PoseFamily.HeatMaps:
                string[] maps = [.. shapes.Where(s => s.Value is [1, var k, > 1, > 1] && s_counts.Contains(k)).Select(s => s.Key)];
                return maps.Length == 1 ? maps : null;
            case PoseFamily.SimCC:
                string[] bins = [.. _session.Outputs.Where(o => shapes[o] is [1, var k, > 1] && s_counts.Contains(k))];
                // Columns first: recognized by their lengths; if input and bins are square, by their order.
                return bins.Length != 2 || shapes[bins[0]][1] != shapes[bins[1]][1] ? null : Proportional(bins[0], bins[1]) ? bins
                    : Proportional(bins[1], bins[0]) ? [bins[1], bins[0]] : null;
            case PoseFamily.Rtmo:
                string? boxes = shapes.FirstOrDefault(s => s.Value is [1, > 0, 5]).Key,
                    points = shapes.FirstOrDefault(s => s.Value is [1, > 0, Count, 3]).Key;
                return boxes is null || points is null || shapes[boxes][1] != shapes[points][1] ? null : [points, boxes];
            case PoseFamily.MoveNet:
                string[] one = [.. shapes.Where(s =>
                    s.Value is [1, 1, Count, 3] || (ChannelsLast
                    && s.Value is [1, > 0 and <= PoseOutputs.MoveNetPeople, PoseOutputs.YoloLength])).Select(s => s.Key)];
                return one.Length == 1 ? one : null;
            default:
                string[] people = [.. shapes.Where(s =>
                    s.Value is [1, PoseOutputs.YoloLength or PoseOutputs.SuppressedLength, > 0]
                    or [1, > 0, PoseOutputs.YoloLength or PoseOutputs.SuppressedLength]).Select(s => s.Key)];
                return people.Length == 1 ? people : null;
        }

        bool Proportional(string columns, string rows) => shapes[columns][2] * InputHeight == shapes[rows][2] * InputWidth;
    }

    private ModelFileException Unknown(string reason) => new(_session.Name, null, reason);
}

/// <summary>Detects key points in whole pictures. Use an instance on one thread at a time.</summary>
internal sealed class KeypointDetection : IDisposable
{
    private static readonly float[] s_imageNetMean = [123.675f, 116.28f, 103.53f], s_imageNetDeviation = [58.395f, 57.12f, 57.375f],
        s_zero = [0, 0, 0], s_byte = [255, 255, 255], s_one = [1, 1, 1];

    private readonly KeypointDetector _detector;
    private readonly NetworkRun _run;
    private readonly int _side;
    private readonly float[] _square, _input;
    private readonly (float[] Values, long[] Shape)[] _outputs;

    internal KeypointDetection(KeypointDetector detector, NetworkSession session, string input,
        IReadOnlyList<(string Name, long[] Shape)> outputs)
    {
        _detector = detector;
        // The input is the centre of a square of its longer side.
        _side = Math.Max(detector.InputWidth, detector.InputHeight);
        (_square, _input) = (new float[3 * _side * _side], new float[3 * detector.InputWidth * detector.InputHeight]);
        _outputs = [.. outputs.Select(o => (new float[o.Shape.Aggregate(1L, (a, b) => a * b)], o.Shape))];
        _run = session.CreateRun([(input, _input, detector.InputShape),
            .. outputs.Select((o, i) => (o.Name, _outputs[i].Values, o.Shape))]);
    }

    /// <summary>Detects a person's key points.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="box">(minX, maxX, minY, maxY) of the person in pixels of the picture; empty for the whole picture.</param>
    /// <param name="keypoints">Receives x and y in pixels of the picture and confidence of the 17 key points; key points below the
    /// options' confidence or outside the picture have confidence 0.</param>
    /// <param name="cancellationToken">Cancels the network's run after the current operator.</param>
    /// <returns>The person's score, 0 to 1.</returns>
    /// <exception cref="KeypointInputException">There is no person: the score, or all confidences, are too low.</exception>
    /// <exception cref="ArgumentException">The box is empty.</exception>
    /// <exception cref="LwgException">The network cannot run, needs more memory than the limit for foreign networks, or has loops and did
    /// not end within a minute.</exception>
    /// <exception cref="OperationCanceledException">The operation was cancelled.</exception>
    public float Detect(PixelBuffer picture, ReadOnlySpan<float> box, Span<float> keypoints, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(picture);
        KeypointDetectorOptions options = _detector.Options;
        CropTransform crop = Locate(picture, box);
        Fill(picture, crop);
        _run.Run(cancellationToken);
        float score = Read(keypoints);
        float margin = KeypointSet.OutsideMargin * Math.Max(picture.Width, picture.Height);
        bool any = false;
        for (int i = 0; i < KeypointSet.Length; i += 3)
        {
            (float x, float y) = crop.Apply(keypoints[i], keypoints[i + 1]);
            bool inside = x >= -margin && y >= -margin && x <= picture.Width + margin && y <= picture.Height + margin;
            (keypoints[i], keypoints[i + 1]) = inside ? (x, y) : (0, 0);
            if (!inside || keypoints[i + 2] < options.MinimumConfidence)
                keypoints[i + 2] = 0;
            any |= keypoints[i + 2] > 0;
        }
        return any && score >= options.MinimumScore ? score
            : throw new KeypointInputException(
            $"No person was found: the best score is {score:0.###}; at least {options.MinimumScore:0.###} and a key point in the "
            + $"picture are required.");
    }

    /// <summary>Releases the network.</summary>
    public void Dispose() => _run.Dispose();

    /// <summary>Returns the map from the input's pixels to the picture's.</summary>
    private CropTransform Locate(PixelBuffer picture, ReadOnlySpan<float> box)
    {
        (float minX, float maxX, float minY, float maxY) = box.IsEmpty ? (0, picture.Width, 0, picture.Height)
            : (box[0], box[1], box[2], box[3]);
        if (!(maxX > minX && maxY > minY && float.IsFinite(maxX - minX + (maxY - minY))))
            throw new ArgumentException($"The box from ({minX}, {minY}) to ({maxX}, {maxY}) is empty or not finite.", nameof(box));
        float grown = box.IsEmpty ? 1 : 1 + 2 * _detector.Options.BoxMargin;
        float scaleX = (maxX - minX) * grown / _detector.InputWidth, scaleY = (maxY - minY) * grown / _detector.InputHeight;
        if (_detector.Options.Fit == InputFit.Letterbox)
            scaleX = scaleY = Math.Max(scaleX, scaleY);
        return new CropTransform(scaleX, 0, (minX + maxX - scaleX * _detector.InputWidth) / 2, 0, scaleY,
            (minY + maxY - scaleY * _detector.InputHeight) / 2);
    }

    private void Fill(PixelBuffer picture, in CropTransform crop)
    {
        KeypointDetectorOptions options = _detector.Options;
        bool yolo = _detector.Family is PoseFamily.Yolo or PoseFamily.Rtmo, bytes = _detector.ReadsBytes
            || _detector.Family is PoseFamily.Rtmo or PoseFamily.MoveNet;
        int width = _detector.InputWidth, height = _detector.InputHeight, left = (_side - width) / 2, top = (_side - height) / 2;
        SquareCrop.Crop(picture, crop with { C = crop.C - crop.A * left, F = crop.F - crop.E * top }, _side, _square);
        IReadOnlyList<float> mean = options.Mean ?? (yolo || bytes ? s_zero : s_imageNetMean), deviation = options.Deviation
            ?? (bytes ? s_one : yolo ? s_byte : s_imageNetDeviation);
        float padding = options.Padding ?? (yolo ? 114 : 0);
        ChannelOrder order = options.Order ?? (_detector.Family == PoseFamily.Rtmo ? ChannelOrder.Bgr : ChannelOrder.Rgb);
        for (int c = 0; c < 3; c++)
        {
            float shift = mean[c], scale = 1 / deviation[c];
            int channel = order == ChannelOrder.Rgb ? c : 2 - c;
            (int start, int step) = _detector.ChannelsLast ? (channel, 3) : (channel * width * height, 1);
            for (int y = 0; y < height; y++)
            {
                bool rowInside = Inside(crop.E * (y + 0.5f) + crop.F, picture.Height);
                ReadOnlySpan<float> row = _square.AsSpan((c * _side + top + y) * _side + left, width);
                for (int x = 0; x < width; x++)
                {
                    // The crop is in [-1,1]; the network's values are on the scale of bytes.
                    float value = rowInside && Inside(crop.A * (x + 0.5f) + crop.C, picture.Width) ? (row[x] + 1) * 127.5f : padding;
                    _input[start + (y * width + x) * step] = (value - shift) * scale;
                }
            }
        }

        static bool Inside(float at, int length) => at >= 0 && at <= length;
    }

    private float Read(Span<float> keypoints)
    {
        (float[] values, long[] shape) = _outputs[0];
        (int width, int height) = (_detector.InputWidth, _detector.InputHeight);
        switch (_detector.Family)
        {
            case PoseFamily.HeatMaps:
                return PoseOutputs.FromHeatMaps(values, (int)shape[3], (int)shape[2], width, height, _detector.Options.Refinement,
                    _detector.Options.Grid, keypoints);
            case PoseFamily.SimCC:
                return PoseOutputs.FromBins(values, _outputs[1].Values, (int)shape[1], width, height, keypoints);
            case PoseFamily.Rtmo:
                return PoseOutputs.FromRtmo(values, _outputs[1].Values, keypoints);
            case PoseFamily.MoveNet:
                return PoseOutputs.FromMoveNet(values, shape is [1, 1, CocoSkeleton.KeypointCount, 3] ? 0
                    : (int)shape[1], width, height, keypoints);
            default:
                bool numbersFirst = shape[1] is PoseOutputs.YoloLength or PoseOutputs.SuppressedLength
                    && !(shape[2] is PoseOutputs.YoloLength or PoseOutputs.SuppressedLength && shape[1] < shape[2]);
                return PoseOutputs.FromPeople(values, (int)shape[numbersFirst ? 1 : 2], (int)shape[numbersFirst ? 2 : 1], numbersFirst,
                    keypoints);
        }
    }
}
