using Lwg.MLNet.Body;
using Lwg.MLNet.Transforms.Stages;
using Microsoft.ML.Runtime;

namespace Lwg.MLNet.Transforms;

/// <summary>Options of <c>PoseBody</c>.</summary>
public sealed class PoseBodyOptions : StageOptions
{
    /// <summary>The prefix of the column names. The output columns are prefix + Vertices [V,3], Joints3D [19,3], Joints2D [19,2] (in
    /// [-1,1]; both only if the body has key points), Camera [3], Pose [72] and Shape [10].</summary>
    public string OutputPrefix { get; init; } = "";

    /// <summary>The input column: SMPL parameters [85]; null for prefix + Smpl.</summary>
    public string? InputColumnName { get; init; }

    internal string Input => InputColumnName ?? OutputPrefix + "Smpl";

    internal override void Check() => ArgumentNullException.ThrowIfNull(OutputPrefix);
}

/// <summary>Poses a body with SMPL parameters: see <see cref="BodyModel.Pose(ReadOnlySpan{float}, PosedBody)"/>.</summary>
internal sealed class PoseBodyTransformer : StageTransformer<PoseBodyOptions>
{
    internal const string Name = "PoseBody";

    private readonly BodyModel _body;

    internal PoseBodyTransformer(IHostEnvironment environment, PoseBodyOptions options, BodyModel body)
        : base(environment, Name, options, body)
    {
        _body = body;
        string prefix = options.OutputPrefix;
        List<StageColumn> outputs =
        [
            StageColumn.Singles(prefix + "Vertices", "V,3", ColumnFacts.Body),
            StageColumn.Singles(prefix + "Camera", $"{SmplLayout.CameraCount}"),
            StageColumn.Singles(prefix + "Pose", $"{SmplLayout.PoseCount}"),
            StageColumn.Singles(prefix + "Shape", $"{SmplLayout.ShapeCount}"),
        ];
        if (body.HasKeypoints)
            outputs.AddRange([StageColumn.Singles(prefix + "Joints3D", $"{Skeleton.KeypointCount},3"),
                StageColumn.Singles(prefix + "Joints2D", $"{Skeleton.KeypointCount},2")]);
        Signature = new StageSignature
        {
            Stage = Name,
            Inputs = [StageColumn.Smpl(options.Input)],
            Outputs = outputs,
            Sizes = new Dictionary<string, int> { ["V"] = body.VertexCount },
            BodyHash = body.Hash,
        };
    }

    internal override StageSignature Signature { get; }

    internal override StageKernel CreateKernel(StageBuffers buffers)
    {
        string prefix = Options.OutputPrefix;
        float[] smpl = buffers.Input<float>(Options.Input);
        float[] vertices = buffers.Output<float>(prefix + "Vertices"), camera = buffers.Output<float>(prefix + "Camera");
        float[] pose = buffers.Output<float>(prefix + "Pose"), shape = buffers.Output<float>(prefix + "Shape");
        float[] joints3D = _body.HasKeypoints ? buffers.Output<float>(prefix + "Joints3D") : [];
        float[] joints2D = _body.HasKeypoints ? buffers.Output<float>(prefix + "Joints2D") : [];
        var posed = new PosedBody(_body);
        return new StageKernel(Compute: () =>
        {
            _body.Pose(smpl, posed);
            posed.Vertices.CopyTo(vertices, 0);
            posed.Keypoints.CopyTo(joints3D, 0);
            posed.Keypoints2D.CopyTo(joints2D, 0);
            var person = new ReadOnlySmpl(smpl);
            person.Camera.CopyTo(camera);
            person.Pose.CopyTo(pose);
            person.Shape.CopyTo(shape);
        });
    }
}
