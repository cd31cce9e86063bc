using Lwg.MLNet.Body;
using Lwg.MLNet.Rendering;
using Lwg.MLNet.Transforms.Stages;
using Microsoft.ML.Runtime;

namespace Lwg.MLNet.Transforms;

/// <summary>Options of <c>RenderBodyMesh</c>.</summary>
public sealed class RenderBodyMeshOptions : StageOptions
{
    /// <summary>
    /// The prefix of the column names. The input columns are prefix + Vertices [V,3] and Camera [3]. The output columns are prefix +
    /// FaceIndex [S,S], Weights [S,S,3], Points [F,3,2] and Condition [3,S,S], and optionally PartMap [P + 1,S,S], FrontMap [1,S,S] and
    /// HeadMap [1,S,S].
    /// </summary>
    public string OutputPrefix { get; init; } = "";

    /// <summary>The input column of the vertices [V,3]; null for prefix + Vertices.</summary>
    public string? VerticesColumnName { get; init; }

    /// <summary>The input column of the camera [3]; null for prefix + Camera.</summary>
    public string? CameraColumnName { get; init; }

    /// <summary>S, the size of the maps, 32 to 2048 pixels.</summary>
    public int ImageSize { get; init; } = 256;

    /// <summary>Whether a part map is created: one channel per part, background last.</summary>
    public bool WithPartMap { get; init; }

    /// <summary>Whether a map of the facial front is created.</summary>
    public bool WithFrontMap { get; init; }

    /// <summary>Whether a map of the head is created.</summary>
    public bool WithHeadMap { get; init; }

    internal string Vertices => VerticesColumnName ?? OutputPrefix + "Vertices";

    internal string Camera => CameraColumnName ?? OutputPrefix + "Camera";

    internal override void Check()
    {
        ArgumentNullException.ThrowIfNull(OutputPrefix);
        CheckImageSize(ImageSize, nameof(ImageSize));
    }
}

/// <summary>Renders the mesh of a body into maps: see <see cref="MeshRasterizer"/> and <see cref="BodyMaps"/>.</summary>
internal sealed class RenderBodyMeshTransformer : StageTransformer<RenderBodyMeshOptions>
{
    internal const string Name = "RenderBodyMesh";

    private const ColumnFacts MapFacts = ColumnFacts.Body | ColumnFacts.ImageSize;

    private readonly BodyModel _body;

    internal RenderBodyMeshTransformer(IHostEnvironment environment, RenderBodyMeshOptions options, BodyModel body)
        : base(environment, Name, options, body)
    {
        _body = body;
        RequireTables(options, body.Surface);
        string prefix = options.OutputPrefix;
        List<StageColumn> outputs =
        [
            StageColumn.Integers(prefix + "FaceIndex", "S,S", MapFacts),
            StageColumn.Singles(prefix + "Weights", "S,S,3", MapFacts),
            StageColumn.Singles(prefix + "Points", "F,3,2", MapFacts),
            StageColumn.Singles(prefix + "Condition", "3,S,S", MapFacts),
        ];
        if (options.WithPartMap)
            outputs.Add(StageColumn.Singles(prefix + "PartMap", $"{body.Surface.PartNames.Count + 1},S,S", MapFacts));
        if (options.WithFrontMap)
            outputs.Add(StageColumn.Singles(prefix + "FrontMap", "1,S,S", MapFacts));
        if (options.WithHeadMap)
            outputs.Add(StageColumn.Singles(prefix + "HeadMap", "1,S,S", MapFacts));
        Signature = new StageSignature
        {
            Stage = Name,
            Inputs = [StageColumn.Singles(options.Vertices, "V,3", ColumnFacts.Body), StageColumn.Singles(options.Camera, "3")],
            Outputs = outputs,
            Sizes = new Dictionary<string, int> { ["V"] = body.VertexCount, ["F"] = body.FaceCount, ["S"] = options.ImageSize },
            BodyHash = body.Hash,
        };
    }

    internal override StageSignature Signature { get; }

    internal override StageKernel CreateKernel(StageBuffers buffers)
    {
        string prefix = Options.OutputPrefix;
        float[] vertices = buffers.Input<float>(Options.Vertices), camera = buffers.Input<float>(Options.Camera);
        int[] faceIndex = buffers.Output<int>(prefix + "FaceIndex");
        float[] weights = buffers.Output<float>(prefix + "Weights"), facePoints = buffers.Output<float>(prefix + "Points"),
            condition = buffers.Output<float>(prefix + "Condition");
        float[]? parts = Options.WithPartMap ? buffers.Output<float>(prefix + "PartMap") : null;
        float[]? front = Options.WithFrontMap ? buffers.Output<float>(prefix + "FrontMap") : null;
        float[]? head = Options.WithHeadMap ? buffers.Output<float>(prefix + "HeadMap") : null;
        var rasterizer = new MeshRasterizer(Options.ImageSize);
        var points = new float[vertices.Length];
        return new StageKernel(Compute: () =>
        {
            Camera.Project(vertices, camera, points);
            Camera.FacePoints(points, _body.Faces, facePoints);
            rasterizer.Draw(points, _body.Faces, faceIndex, weights);
            BodyMaps.Condition(faceIndex, _body.Surface, condition);
            if (parts is not null)
                BodyMaps.Parts(faceIndex, _body.Surface, parts);
            if (front is not null)
                BodyMaps.Front(faceIndex, _body.Surface, front);
            if (head is not null)
                BodyMaps.Head(faceIndex, _body.Surface, head);
        });
    }

    /// <summary>Reads the required tables of the surface, to report missing ones now and not at the first row.</summary>
    private static void RequireTables(RenderBodyMeshOptions options, BodySurface surface)
    {
        try
        {
            _ = surface.Condition;
            _ = options.WithPartMap ? surface.Part : default;
            _ = options.WithFrontMap ? surface.Front : default;
            _ = options.WithHeadMap ? surface.Head : default;
        }
        catch (BodyMismatchException e)
        {
            throw StageErrors.In(Name, null, e);
        }
    }
}
