using Lwg.MLNet.Body;
using Lwg.MLNet.Composition;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Rendering;
using Lwg.MLNet.Warping;

namespace Lwg.MLNet.Synthesis.Verification;

/// <summary>The settings of a verification; stages that need a value that is null are not checked.</summary>
internal sealed record VerificationSettings
{
    /// <summary>The body, with the surface tables for its condition map.</summary>
    public BodyModel? Body { get; init; }

    /// <summary>The generator.</summary>
    public LiquidWarpingGenerator? Generator { get; init; }

    /// <summary>The SMPL estimator.</summary>
    public SmplEstimator? Estimator { get; init; }

    /// <summary>Whether the source picture was sampled with corners aligned.</summary>
    public bool AlignCorners { get; init; } = true;

    /// <summary>The strategy for the target's camera.</summary>
    public CameraStrategy Strategy { get; init; } = CameraStrategy.Smooth;

    /// <summary>The side of the square that erodes the background input.</summary>
    public int BackgroundKernel { get; init; } = 13;
}

/// <summary>
/// Recomputes each stage of another implementation's run from the tensors that this stage read there, so a difference is caused by the
/// stage itself, not by one before it.
/// </summary>
internal static class DumpVerification
{
    /// <summary>The largest erosion that is tried if the background input differs.</summary>
    private const int LargestKernel = 31;

    /// <summary>Pixels on edges of faces may show either face, since vertices are given in single precision only.</summary>
    private const double EdgeShare = 0.005;

    /// <summary>Float32 on two devices, through about thirty layers; an error in the code changes values by hundredths.</summary>
    private const double NetworkTolerance = 1e-3;

    /// <summary>Verifies a dump.</summary>
    /// <param name="dump">The dump.</param>
    /// <param name="settings">The settings of the verification.</param>
    /// <returns>A verdict for each stage, in the order of computation.</returns>
    /// <exception cref="LwgException">A network fails.</exception>
    public static IReadOnlyList<StageVerdict> Run(TensorDump dump, VerificationSettings settings)
    {
        ArgumentNullException.ThrowIfNull(dump);
        ArgumentNullException.ThrowIfNull(settings);
        using var workers = new Workers(dump, settings);
        return [.. Stages(dump, settings, workers).Select(s => s.Check(dump))];
    }

    private static IEnumerable<VerificationStage> Stages(TensorDump dump, VerificationSettings settings, Workers workers) =>
    [
        new("estimate SMPL", ["estimator_image"], [new("estimator_theta", NetworkTolerance, OfRange: true)], workers.Estimate)
        {
            Lacks = settings.Estimator is null ? "an estimator" : null,
        },
        .. BodyStages(dump, settings),
        new("transformation flow", ["source_points", "target_face_index", "target_weights"], [new("T", 1e-4)],
            (d, row, to) => TransformationFlow.Compute(d.Row("source_points", row), d.Faces("target_face_index", row),
            d.Row("target_weights", row), to[0])),
        .. InputStages(dump.PictureSize, settings),
        .. NetworkStages(settings.Generator?.Shape, workers),
        CompositionStage(dump.PictureSize),
        .. FrontStages(dump.PictureSize, settings.Body),
    ];

    // What the networks read.
    private static IEnumerable<VerificationStage> InputStages(int size, VerificationSettings settings)
    {
        var assembler = new Lazy<InputAssembler>(() => new InputAssembler(size));
        yield return new("background input", ["image", "source_condition"], [new("background_input", 1e-5)],
            Background(settings.BackgroundKernel))
        {
            Variants = [.. Enumerable.Range(0, (LargestKernel + 1) / 2).Select(i => 2 * i + 1)
            .Select(k => ($"it agrees with an erosion by {k} x {k}", Background(k)))],
        };
        yield return new("source input", ["image", "source_condition"], [new("source_input", 1e-5)],
            (d, row, to) => assembler.Value.Foreground(d.Row("image", row), d.Row("source_condition", row), to[0],
            new float[size * size]));
        yield return new("warp", ["image", "T"], [new("warped", 1e-4)], Warp(settings.AlignCorners))
        {
            Variants = [($"it agrees with align_corners = {!settings.AlignCorners}", Warp(!settings.AlignCorners))],
        };
        yield return new("transfer input", ["warped", "target_condition"], [new("transfer_input", 1e-5)],
            (d, row, to) => assembler.Value.Transfer(d.Row("warped", row), d.Row("target_condition", row), to[0]));

        Action<TensorDump, int, float[][]> Background(int kernel) => (d, row, to) =>
            assembler.Value.Background(d.Row("image", row), d.Row("source_condition", row), kernel, to[0]);

        Action<TensorDump, int, float[][]> Warp(bool alignCorners) => (d, row, to) =>
            GridSampler.Sample(d.Row("image", row), 3, size, size, d.Row("T", row), alignCorners, to[0]);
    }

