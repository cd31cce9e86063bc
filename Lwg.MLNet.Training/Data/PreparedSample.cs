using Lwg.MLNet.Body;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Rendering;
using Lwg.MLNet.Warping;

namespace Lwg.MLNet.Training.Data;

/// <summary>What the networks read and what they should make, for one sample.</summary>
internal sealed class PreparedSample(int size)
{
    public int Size => size;

    public string Name { get; set; } = "";

    public float[] SourceImage { get; } = new float[3 * size * size];

    public float[] TargetImage { get; } = new float[3 * size * size];

    public float[] BackgroundInput { get; } = new float[4 * size * size];

    public float[] ForegroundInput { get; } = new float[6 * size * size];

    public float[] TransferInput { get; } = new float[6 * size * size];

    public float[] Flow { get; } = new float[2 * size * size];

    /// <summary>1 on background: what the source stream's mask should be.</summary>
    public float[] SourceBackgroundMask { get; } = new float[size * size];

    /// <summary>1 on background: what the transfer stream's mask should be.</summary>
    public float[] TargetBackgroundMask { get; } = new float[size * size];

    public float[] Background { get; } = new float[3 * size * size];

    /// <summary>1 where the background is known to be true.</summary>
    public float[] BackgroundKnown { get; } = new float[size * size];
}

/// <summary>Makes networks' inputs of samples: body recovery and flow (Liu et al. 2019, section 3.1) as in the pipeline, on plain arrays.</summary>
internal sealed class SamplePreparer
{
    private readonly BodyModel _body;
    private readonly GeneratorTrainingOptions _options;
    private readonly PosedBody _posed;
    private readonly MeshRasterizer _rasterizer;
    private readonly InputAssembler _assembler;
    private readonly PersonHole _hole;
    private readonly int _size;
    private readonly float[] _points, _facePoints, _weights, _sourceCondition, _targetCondition, _warped, _misfit = new float[SmplLayout.ParameterCount];
    private readonly int[] _faceIndex;

    public SamplePreparer(BodyModel body, GeneratorTrainingOptions options, int size)
    {
        (_body, _options, _size) = (body, options, size);
        _posed = new PosedBody(body);
        (_rasterizer, _assembler, _hole) = (new MeshRasterizer(size), new InputAssembler(size), new PersonHole(size));
        (_points, _facePoints) = (new float[3 * body.VertexCount], new float[6 * body.FaceCount]);
        (_weights, _faceIndex, _warped) = (new float[3 * size * size], new int[size * size], new float[3 * size * size]);
        (_sourceCondition, _targetCondition) = (new float[3 * size * size], new float[3 * size * size]);
    }

    /// <summary>Prepares a sample.</summary>
    /// <param name="sample">The sample.</param>
    /// <param name="number">Its number, which seeds the misfit.</param>
    /// <param name="prepared">Receives inputs and aims.</param>
    public void Prepare(TrainingSample sample, long number, PreparedSample prepared)
    {
        prepared.Name = sample.Name;
        sample.SourceImage.CopyTo(prepared.SourceImage, 0);
        sample.TargetImage.CopyTo(prepared.TargetImage, 0);
        sample.SourceSmpl.CopyTo(_misfit, 0);
        if (_options.SourceMisfit > 0)
            Misfit(_misfit, number);

        Draw(_misfit, _sourceCondition);
        Camera.FacePoints(_points, _body.Faces, _facePoints);
        Draw(sample.TargetSmpl, _targetCondition);
        TransformationFlow.Compute(_facePoints, _faceIndex, _weights, prepared.Flow);

        _assembler.Background(sample.SourceImage, _sourceCondition, GeneratorTrainingOptions.KernelAt(_options.BackgroundKernel, _size), prepared.BackgroundInput);
        _assembler.Foreground(sample.SourceImage, _sourceCondition, prepared.ForegroundInput, prepared.SourceBackgroundMask);
        // Without any warping, for comparison, the source stands as it is beside the target's condition.
        if (_options.UnwarpedInput)
            sample.SourceImage.CopyTo(_warped, 0);
        else
            GridSampler.Sample(sample.SourceImage, 3, _size, _size, prepared.Flow, _options.Shape.AlignCorners, _warped);
        _assembler.Transfer(_warped, _targetCondition, prepared.TransferInput);
        _assembler.CropMask(_targetCondition, prepared.TargetBackgroundMask);
        int n = _size * _size;
        if (sample.HasTruth)
        {
            for (int i = 0; i < n; i++)
                (prepared.SourceBackgroundMask[i], prepared.TargetBackgroundMask[i]) = (1 - sample.SourceMask[i], 1 - sample.TargetMask[i]);
            sample.Background.CopyTo(prepared.Background, 0);
            Array.Fill(prepared.BackgroundKnown, 1);
        }
        else
        {
            // The target shows what the source hides, wherever the person does not stand there.
            sample.TargetImage.CopyTo(prepared.Background, 0);
            prepared.TargetBackgroundMask.CopyTo(prepared.BackgroundKnown, 0);
        }
        _hole.Fill(sample.SourceImage, prepared.BackgroundInput.AsSpan(3 * n), prepared.SourceBackgroundMask, prepared.BackgroundInput);
    }

    private void Draw(ReadOnlySpan<float> smpl, float[] condition)
    {
        _body.Pose(smpl, _posed);
        Camera.Project(_posed.Vertices, smpl.Slice(SmplLayout.CameraOffset, SmplLayout.CameraCount), _points);
        _rasterizer.Draw(_points, _body.Faces, _faceIndex, _weights);
        BodyMaps.Condition(_faceIndex, _body.Surface, condition);
    }

    // Real fits are a little off: joints by some degrees, the camera by half a percent.
    private void Misfit(Span<float> smpl, long number)
    {
        var random = new Random(unchecked((int)(number * 2654435761 + _options.Seed)));
        float strength = _options.SourceMisfit;
        smpl[0] *= 1 + 0.006f * strength * Normal(random);
        smpl[1] += 0.006f * strength * Normal(random);
        smpl[2] += 0.006f * strength * Normal(random);
        for (int i = 0; i < SmplLayout.PoseCount; i++)
            smpl[SmplLayout.PoseOffset + i] += (i < 3 ? 0.02f : 0.03f) * strength * Normal(random);
        for (int i = 0; i < SmplLayout.ShapeCount; i++)
            smpl[SmplLayout.ShapeOffset + i] += 0.25f * strength * Normal(random);
    }

    private static float Normal(Random random) => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
}
