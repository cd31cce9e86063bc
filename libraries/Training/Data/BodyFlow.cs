using System.Numerics.Tensors;
using Lwg.MLNet.Body;
using Lwg.MLNet.Rendering;
using Lwg.MLNet.Warping;

namespace Lwg.MLNet.Training.Data;

/// <summary>Makes networks' inputs of two bodies: body recovery and flow (Liu et al. 2019, section 3.1) as in the pipeline, on plain arrays.</summary>
internal sealed class BodyFlow
{
    private readonly BodyModel _body;
    private readonly GeneratorTrainingOptions _options;
    private readonly PosedBody _posed;
    private readonly MeshRasterizer _rasterizer;
    private readonly InputAssembler _assembler;
    private readonly int _size;
    private readonly float[] _points, _sourceWeights, _sourceCondition, _targetCondition, _warped, _front, _map;
    private bool[]? _taken;
    private float[] _referencePoints = [], _borrowed = [];

    public BodyFlow(BodyModel body, GeneratorTrainingOptions options, int size)
    {
        (_body, _options, _size) = (body, options, size);
        (_posed, _rasterizer, _assembler) = (new PosedBody(body), new MeshRasterizer(size), new InputAssembler(size));
        (_points, SourcePoints) = (new float[3 * body.VertexCount], new float[6 * body.FaceCount]);
        (SourceFaceIndex, TargetFaceIndex) = (new int[size * size], new int[size * size]);
        (_sourceWeights, TargetWeights, _warped) = (new float[3 * size * size], new float[3 * size * size], new float[3 * size * size]);
        (_front, _map) = (new float[size * size], new float[size * size]);
        (_sourceCondition, _targetCondition) = (new float[3 * size * size], new float[3 * size * size]);
    }

    /// <summary>The picture points of the source's faces [F,3,2].</summary>
    public float[] SourcePoints { get; }

    /// <summary>The source's face index map [S,S].</summary>
    public int[] SourceFaceIndex { get; }

    /// <summary>The target's face index map [S,S].</summary>
    public int[] TargetFaceIndex { get; }

    /// <summary>The target's weight map [S,S,3].</summary>
    public float[] TargetWeights { get; }

    /// <summary>Fills the inputs, T and, after the bodies' silhouettes, the masks.</summary>
    /// <param name="image">The source picture [3,S,S].</param>
    /// <param name="sourceSmpl">The body in it.</param>
    /// <param name="targetSmpl">The body that is wanted.</param>
    /// <param name="prepared">Receives them.</param>
    public void Recover(ReadOnlySpan<float> image, ReadOnlySpan<float> sourceSmpl, ReadOnlySpan<float> targetSmpl, PreparedSample prepared)
    {
        Draw(sourceSmpl, SourceFaceIndex, _sourceWeights, _sourceCondition);
        Camera.FacePoints(_points, _body.Faces, SourcePoints);
        Draw(targetSmpl, TargetFaceIndex, TargetWeights, _targetCondition);
        TransformationFlow.Compute(SourcePoints, TargetFaceIndex, TargetWeights, prepared.Flow);

        Source(image, prepared);
        // Without any warping, for comparison, the source stands as it is beside the target's condition.
        if (_options.UnwarpedInput)
            image.CopyTo(_warped);
        else
            GridSampler.Sample(image, 3, _size, _size, prepared.Flow, _options.Shape.AlignCorners, _warped);
        Target(TargetFaceIndex, _targetCondition, prepared);
    }

    /// <summary>Fills the inputs and flows of an appearance transfer (section 3.3 there): the source keeps its pose and head, all else is the reference's.</summary>
    /// <param name="image">The source picture [3,S,S].</param>
    /// <param name="sourceSmpl">The body in it.</param>
    /// <param name="referenceImage">The reference picture [3,S,S].</param>
    /// <param name="referenceSmpl">The body in it.</param>
    /// <param name="prepared">Receives them.</param>
    public void RecoverAppearance(ReadOnlySpan<float> image, ReadOnlySpan<float> sourceSmpl, ReadOnlySpan<float> referenceImage, ReadOnlySpan<float> referenceSmpl, PreparedSample prepared)
    {
        if (_taken is null)
            (_taken, _referencePoints, _borrowed) = (PartSelection.Faces(_body.Surface, [PartSelection.Body]), new float[SourcePoints.Length], new float[_warped.Length]);
        Draw(referenceSmpl, TargetFaceIndex, TargetWeights, _targetCondition);
        Camera.FacePoints(_points, _body.Faces, _referencePoints);
        _assembler.Foreground(referenceImage, _targetCondition, prepared.ReferenceForegroundInput, _map);
        Draw(sourceSmpl, SourceFaceIndex, _sourceWeights, _sourceCondition);
        AppearanceFlow.Compute(_referencePoints, SourceFaceIndex, _sourceWeights, _taken, _size, _options.Shape.AlignCorners, prepared.Flow, prepared.ReferenceFlow, _map);

        Source(image, prepared);
        // Wherever one of them is sampled the other is nowhere.
        GridSampler.Sample(image, 3, _size, _size, prepared.Flow, _options.Shape.AlignCorners, _warped);
        GridSampler.Sample(referenceImage, 3, _size, _size, prepared.ReferenceFlow, _options.Shape.AlignCorners, _borrowed);
        TensorPrimitives.Add(_warped, _borrowed, _warped);
        Target(SourceFaceIndex, _sourceCondition, prepared);
    }

    private void Source(ReadOnlySpan<float> image, PreparedSample prepared)
    {
        _assembler.Background(image, _sourceCondition, GeneratorTrainingOptions.KernelAt(_options.BackgroundKernel, _size), prepared.BackgroundInput);
        _assembler.Foreground(image, _sourceCondition, prepared.ForegroundInput, prepared.SourceBackgroundMask);
    }

    private void Target(int[] faceIndex, float[] condition, PreparedSample prepared)
    {
        _assembler.Transfer(_warped, condition, prepared.TransferInput);
        _assembler.CropMask(condition, prepared.TargetBackgroundMask);
        BodyMaps.Front(faceIndex, _body.Surface, _front);
        float[] box = new float[4];
        prepared.FaceBox = BodyBoxes.Face(_front, _size, box) ? box : null;
    }

    private void Draw(ReadOnlySpan<float> smpl, int[] faceIndex, float[] weights, float[] condition)
    {
        _body.Pose(smpl, _posed);
        Camera.Project(_posed.Vertices, smpl.Slice(SmplLayout.CameraOffset, SmplLayout.CameraCount), _points);
        _rasterizer.Draw(_points, _body.Faces, faceIndex, weights);
        BodyMaps.Condition(faceIndex, _body.Surface, condition);
    }
}