    private static IEnumerable<VerificationStage> NetworkStages(GeneratorShape? shape, Workers workers)
    {
        string? noGenerator = shape is null ? "a generator" : null;
        yield return new("background net", workers.BackgroundReads, [new("background", NetworkTolerance, OfRange: true)],
            workers.Background) { Lacks = noGenerator };
        string[] transferReads = shape?.Warping == FeatureWarping.None ? ["source_input", "transfer_input"]
            : ["source_input", "transfer_input", "T"];
        yield return new("transfer stream", transferReads,
            [new("color", NetworkTolerance, OfRange: true), new("mask", NetworkTolerance, OfRange: true)],
                workers.Transfer) { Lacks = noGenerator };
    }

    private static VerificationStage CompositionStage(int size) =>
        new("composition", ["background", "color", "mask"], [new("result", 1e-5)], (d, row, to) =>
        {
            var result = new TransferResult(size);
            d.Row("background", row).CopyTo(result.Background);
            d.Row("color", row).CopyTo(result.Color);
            d.Row("mask", row).CopyTo(result.Mask);
            result.Compose();
            result.Image.CopyTo(to[0], 0);
        });

    private static IEnumerable<VerificationStage> FrontStages(int size, BodyModel? body)
    {
        yield return new("front of target", ["target_face_index"], [new("target_front", 1e-5)],
            (d, row, to) => BodyMaps.Front(d.Faces("target_face_index", row), body!.Surface, to[0]))
        { Lacks = body is { Surface.HasFront: true } ? null : $"a body with a facial front ({BodySurface.FrontFile})" };
        yield return new("front warp", ["result", "mask", "target_front", "warped"], [new("front_result", 1e-5)],
            Front(FrontWarp.BlendAsPublished))
        {
            Variants = [("it agrees with the blend of this library's own models", Front(FrontWarp.Blend))],
        };

        Action<TensorDump, int, float[][]> Front(FrontBlend blend) => (d, row, to) =>
        {
            var result = new TransferResult(size);
            d.Row("result", row).CopyTo(result.Image);
            d.Row("mask", row).CopyTo(result.Mask);
            blend(result, d.Row("target_front", row), d.Row("warped", row));
            result.Image.CopyTo(to[0], 0);
        };
    }

    // The stages of each person's body alone.
    private static IEnumerable<VerificationStage> BodyStages(TensorDump dump, VerificationSettings settings)
    {
        string? noBody = settings.Body is null ? "a body" : null;
        foreach (string person in (string[])["source", "target"])
        {
            if (person == "target")
                yield return RetargetStage(dump, settings.Strategy);
            yield return new($"pose {person}", [$"{person}_theta"], [new($"{person}_vertices", 1e-4)], (d, row, to) =>
            {
                var posed = new PosedBody(settings.Body!);
                settings.Body!.Pose(d.Row($"{person}_theta", row), posed);
                posed.Vertices.CopyTo(to[0], 0);
            })
            { Lacks = noBody };
            yield return new($"rasterize {person}", [$"{person}_theta", $"{person}_vertices"],
                [new($"{person}_face_index", 0, Share: EdgeShare), new($"{person}_weights", 5e-3, Share: EdgeShare)],
                (d, row, to) => Rasterize(settings.Body!, d, row, person, to)) { Lacks = noBody };
            if (person == "source")
            {
                yield return new("points of source", ["source_theta", "source_vertices"], [new("source_points", 1e-5)],
                    (d, row, to) => Camera.FacePoints(Project(d, row, person), settings.Body!.Faces, to[0])) { Lacks = noBody };
            }
            yield return new($"condition of {person}", [$"{person}_face_index"], [new($"{person}_condition", 1e-5)],
                (d, row, to) => BodyMaps.Condition(d.Faces($"{person}_face_index", row), settings.Body!.Surface, to[0]))
            { Lacks = settings.Body is { Surface.HasCondition: true } ? null : "a body with texture coordinates (mapper.txt)" };
        }
    }

    private delegate void FrontBlend(TransferResult result, ReadOnlySpan<float> front, ReadOnlySpan<float> warped);

    /// <summary>Returns the stage that combines the camera by strategy, the reference's pose and the source's shape. Only
    /// <see cref="CameraStrategy.Smooth"/> reads the reference's first frame.</summary>
    private static VerificationStage RetargetStage(TensorDump dump, CameraStrategy strategy)
    {
        return new("retarget", Reads(strategy), [new("target_theta", 1e-5)], Retarget(strategy))
        {
            Variants = [.. Enum.GetValues<CameraStrategy>().Where(s => Reads(s).All(dump.Contains))
            .Select(s => ($"it agrees with the camera strategy {s}", Retarget(s)))],
        };

        static string[] Reads(CameraStrategy strategy) =>
            strategy == CameraStrategy.Smooth ? ["source_theta", "reference_theta", "reference_origin"]
            : ["source_theta", "reference_theta"];

        static Action<TensorDump, int, float[][]> Retarget(CameraStrategy strategy) => (d, row, to) =>
            Retargeting.Retarget(d.Row("source_theta", row), d.Row("reference_theta", row), strategy == CameraStrategy.Smooth
            ? d.Row("reference_origin", row) : [], strategy, to[0]);
    }

    private static float[] Project(TensorDump dump, int row, string person)
    {
        ReadOnlySpan<float> vertices = dump.Row($"{person}_vertices", row);
        var points = new float[vertices.Length];
        Camera.Project(vertices, new ReadOnlySmpl(dump.Row($"{person}_theta", row)).Camera, points);
        return points;
    }

    private static void Rasterize(BodyModel body, TensorDump dump, int row, string person, float[][] to)
    {
        int size = dump.PictureSize;
        var faceIndex = new int[size * size];
        var weights = new float[3 * size * size];
        new MeshRasterizer(size).Draw(Project(dump, row, person), body.Faces, faceIndex, weights);
        for (int i = 0; i < to[0].Length; i++)
            to[0][i] = faceIndex[i];
        weights.AsSpan(0, to[1].Length).CopyTo(to[1]);
    }

    /// <summary>The networks. Each check runs the whole generator, with grey inputs for the streams that it does not read.</summary>
    private sealed class Workers(TensorDump dump, VerificationSettings settings) : IDisposable
    {
        private ISmplWorker? _estimator;
        private ITransferWorker? _generator;
        private TransferResult? _result;

        private bool ReadsImage => settings.Generator?.SourceTensors.HasFlag(TransferTensors.SourceImage) ?? false;

        /// <summary>The inputs of the background net. The library's own generators also read the picture, since they keep it around the
        /// hole.</summary>
        public string[] BackgroundReads => ReadsImage ? ["background_input", "image"] : ["background_input"];

        public void Estimate(TensorDump dump, int row, float[][] to)
        {
            _estimator ??= settings.Estimator!.CreateWorker();
            dump.Row("estimator_image", row).CopyTo(_estimator.Picture(0));
            _estimator.Run();
            _estimator.Smpl(0).CopyTo(to[0]);
        }

        public void Background(TensorDump dump, int row, float[][] to)
        {
            Generate(row, "background_input");
            _result!.Background.CopyTo(to[0], 0);
        }

        public void Transfer(TensorDump dump, int row, float[][] to)
        {
            Generate(row, "source_input", "transfer_input", "T");
            _result!.Color.AsSpan(0, to[0].Length).CopyTo(to[0]);
            _result.Mask.AsSpan(0, to[1].Length).CopyTo(to[1]);
        }

        public void Dispose()
        {
            _estimator?.Dispose();
            _generator?.Dispose();
        }

        private void Generate(int row, params string[] read)
        {
            int size = dump.PictureSize, plane = size * size;
            _generator ??= settings.Generator!.CreateWorker(size);
            _result ??= new TransferResult(size);
            // Inputs that the stage does not read are grey; the streams are independent of each other.
            var frame = new TransferFrame
            {
                BackgroundInput = Tensor("background_input", 4),
                ForegroundInput = Tensor("source_input", 6),
                TransferInput = Tensor("transfer_input", 6),
                Flow = Tensor("T", 2),
                SourceImage = ReadsImage && dump.Contains("image") ? dump.Row("image", row) : new float[3 * plane],
            };
            _generator.Prepare(frame);
            _generator.Generate(frame, _result);

            ReadOnlySpan<float> Tensor(string name, int channels) =>
                read.Contains(name) && dump.Contains(name) ? dump.Row(name, row) : new float[channels * plane];
        }
    }
}
